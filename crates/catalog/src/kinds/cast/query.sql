-- A cast has no schema: it is looked at where one of its types or its function is. Those that PostgreSQL
-- was born with have ids below 16384.
SELECT pg_catalog.json_build_object(
         'name', c.name,
         'definition', pg_catalog.concat_ws(' ',
           CASE c.castmethod WHEN 'i' THEN 'WITH INOUT' WHEN 'b' THEN 'WITHOUT FUNCTION'
                             ELSE 'WITH FUNCTION ' || c.castfunc::pg_catalog.regprocedure::text END,
           CASE c.castcontext WHEN 'i' THEN 'AS IMPLICIT' WHEN 'a' THEN 'AS ASSIGNMENT' END),
         'comment', pg_catalog.obj_description(c.oid, 'pg_cast'))::text
FROM (SELECT c.*, (pg_catalog.format_type(c.castsource, NULL) || ' AS '
                   || pg_catalog.format_type(c.casttarget, NULL)) COLLATE "C" AS name
      FROM pg_catalog.pg_cast c) AS c
JOIN pg_catalog.pg_type s ON s.oid = c.castsource
JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
LEFT JOIN pg_catalog.pg_proc f ON f.oid = c.castfunc
WHERE c.oid >= 16384
  AND ($1 IS NULL OR EXISTS (
        SELECT FROM pg_catalog.pg_namespace n
        WHERE n.nspname = ANY ($1) AND n.oid IN (s.typnamespace, t.typnamespace, f.pronamespace)))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
ORDER BY c.name
