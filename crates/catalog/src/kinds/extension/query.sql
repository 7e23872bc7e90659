-- Extensions belong to the database, whichever schemas are looked at. Every database has plpgsql.
SELECT pg_catalog.json_build_object(
         'name', e.extname,
         'schema', n.nspname,
         'version', e.extversion)::text
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
ORDER BY e.extname
