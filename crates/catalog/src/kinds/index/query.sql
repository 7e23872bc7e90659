-- Left out: the indexes of primary keys and exclusion constraints, which belong to their tables.
WITH index AS (
  SELECT i.*, n.nspname, ic.relname, ic.reloptions, ic.reltablespace, tc.relname AS table_name,
         tn.nspname AS table_schema, am.amname, con.oid AS constraint_oid, con.condeferrable, con.condeferred, con.period
  -- Columns that older servers lack get the value of this row: PostgreSQL looks for a name in the
  -- innermost FROM first.
  FROM (SELECT false AS indnullsnotdistinct, false AS conperiod) AS absent
  CROSS JOIN LATERAL (
    SELECT i.*, indnullsnotdistinct AS nulls_not_distinct FROM pg_catalog.pg_index i) AS i
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace
  JOIN pg_catalog.pg_am am ON am.oid = ic.relam
  JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
  JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
  LEFT JOIN LATERAL (SELECT c.*, conperiod AS period FROM pg_catalog.pg_constraint c) AS con
    ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid AND con.contype IN ('p', 'u', 'x')
  WHERE NOT i.indisprimary AND con.contype IS DISTINCT FROM 'x'
    AND tc.relkind IN ('r', 'p', 'm')
    AND tn.nspname !~ '^pg_' AND tn.nspname <> 'information_schema'
    AND ($1 IS NULL OR tn.nspname = ANY ($1))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      AND d.objid IN (tc.oid, ic.oid) AND d.deptype = CASE WHEN $2 THEN '' ELSE 'e'::"char" END)
)
SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', i.nspname, 'name', i.relname),
         'table', pg_catalog.json_build_object('schema', i.table_schema, 'name', i.table_name),
         'method', i.amname,
         'unique', i.indisunique,
         'keys', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
             'column', a.attname,
             'expression', CASE WHEN k.attnum = 0
                                THEN pg_catalog.pg_get_indexdef(i.indexrelid, k.position::int, false) END,
             'operator_class', CASE
               WHEN ia.attoptions IS NOT NULL
                 THEN o.opcname || '(' || pg_catalog.array_to_string(ia.attoptions, ', ') || ')'
               WHEN NOT o.opcdefault THEN o.opcname::text
             END,
             'collation', CASE
               WHEN k.collation_oid <> 0
                AND k.collation_oid <> coalesce(a.attcollation, it.typcollation)
                 THEN (SELECT pg_catalog.json_build_object('schema', cn.nspname, 'name', c.collname)
                       FROM pg_catalog.pg_collation c
                       JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace
                       WHERE c.oid = k.collation_oid)
             END,
             'descending', k.options & 1 <> 0,
             'nulls_first', k.options & 2 <> 0) ORDER BY k.position)
           FROM ROWS FROM (
               pg_catalog.unnest(i.indkey), pg_catalog.unnest(i.indclass),
               pg_catalog.unnest(i.indcollation), pg_catalog.unnest(i.indoption))
             WITH ORDINALITY AS k(attnum, class, collation_oid, options, position)
           JOIN pg_catalog.pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = k.position
           JOIN pg_catalog.pg_type it ON it.oid = ia.atttypid
           JOIN pg_catalog.pg_opclass o ON o.oid = k.class
           LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum <> 0
           WHERE k.position <= i.indnkeyatts),
         'include', CASE WHEN i.indnatts = i.indnkeyatts THEN '[]'::json ELSE (
           SELECT pg_catalog.json_agg(a.attname ORDER BY c.position)
           FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS c(attnum, position)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = c.attnum
           WHERE c.position > i.indnkeyatts) END,
         'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
         'nulls_not_distinct', i.nulls_not_distinct,
         'constraint', CASE WHEN i.constraint_oid IS NOT NULL THEN pg_catalog.json_build_object(
           'deferrable', i.condeferrable, 'initially_deferred', i.condeferred,
           'without_overlaps', i.period) END,
         'valid', i.indisvalid,
         'parent', (SELECT pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname)
                    FROM pg_catalog.pg_inherits h
                    JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
                    JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
                    WHERE h.inhrelid = i.indexrelid),
         'options', (SELECT coalesce(pg_catalog.json_agg(o ORDER BY o), '[]')
                     FROM (SELECT pg_catalog.unnest(i.reloptions)
                           UNION ALL SELECT 'tablespace=' || spcname FROM pg_catalog.pg_tablespace
                             WHERE oid = i.reltablespace AND i.reltablespace <> 0) AS options(o)),
         'comment', coalesce(cm.description, im.description))::text
FROM index i
LEFT JOIN pg_catalog.pg_description im
  ON im.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND im.objoid = i.indexrelid
 AND im.objsubid = 0
LEFT JOIN pg_catalog.pg_description cm
  ON cm.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND cm.objoid = i.constraint_oid
ORDER BY i.table_schema, i.table_name, i.relname
