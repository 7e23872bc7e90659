SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', s.stxname),
         'table', pg_catalog.json_build_object('schema', cn.nspname, 'name', c.relname),
         'definition', pg_catalog.pg_get_statisticsobjdef(s.oid),
         'target', nullif(s.target, -1),
         'comment', pg_catalog.obj_description(s.oid, 'pg_statistic_ext'))::text
-- Older servers lack the column and take this row's; PostgreSQL looks for a name in the innermost FROM
-- first.
FROM (SELECT -1 AS stxstattarget) AS absent
CROSS JOIN LATERAL (SELECT s.*, stxstattarget AS target FROM pg_catalog.pg_statistic_ext s) AS s
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass
                    AND d.objid = s.oid AND d.deptype = 'e')
ORDER BY n.nspname, s.stxname
