-- Told is what belongs to another role than most tables do: that one is whoever applies migrations,
-- under whatever name it has on this server. Of several with as many tables it is the one that the
-- history table belongs to, else the one that asks.
-- Tolerated is a role that can act as that one, or the other way round: it owns what it owns since
-- deployments changed hands.
-- Left out besides what extensions own: indexes and owned sequences, which belong to whom their table
-- belongs to; schema public, of which the owner depends on the version.
WITH RECURSIVE usual AS (
  SELECT c.relowner AS role
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
  GROUP BY c.relowner
  ORDER BY pg_catalog.count(*) DESC, pg_catalog.bool_or(c.relname = '_prisma_migrations') DESC,
           (SELECT r.rolname = current_user FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner) DESC,
           c.relowner
  LIMIT 1
), above AS (
  SELECT role FROM usual
  UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN above a ON m.member = a.role
), below AS (
  SELECT role FROM usual
  UNION SELECT m.member FROM pg_catalog.pg_auth_members m JOIN below b ON m.roleid = b.role
)
SELECT pg_catalog.json_build_object(
         'role', pg_catalog.pg_get_userbyid(o.owner),
         'usual', coalesce((SELECT pg_catalog.pg_get_userbyid(role) FROM usual), current_user),
         'tolerated', o.owner IN (SELECT role FROM above UNION SELECT role FROM below),
         'object_kind', o.kind,
         'object', pg_catalog.concat_ws('.', n.nspname, o.name) || o.arguments,
         'target', CASE o.keyword WHEN 'SCHEMA' THEN pg_catalog.format('SCHEMA %I', n.nspname)
           ELSE pg_catalog.format('%s %I.%I%s', o.keyword, n.nspname, o.name, o.arguments) END,
         'table', CASE WHEN o.is_relation THEN
           pg_catalog.json_build_object('schema', n.nspname, 'name', o.name) END)::text
FROM (
  SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
           WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
         CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
           WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS keyword,
         relnamespace AS namespace, relname::text AS name, '' AS arguments, relkind <> 'S' AS is_relation,
         'pg_catalog.pg_class'::pg_catalog.regclass AS classid, oid, relowner AS owner
  FROM pg_catalog.pg_class
  WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, 'ROUTINE', pronamespace, proname,
         '(' || pg_catalog.pg_get_function_identity_arguments(oid) || ')', false,
         'pg_catalog.pg_proc'::pg_catalog.regclass, oid, proowner
  FROM pg_catalog.pg_proc
  UNION ALL
  SELECT 'type', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.typnamespace, t.typname, '', false,
         'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typowner
  FROM pg_catalog.pg_type t
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c'
  UNION ALL
  SELECT 'schema', 'SCHEMA', oid, NULL, '', false,
         'pg_catalog.pg_namespace'::pg_catalog.regclass, oid, nspowner
  FROM pg_catalog.pg_namespace
  WHERE nspname <> 'public'
) AS o
JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND o.owner <> (SELECT role FROM usual)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = o.classid AND d.objid = o.oid
                    AND (d.deptype = 'e' OR o.keyword = 'SEQUENCE' AND d.deptype IN ('a', 'i')
                         AND d.refclassid = o.classid))
ORDER BY o.kind, n.nspname COLLATE "C", o.name COLLATE "C", o.arguments COLLATE "C"
