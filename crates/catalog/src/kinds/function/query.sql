-- The definition of an aggregate is what stands in the parentheses of CREATE AGGREGATE.
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
               'sfunc = ' || a.aggtransfn::text,
               'stype = ' || pg_catalog.format_type(a.aggtranstype, NULL),
               'sspace = ' || nullif(a.aggtransspace, 0)::text,
               'finalfunc = ' || nullif(a.aggfinalfn, 0)::pg_catalog.regproc::text,
               CASE WHEN a.aggfinalextra THEN 'finalfunc_extra' END,
               'finalfunc_modify = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'read_only'
                 WHEN 's' THEN 'shareable' ELSE 'read_write' END,
               'combinefunc = ' || nullif(a.aggcombinefn, 0)::pg_catalog.regproc::text,
               'serialfunc = ' || nullif(a.aggserialfn, 0)::pg_catalog.regproc::text,
               'deserialfunc = ' || nullif(a.aggdeserialfn, 0)::pg_catalog.regproc::text,
               'initcond = ' || pg_catalog.quote_literal(a.agginitval),
               'msfunc = ' || nullif(a.aggmtransfn, 0)::pg_catalog.regproc::text,
               'minvfunc = ' || nullif(a.aggminvtransfn, 0)::pg_catalog.regproc::text,
               'mstype = ' || pg_catalog.format_type(nullif(a.aggmtranstype, 0), NULL),
               'msspace = ' || nullif(a.aggmtransspace, 0)::text,
               'mfinalfunc = ' || nullif(a.aggmfinalfn, 0)::pg_catalog.regproc::text,
               CASE WHEN a.aggmfinalextra THEN 'mfinalfunc_extra' END,
               'minitcond = ' || pg_catalog.quote_literal(a.aggminitval),
               (SELECT pg_catalog.format('sortop = OPERATOR(%I.%s)', s.nspname, o.oprname)
                FROM pg_catalog.pg_operator o
                JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
                WHERE o.oid = a.aggsortop),
               'parallel = ' || CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted'
                 ELSE 'unsafe' END,
               CASE WHEN a.aggkind = 'h' THEN 'hypothetical' END)
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
