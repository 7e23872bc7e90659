SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', d.dictname),
         'template', pg_catalog.format('%I.%I', tn.nspname, t.tmplname),
         'options', d.dictinitoption,
         'comment', pg_catalog.obj_description(d.oid, 'pg_ts_dict'))::text
FROM pg_catalog.pg_ts_dict d
JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass
                    AND e.objid = d.oid AND e.deptype = 'e')
ORDER BY n.nspname, d.dictname
