SELECT pg_catalog.json_build_object(
         'table', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
         'name', r.rulename,
         'definition', pg_catalog.pg_get_ruledef(r.oid),
         'enabled', r.ev_enabled,
         'comment', pg_catalog.obj_description(r.oid, 'pg_rewrite'))::text
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname, r.rulename
