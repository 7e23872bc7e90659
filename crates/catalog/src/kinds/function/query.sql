-- Left out besides what extensions own: what a range type brings along (deptype i).
SELECT pg_catalog.json_build_object(
         'signature', pg_catalog.json_build_object(
           'name', pg_catalog.json_build_object('schema', n.nspname, 'name', p.proname),
           'arguments', pg_catalog.pg_get_function_identity_arguments(p.oid)),
         'routine', CASE p.prokind WHEN 'f' THEN 'function' WHEN 'p' THEN 'procedure'
                                   WHEN 'a' THEN 'aggregate' ELSE 'window' END,
         'definition', CASE
           -- pg_get_functiondef() refuses aggregates.
           WHEN p.prokind = 'a' THEN (
             SELECT pg_catalog.concat_ws(', ',
               'kind = ' || a.aggkind::text,
               'sfunc = ' || a.aggtransfn::text,
               'stype = ' || pg_catalog.format_type(a.aggtranstype, NULL),
               'sspace = ' || nullif(a.aggtransspace, 0)::text,
               'finalfunc = ' || nullif(a.aggfinalfn, 0)::pg_catalog.regproc::text,
               'finalfunc_extra = ' || nullif(a.aggfinalextra, false)::text,
               'finalfunc_modify = ' || a.aggfinalmodify::text,
               'combinefunc = ' || nullif(a.aggcombinefn, 0)::pg_catalog.regproc::text,
               'serialfunc = ' || nullif(a.aggserialfn, 0)::pg_catalog.regproc::text,
               'deserialfunc = ' || nullif(a.aggdeserialfn, 0)::pg_catalog.regproc::text,
               'initcond = ' || pg_catalog.quote_literal(a.agginitval),
               'msfunc = ' || nullif(a.aggmtransfn, 0)::pg_catalog.regproc::text,
               'minvfunc = ' || nullif(a.aggminvtransfn, 0)::pg_catalog.regproc::text,
               'mfinalfunc = ' || nullif(a.aggmfinalfn, 0)::pg_catalog.regproc::text,
               'minitcond = ' || pg_catalog.quote_literal(a.aggminitval),
               'sortop = ' || nullif(a.aggsortop, 0)::pg_catalog.regoperator::text,
               'parallel = ' || p.proparallel::text,
               'returns ' || pg_catalog.pg_get_function_result(p.oid))
             FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid)
           ELSE pg_catalog.pg_get_functiondef(p.oid)
         END,
         'comment', pg_catalog.obj_description(p.oid, 'pg_proc'))::text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                    AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
ORDER BY n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid) COLLATE "C"
