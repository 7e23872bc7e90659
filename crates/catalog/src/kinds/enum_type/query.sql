SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', t.typname),
         'labels', (SELECT coalesce(pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
                    FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),
         'comment', pg_catalog.obj_description(t.oid, 'pg_type'))::text
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                    AND d.objid = t.oid AND d.deptype = CASE WHEN $2 THEN '' ELSE 'e'::"char" END)
ORDER BY n.nspname, t.typname
