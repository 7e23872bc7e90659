SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
         'attributes', (
           SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', a.attname,
             'type', pg_catalog.json_build_object(
               'name', pg_catalog.json_build_object('schema', en.nspname, 'name', e.typname),
               'arguments', CASE
                 WHEN a.atttypmod < 0 THEN '{}'::text[]
                 WHEN f.type_text ~ '^interval [a-z]'
                   THEN ARRAY[pg_catalog.substring(f.type_text, '^interval ([^\[]*)')]
                 ELSE coalesce(pg_catalog.string_to_array(
                   pg_catalog.substring(f.type_text, '\(([^()]*)\)[^()]*$'), ','), '{}')
               END,
               'array', e.oid <> t.oid),
             'collation', CASE WHEN a.attcollation <> t.typcollation THEN
               (SELECT pg_catalog.json_build_object('schema', ln.nspname, 'name', l.collname)
                FROM pg_catalog.pg_collation l
                JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                WHERE l.oid = a.attcollation) END,
             'comment', pg_catalog.col_description(a.attrelid, a.attnum)) ORDER BY a.attnum), '[]')
           FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           JOIN pg_catalog.pg_type e
             ON e.oid = CASE WHEN t.typlen = -1 AND t.typelem <> 0 AND t.typcategory = 'A' THEN t.typelem ELSE t.oid END
           JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
           CROSS JOIN LATERAL pg_catalog.format_type(a.atttypid, a.atttypmod) AS f(type_text)
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         'comment', pg_catalog.obj_description(c.reltype, 'pg_type'))::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'c'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                    AND d.objid = c.reltype AND d.deptype = CASE WHEN $2 THEN '' ELSE 'e'::"char" END)
ORDER BY n.nspname, c.relname
