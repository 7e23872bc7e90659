-- Told is who may do other things with an object than with a new one of the same owner, be it by
-- PostgreSQL's defaults alone or with those that ALTER DEFAULT PRIVILEGES adds.
-- Left out: owners and superusers, who may do everything and have other names on other servers; what all
-- may do in schema public, which depends on the version and on whether the schema was made again.
SELECT pg_catalog.json_build_object(
         'grantee', coalesce(r.rolname, 'public'),
         'object_kind', o.kind,
         'object', o.object,
         'target', CASE o.kind WHEN 'schema' THEN pg_catalog.format('SCHEMA %I', o.nspname)
           WHEN 'column' THEN pg_catalog.format('TABLE %I.%I', o.nspname, o.relation)
           ELSE pg_catalog.format('%s %I.%I%s', pg_catalog.upper(o.kind), o.nspname, o.name, o.arguments) END,
         'table', CASE WHEN t.name IS NOT NULL THEN
           pg_catalog.json_build_object('schema', o.nspname, 'name', t.name) END,
         'column', o.attname,
         'privileges', coalesce(p.granted, '{}'),
         'usual', coalesce(p.usual, '{}'))::text
FROM (
  SELECT o.*, n.nspname, pg_catalog.concat_ws('.', n.nspname, o.name) || o.arguments AS object
  FROM (
    SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, relnamespace AS namespace,
           relname::text AS name, '' AS arguments,
           CASE WHEN relkind <> 'S' THEN relname END AS relation, NULL::name AS attname,
           'pg_catalog.pg_class'::pg_catalog.regclass AS classid, oid, relowner AS owner, relacl AS acl,
           CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS type
    FROM pg_catalog.pg_class
    WHERE relacl IS NOT NULL
    UNION ALL
    SELECT 'column', c.relnamespace, c.relname || '.' || a.attname, '', c.relname, a.attname,
           'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relowner, a.attacl, 'c'
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, pronamespace, proname,
           '(' || pg_catalog.pg_get_function_identity_arguments(oid) || ')', NULL, NULL,
           'pg_catalog.pg_proc'::pg_catalog.regclass, oid, proowner, proacl, 'f'
    FROM pg_catalog.pg_proc
    WHERE proacl IS NOT NULL
    UNION ALL
    SELECT 'type', typnamespace, typname, '', NULL, NULL,
           'pg_catalog.pg_type'::pg_catalog.regclass, oid, typowner, typacl, 'T'
    FROM pg_catalog.pg_type
    WHERE typacl IS NOT NULL
    UNION ALL
    SELECT 'schema', oid, NULL, '', NULL, NULL,
           'pg_catalog.pg_namespace'::pg_catalog.regclass, oid, nspowner, nspacl, 'n'
    FROM pg_catalog.pg_namespace
    WHERE nspacl IS NOT NULL
  ) AS o
  JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = o.classid AND d.objid = o.oid AND d.deptype = 'e')
) AS o
CROSS JOIN LATERAL (
  SELECT i.grantee,
         pg_catalog.array_agg(DISTINCT i.text ORDER BY i.text) FILTER (WHERE i.origin = 'granted') AS granted,
         pg_catalog.array_agg(DISTINCT i.text ORDER BY i.text) FILTER (WHERE i.origin = 'builtin') AS builtin,
         pg_catalog.array_agg(DISTINCT i.text ORDER BY i.text) FILTER (WHERE i.origin <> 'granted') AS usual
  FROM (
    SELECT l.origin, a.grantee,
           a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS text
    FROM (
      SELECT 'granted' AS origin, o.acl
      UNION ALL SELECT 'builtin', pg_catalog.acldefault(o.type, o.owner)
      UNION ALL
      SELECT 'default', d.defaclacl
      FROM pg_catalog.pg_default_acl d
      WHERE d.defaclrole = o.owner AND d.defaclnamespace IN (0, o.namespace)
        AND d.defaclobjtype = CASE o.type WHEN 's' THEN 'S' ELSE o.type END
    ) AS l
    CROSS JOIN LATERAL pg_catalog.aclexplode(l.acl) AS a
  ) AS i
  GROUP BY i.grantee
) AS p
CROSS JOIN LATERAL (
  -- A sequence goes with the table whose column owns it.
  SELECT CASE o.kind WHEN 'sequence' THEN (
    SELECT c.relname
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
    WHERE d.classid = o.classid AND d.objid = o.oid AND d.refclassid = o.classid
      AND d.deptype IN ('a', 'i')) ELSE o.relation END
) AS t(name)
LEFT JOIN pg_catalog.pg_roles r ON r.oid = p.grantee
WHERE p.granted IS DISTINCT FROM p.builtin AND p.granted IS DISTINCT FROM p.usual
  AND p.grantee <> o.owner AND r.rolsuper IS NOT TRUE
  AND NOT (o.kind = 'schema' AND o.nspname = 'public' AND p.grantee = 0)
ORDER BY o.kind, o.object COLLATE "C", coalesce(r.rolname, 'public')
