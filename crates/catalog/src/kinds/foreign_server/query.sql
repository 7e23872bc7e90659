-- Foreign servers belong to the database, whichever schemas are looked at.
SELECT pg_catalog.json_build_object(
         'name', s.srvname,
         'wrapper', w.fdwname,
         'type', s.srvtype,
         'version', s.srvversion,
         'options', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.regexp_replace(
                       o, '^([^=]*(passw|secret|token|api_?key|credential)[^=]*=).*', '\1***', 'i') ORDER BY o), '[]')
                     FROM pg_catalog.unnest(s.srvoptions) AS o),
         'comment', pg_catalog.obj_description(s.oid, 'pg_foreign_server'))::text
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass
                    AND d.objid = s.oid AND d.deptype = 'e')
ORDER BY s.srvname
