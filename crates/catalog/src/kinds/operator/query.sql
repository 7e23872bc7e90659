SELECT pg_catalog.json_build_object(
         'signature', pg_catalog.json_build_object(
           'name', pg_catalog.json_build_object('schema', n.nspname, 'name', o.oprname),
           'arguments', o.arguments),
         'definition', pg_catalog.concat_ws(', ',
           'function = ' || nullif(o.oprcode, 0)::pg_catalog.regproc::text,
           (SELECT pg_catalog.format('commutator = OPERATOR(%I.%s)', s.nspname, c.oprname)
            FROM pg_catalog.pg_operator c
            JOIN pg_catalog.pg_namespace s ON s.oid = c.oprnamespace WHERE c.oid = o.oprcom),
           (SELECT pg_catalog.format('negator = OPERATOR(%I.%s)', s.nspname, c.oprname)
            FROM pg_catalog.pg_operator c
            JOIN pg_catalog.pg_namespace s ON s.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
           'restrict = ' || nullif(o.oprrest, 0)::pg_catalog.regproc::text,
           'join = ' || nullif(o.oprjoin, 0)::pg_catalog.regproc::text,
           CASE WHEN o.oprcanhash THEN 'hashes' END,
           CASE WHEN o.oprcanmerge THEN 'merges' END),
         'comment', pg_catalog.obj_description(o.oid, 'pg_operator'))::text
FROM (SELECT o.*, pg_catalog.concat_ws(', ',
               CASE o.oprleft WHEN 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END,
               CASE o.oprright WHEN 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprright, NULL) END
             ) COLLATE "C" AS arguments
      FROM pg_catalog.pg_operator o) AS o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
-- One without a function is only named by another one, as its commutator or negator.
WHERE o.oprcode <> 0
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass
                    AND d.objid = o.oid AND d.deptype = 'e')
ORDER BY n.nspname, o.oprname, o.arguments
