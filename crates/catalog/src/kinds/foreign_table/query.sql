SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
         'server', s.srvname,
         'columns', (
           SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', a.attname,
             'type', pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE
               WHEN a.attcollation <> t.typcollation THEN (
                 SELECT pg_catalog.format(' COLLATE %I.%I', ln.nspname, l.collname)
                 FROM pg_catalog.pg_collation l
                 JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                 WHERE l.oid = a.attcollation)
               ELSE '' END,
             'nullable', NOT a.attnotnull,
             'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                        || CASE a.attgenerated WHEN '' THEN '' ELSE ' STORED' END,
             'options', (SELECT coalesce(pg_catalog.json_agg(o ORDER BY o), '[]')
                         FROM pg_catalog.unnest(a.attfdwoptions) AS o),
             'comment', pg_catalog.col_description(a.attrelid, a.attnum)) ORDER BY a.attnum), '[]')
           FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         'checks', (
           SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', k.conname,
             'definition', pg_catalog.pg_get_constraintdef(k.oid),
             'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')) ORDER BY k.conname), '[]')
           FROM pg_catalog.pg_constraint k
           WHERE k.conrelid = c.oid AND k.contype = 'c'),
         'inherits', (
           SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
             'schema', pn.nspname, 'name', p.relname) ORDER BY i.inhseqno), '[]')
           FROM pg_catalog.pg_inherits i
           JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
           JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
           WHERE i.inhrelid = c.oid),
         'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
         'options', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.regexp_replace(
                       o, '^([^=]*(passw|secret|token|api_?key|credential)[^=]*=).*', '\1***', 'i') ORDER BY o), '[]')
                     FROM pg_catalog.unnest(f.ftoptions) AS o),
         'comment', pg_catalog.obj_description(c.oid, 'pg_class'))::text
FROM pg_catalog.pg_foreign_table f
JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
