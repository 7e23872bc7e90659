-- A schema `public` that was dropped and made again is the same without the comment it was born with.
SELECT pg_catalog.json_build_object(
         'name', n.nspname,
         'comment', nullif(pg_catalog.obj_description(n.oid, 'pg_namespace'), 'standard public schema'))::text
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                    AND d.objid = n.oid AND d.deptype = 'e')
ORDER BY n.nspname
