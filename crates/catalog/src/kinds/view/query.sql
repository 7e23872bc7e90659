SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
         'materialized', c.relkind = 'm',
         'populated', c.relispopulated,
         'definition', pg_catalog.pg_get_viewdef(c.oid),
         'columns', (
           SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', a.attname,
             'type', pg_catalog.json_build_object(
               'name', pg_catalog.json_build_object('schema', en.nspname, 'name', e.typname),
               'arguments', CASE
                 WHEN a.atttypmod < 0 THEN '{}'::text[]
                 ELSE coalesce(pg_catalog.string_to_array(pg_catalog.substring(
                   pg_catalog.format_type(a.atttypid, a.atttypmod), '\(([^()]*)\)[^()]*$'), ','), '{}')
               END,
               'array', e.oid <> t.oid),
             'collation', CASE WHEN a.attcollation <> t.typcollation THEN
               (SELECT pg_catalog.json_build_object('schema', ln.nspname, 'name', l.collname)
                FROM pg_catalog.pg_collation l
                JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                WHERE l.oid = a.attcollation) END,
             'nullable', true) ORDER BY a.attnum), '[]')
           FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           JOIN pg_catalog.pg_type e
             ON e.oid = CASE WHEN t.typlen = -1 AND t.typelem <> 0 AND t.typcategory = 'A' THEN t.typelem ELSE t.oid END
           JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         'options', (SELECT coalesce(pg_catalog.json_agg(o ORDER BY o), '[]')
                     FROM (SELECT pg_catalog.unnest(c.reloptions)
                           UNION ALL SELECT 'access_method=' || amname FROM pg_catalog.pg_am
                             WHERE oid = c.relam AND amname <> 'heap'
                           UNION ALL SELECT 'tablespace=' || spcname FROM pg_catalog.pg_tablespace
                             WHERE oid = c.reltablespace AND c.reltablespace <> 0) AS options(o)),
         'column_defaults', (
           SELECT coalesce(pg_catalog.json_object_agg(a.attname, pg_catalog.pg_get_expr(f.adbin, f.adrelid)), '{}')
           FROM pg_catalog.pg_attrdef f
           JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
           WHERE f.adrelid = c.oid),
         'column_comments', (
           SELECT coalesce(pg_catalog.json_object_agg(a.attname, m.description), '{}')
           FROM pg_catalog.pg_description m
           JOIN pg_catalog.pg_attribute a ON a.attrelid = m.objoid AND a.attnum = m.objsubid
           WHERE m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND m.objoid = c.oid
             AND m.objsubid > 0),
         'comment', pg_catalog.obj_description(c.oid, 'pg_class'))::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = CASE WHEN $2 THEN '' ELSE 'e'::"char" END)
ORDER BY n.nspname, c.relname
