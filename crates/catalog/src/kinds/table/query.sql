-- Every part is gathered for all tables at once; asking for each table takes ten times as long.
WITH relation AS (
  SELECT c.*, n.nspname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p')
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      AND d.objid = c.oid AND d.deptype = CASE WHEN $2 THEN '' ELSE 'e'::"char" END)
), columns AS (
  SELECT a.attrelid, pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', a.attname,
           'type', pg_catalog.json_build_object(
             'name', pg_catalog.json_build_object('schema', en.nspname, 'name', e.typname),
             'arguments', CASE
               WHEN a.atttypmod < 0 THEN '{}'::text[]
               WHEN a.type_text ~ '^interval [a-z]'
                 THEN ARRAY[pg_catalog.substring(a.type_text, '^interval ([^\[]*)')]
               ELSE coalesce(pg_catalog.string_to_array(
                 pg_catalog.substring(a.type_text, '\(([^()]*)\)[^()]*$'), ','), '{}')
             END,
             'array', e.oid <> t.oid),
           'nullable', NOT a.attnotnull,
           'default', CASE WHEN a.attgenerated = '' AND d.adbin IS NOT NULL THEN
             pg_catalog.json_build_object('expression', pg_catalog.pg_get_expr(d.adbin, d.adrelid)) END,
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by_default' END,
           'identity_options', CASE WHEN a.attidentity = '' THEN '{}' ELSE (
             SELECT pg_catalog.array_remove(ARRAY[
               CASE WHEN s.seqstart <> 1 THEN 'START ' || s.seqstart END,
               CASE WHEN s.seqincrement <> 1 THEN 'INCREMENT ' || s.seqincrement END,
               -- One that counts down has other bounds by default.
               CASE WHEN s.seqmin <> 1 OR s.seqincrement < 0 THEN 'MINVALUE ' || s.seqmin END,
               CASE WHEN s.seqincrement < 0 OR s.seqmax <> CASE s.seqtypid WHEN 'int2'::pg_catalog.regtype THEN 32767
                      WHEN 'int4'::pg_catalog.regtype THEN 2147483647 ELSE 9223372036854775807 END
                    THEN 'MAXVALUE ' || s.seqmax END,
               CASE WHEN s.seqcache <> 1 THEN 'CACHE ' || s.seqcache END,
               CASE WHEN s.seqcycle THEN 'CYCLE' END], NULL)
             FROM pg_catalog.pg_depend o
             JOIN pg_catalog.pg_sequence s ON s.seqrelid = o.objid
             WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
               AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
               AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype = 'i') END,
           'generated', CASE a.attgenerated
             WHEN 's' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid)
             WHEN 'v' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ' VIRTUAL' END,
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN
             (SELECT pg_catalog.json_build_object('schema', ln.nspname, 'name', l.collname)
              FROM pg_catalog.pg_collation l
              JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
              WHERE l.oid = a.attcollation) END,
           'inherited', NOT a.attislocal AND NOT r.relispartition,
           'options', CASE
             WHEN a.attstorage = t.typstorage AND a.compression = '' AND a.attoptions IS NULL
              AND coalesce(a.attstattarget, -1) = -1 THEN '{}'
             ELSE pg_catalog.array_remove(
               (SELECT pg_catalog.array_agg(o ORDER BY o) FROM pg_catalog.unnest(a.attoptions) AS o) || ARRAY[
               CASE WHEN a.attstorage <> t.typstorage THEN 'storage=' || CASE a.attstorage
                 WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END,
               CASE a.compression WHEN 'p' THEN 'compression=pglz' WHEN 'l' THEN 'compression=lz4' END,
               'statistics=' || nullif(a.attstattarget, -1)], NULL) END,
           -- Looked up one by one: the planner has a wrong idea of how many comments a join would meet.
           'comment', (SELECT m.description FROM pg_catalog.pg_description m
                       WHERE m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
                         AND m.objoid = a.attrelid AND m.objsubid = a.attnum)) ORDER BY a.attnum) AS list
  -- Columns that older servers lack get the value of this row: PostgreSQL looks for a name in the
  -- innermost FROM first.
  FROM (SELECT ''::"char" AS attcompression) AS absent
  CROSS JOIN LATERAL (
    SELECT a.*, attcompression AS compression,
           pg_catalog.format_type(a.atttypid, a.atttypmod) AS type_text
    FROM pg_catalog.pg_attribute a) AS a
  JOIN relation r ON r.oid = a.attrelid
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  JOIN pg_catalog.pg_type e
    ON e.oid = CASE WHEN t.typlen = -1 AND t.typelem <> 0 AND t.typcategory = 'A' THEN t.typelem ELSE t.oid END
  JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped
  GROUP BY a.attrelid
), constraints AS (
  SELECT c.conrelid,
         (pg_catalog.json_agg(pg_catalog.json_build_object(
            'name', c.conname,
            'columns', p.columns,
            'include', coalesce(p.include, '[]'),
            'deferrable', c.condeferrable,
            'initially_deferred', c.condeferred,
            'without_overlaps', c.period,
            'options', coalesce(p.options, '{}'),
            'parent', (SELECT pg_catalog.json_build_object('schema', pn.nspname, 'name', i.relname)
                       FROM pg_catalog.pg_inherits h
                       JOIN pg_catalog.pg_class i ON i.oid = h.inhparent
                       JOIN pg_catalog.pg_namespace pn ON pn.oid = i.relnamespace
                       WHERE h.inhrelid = c.conindid),
            'comment', m.description)) FILTER (WHERE c.contype = 'p'))->0 AS primary_key,
         pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', c.conname,
           'columns', p.columns,
           'referenced_table', pg_catalog.json_build_object('schema', fn.nspname, 'name', f.relname),
           'referenced_columns', p.referenced_columns,
           'on_delete', action.name ->> c.confdeltype::text,
           'on_delete_columns', coalesce(p.on_delete_columns, '[]'),
           'on_update', action.name ->> c.confupdtype::text,
           'match_full', c.confmatchtype = 'f',
           'deferrable', c.condeferrable,
           'initially_deferred', c.condeferred,
           'validated', c.convalidated,
           'enforced', c.enforced,
           'period', c.period,
           'inherited', c.conparentid <> 0,
           'comment', m.description) ORDER BY c.conname) FILTER (WHERE c.contype = 'f') AS foreign_keys,
         pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', c.conname,
           'definition', CASE WHEN c.contype IN ('c', 'x') THEN pg_catalog.pg_get_constraintdef(c.oid) END,
           'inherited', NOT c.conislocal OR c.coninhcount > 0 AND r.relispartition,
           'comment', m.description)
           ORDER BY c.conname) FILTER (WHERE c.contype = 'c') AS checks,
         pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', c.conname,
           'definition', CASE WHEN c.contype IN ('c', 'x') THEN pg_catalog.pg_get_constraintdef(c.oid) END,
           'comment', m.description)
           ORDER BY c.conname) FILTER (WHERE c.contype = 'x') AS exclusions
  FROM (SELECT NULL::int2[] AS confdelsetcols, true AS conenforced, false AS conperiod) AS absent
  CROSS JOIN LATERAL (
    SELECT c.*, confdelsetcols AS on_delete_columns, conenforced AS enforced, conperiod AS period
    FROM pg_catalog.pg_constraint c) AS c
  JOIN relation r ON r.oid = c.conrelid
  CROSS JOIN (SELECT '{"a": "no_action", "r": "restrict", "c": "cascade", "n": "set_null",
                       "d": "set_default"}'::json) AS action(name)
  LEFT JOIN pg_catalog.pg_class f ON f.oid = c.confrelid AND c.confrelid <> 0
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
  LEFT JOIN pg_catalog.pg_description m
    ON m.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND m.objoid = c.oid
  LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = c.conparentid AND c.conparentid <> 0
  CROSS JOIN LATERAL (SELECT
    -- Names are looked up one by one: a join would read all columns of the table.
    (SELECT pg_catalog.json_agg((SELECT a.attname FROM pg_catalog.pg_attribute a
                                 WHERE a.attrelid = c.conrelid AND a.attnum = k.attnum) ORDER BY k.position)
     FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY AS k(attnum, position)
     WHERE c.contype IN ('p', 'f')),
    (SELECT pg_catalog.json_agg((SELECT a.attname FROM pg_catalog.pg_attribute a
                                 WHERE a.attrelid = c.confrelid AND a.attnum = k.attnum) ORDER BY k.position)
     FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY AS k(attnum, position)
     WHERE c.contype = 'f'),
    (SELECT pg_catalog.json_agg(a.attname ORDER BY k.position)
     FROM pg_catalog.pg_index i
     CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE c.contype = 'p' AND i.indexrelid = c.conindid AND k.position > i.indnkeyatts),
    -- Of a partition's key, these are the numbers that the columns have in the parent that it is from.
    (SELECT pg_catalog.json_agg(a.attname ORDER BY k.position)
     FROM (SELECT NULL::int2[] AS confdelsetcols) AS absent
     CROSS JOIN LATERAL (
       WITH RECURSIVE up AS (
         SELECT c.oid, c.conparentid, c.conrelid
         UNION ALL
         SELECT p.oid, p.conparentid, p.conrelid
         FROM up JOIN pg_catalog.pg_constraint p ON p.oid = up.conparentid
       )
       SELECT up.conrelid,
              (SELECT confdelsetcols FROM pg_catalog.pg_constraint f WHERE f.oid = up.oid) AS columns
       FROM up
       WHERE up.conparentid = 0) AS root
     CROSS JOIN LATERAL pg_catalog.unnest(root.columns) WITH ORDINALITY AS k(attnum, position)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = root.conrelid AND a.attnum = k.attnum
     WHERE c.on_delete_columns IS NOT NULL),
    (SELECT pg_catalog.array_agg(o ORDER BY o)
     FROM pg_catalog.pg_class i
     CROSS JOIN LATERAL pg_catalog.unnest(i.reloptions) AS o
     WHERE c.contype = 'p' AND i.oid = c.conindid)
  ) AS p(columns, referenced_columns, include, on_delete_columns, options)
  WHERE c.contype IN ('p', 'f', 'c', 'x')
    -- What a foreign key to a partitioned table adds for each partition is a part of that key.
    AND parent.conrelid IS DISTINCT FROM c.conrelid
  GROUP BY c.conrelid
), marked AS (
  SELECT i.indrelid,
         max(c.relname::text) FILTER (WHERE i.indisreplident) AS replica_identity,
         max(c.relname::text) FILTER (WHERE i.indisclustered) AS clustered
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE i.indisreplident OR i.indisclustered
  GROUP BY i.indrelid
), parents AS (
  SELECT i.inhrelid,
         pg_catalog.json_agg(pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname)
                             ORDER BY i.inhseqno) AS list
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
  GROUP BY i.inhrelid
)
SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', r.nspname, 'name', r.relname),
         'columns', coalesce(columns.list, '[]'),
         'primary_key', constraints.primary_key,
         'foreign_keys', coalesce(constraints.foreign_keys, '[]'),
         'checks', coalesce(constraints.checks, '[]'),
         'exclusions', coalesce(constraints.exclusions, '[]'),
         'persistence', CASE r.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END,
         'partition_key', CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
         'partition_of', CASE WHEN r.relispartition THEN pg_catalog.json_build_object(
           'parent', parents.list->0,
           'bound', pg_catalog.pg_get_expr(r.relpartbound, r.oid)) END,
         'inherits', CASE WHEN r.relispartition OR parents.list IS NULL THEN '[]' ELSE parents.list END,
         'row_security', r.relrowsecurity,
         'force_row_security', r.relforcerowsecurity,
         'replica_identity', CASE r.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full'
                                                 WHEN 'i' THEN 'index' ELSE 'default' END,
         'replica_identity_index', marked.replica_identity,
         'clustered_on', marked.clustered,
         'options', (SELECT coalesce(pg_catalog.json_agg(o ORDER BY o), '[]')
                     FROM (SELECT pg_catalog.unnest(r.reloptions)
                           UNION ALL SELECT 'toast.' || pg_catalog.unnest(toast.reloptions)
                           UNION ALL SELECT 'of=' || pg_catalog.format_type(r.reloftype, NULL)
                             WHERE r.reloftype <> 0
                           UNION ALL SELECT 'access_method=' || amname FROM pg_catalog.pg_am
                             WHERE oid = r.relam AND amname <> 'heap'
                           UNION ALL SELECT 'tablespace=' || spcname FROM pg_catalog.pg_tablespace
                             WHERE oid = r.reltablespace AND r.reltablespace <> 0) AS options(o)),
         'comment', m.description)::text
FROM relation r
LEFT JOIN columns ON columns.attrelid = r.oid
LEFT JOIN constraints ON constraints.conrelid = r.oid
LEFT JOIN parents ON parents.inhrelid = r.oid
LEFT JOIN marked ON marked.indrelid = r.oid
LEFT JOIN pg_catalog.pg_class toast ON toast.oid = r.reltoastrelid AND toast.reloptions IS NOT NULL
LEFT JOIN pg_catalog.pg_description m
  ON m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND m.objoid = r.oid AND m.objsubid = 0
ORDER BY r.nspname, r.relname
