SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', c.cfgname),
         'definition', pg_catalog.concat_ws('; ', pg_catalog.format('parser %I.%I', pn.nspname, p.prsname),
           (SELECT pg_catalog.string_agg(m.alias || ' with ' || m.dictionaries, '; ' ORDER BY m.alias)
            FROM (SELECT t.alias, pg_catalog.string_agg(
                    m.mapdict::pg_catalog.regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                  FROM pg_catalog.pg_ts_config_map m
                  JOIN pg_catalog.ts_token_type(c.cfgparser) AS t ON t.tokid = m.maptokentype
                  WHERE m.mapcfg = c.oid
                  GROUP BY t.alias) AS m)),
         'comment', pg_catalog.obj_description(c.oid, 'pg_ts_config'))::text
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_ts_config'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.cfgname
