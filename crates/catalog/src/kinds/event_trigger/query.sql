-- An event trigger has no schema: it is looked at where its function is.
SELECT pg_catalog.json_build_object(
         'name', e.evtname,
         'event', e.evtevent,
         'tags', (SELECT coalesce(pg_catalog.json_agg(t ORDER BY t), '[]')
                  FROM pg_catalog.unnest(e.evttags) AS t),
         'function', e.evtfoid::pg_catalog.regproc::text,
         'enabled', e.evtenabled,
         'comment', pg_catalog.obj_description(e.oid, 'pg_event_trigger'))::text
FROM pg_catalog.pg_event_trigger e
JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass
                    AND d.objid = e.oid AND d.deptype = 'e')
ORDER BY e.evtname
