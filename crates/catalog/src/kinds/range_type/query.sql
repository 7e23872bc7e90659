SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', t.typname),
         'definition', pg_catalog.concat_ws(', ',
           'subtype = ' || pg_catalog.format_type(r.rngsubtype, NULL),
           (SELECT 'subtype_opclass = ' || pg_catalog.format('%I.%I', n.nspname, o.opcname)
            FROM pg_catalog.pg_opclass o
            JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
            WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
           (SELECT 'collation = ' || pg_catalog.format('%I.%I', n.nspname, l.collname)
            FROM pg_catalog.pg_collation l
            JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace
            JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
            WHERE l.oid = r.rngcollation AND l.oid <> s.typcollation),
           'canonical = ' || nullif(r.rngcanonical, 0)::pg_catalog.regproc::text,
           'subtype_diff = ' || nullif(r.rngsubdiff, 0)::pg_catalog.regproc::text),
         'subtype', pg_catalog.format_type(r.rngsubtype, NULL),
         -- Servers before 14 have no multiranges.
         'multirange', (SELECT m.typname FROM pg_catalog.pg_type m
                        WHERE m.oid = (pg_catalog.to_json(r) ->> 'rngmultitypid')::pg_catalog.oid),
         'comment', pg_catalog.obj_description(t.oid, 'pg_type'))::text
FROM pg_catalog.pg_range r
JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                    AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY n.nspname, t.typname
