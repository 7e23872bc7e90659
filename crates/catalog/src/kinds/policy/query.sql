SELECT pg_catalog.json_build_object(
         'table', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
         'name', p.polname,
         'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                  WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
         'permissive', p.polpermissive,
         'roles', (SELECT pg_catalog.json_agg(r.name ORDER BY r.name)
                   FROM pg_catalog.unnest(p.polroles) AS o(role)
                   CROSS JOIN LATERAL (SELECT CASE o.role WHEN 0 THEN 'public'::name
                                              ELSE pg_catalog.pg_get_userbyid(o.role) END) AS r(name)),
         'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
         'with_check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
         'comment', pg_catalog.obj_description(p.oid, 'pg_policy'))::text
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname, p.polname
