-- What needs what among the objects that users made. PostgreSQL's own have ids below 16384; what an
-- extension owns stands for the extension.
--
-- Left out is what the objects themselves tell: the place of a table below its parent, the indexes of
-- keys that have them, the column that owns a sequence.
WITH edge AS MATERIALIZED (
  SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid
  FROM pg_catalog.pg_depend d
  LEFT JOIN pg_catalog.pg_class c
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid
  WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a')
    AND d.refclassid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass
    AND (c.oid IS NULL
      OR c.relkind IN ('i', 'I') AND (
           d.refclassid <> 'pg_catalog.pg_class'::pg_catalog.regclass
        OR EXISTS (SELECT FROM pg_catalog.pg_index i
                   WHERE i.indexrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)))
      OR c.relkind IN ('r', 'p', 'f', 'v', 'm') AND d.refclassid <> 'pg_catalog.pg_class'::pg_catalog.regclass)
    AND NOT (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.deptype = 'a'
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef f
                             JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
                             WHERE f.oid = d.objid AND a.attgenerated <> ''))
    AND NOT (d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
             AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
             AND EXISTS (SELECT FROM pg_catalog.pg_constraint k
                         WHERE k.oid = d.objid AND k.contype IN ('p', 'u', 'f', 'n')
                           -- Which of several keys a foreign key leans on is told nowhere else.
                           AND NOT (k.contype = 'f' AND k.conindid = d.refobjid)))
), relation AS (
  SELECT c.oid, c.relkind, c.reltype,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'view'
           WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign_table' WHEN 'c' THEN 'composite_type' END AS kind,
         pg_catalog.concat_ws('.', n.nspname, c.relname) AS id
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), element(class, oid, kind, id, part, name) AS MATERIALIZED (
  SELECT 'pg_class', oid, kind, id, NULL, NULL FROM relation
  UNION ALL
  SELECT 'pg_class', i.indexrelid,
         CASE WHEN con.contype IN ('p', 'x') THEN 'table' ELSE 'index' END,
         CASE WHEN con.contype IN ('p', 'x') THEN r.id ELSE pg_catalog.concat_ws('.', n.nspname, c.relname) END,
         CASE WHEN con.contype IN ('p', 'x') THEN 'constraint' END, con.conname
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN relation r ON r.oid = i.indrelid
  LEFT JOIN pg_catalog.pg_constraint con
    ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid AND con.contype IN ('p', 'u', 'x')
  UNION ALL
  -- Of an array or a multirange, the type itself; of a row, the relation.
  SELECT 'pg_type', t.oid,
         CASE b.typtype WHEN 'e' THEN 'enum_type' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range_type'
                        ELSE r.kind END,
         coalesce(r.id, pg_catalog.concat_ws('.', n.nspname, b.typname)), NULL, NULL
  FROM pg_catalog.pg_type t
  LEFT JOIN pg_catalog.pg_range m ON t.typtype = 'm'
    AND m.rngtypid = (SELECT d.refobjid FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = t.oid
                        AND d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.deptype = 'i')
  JOIN pg_catalog.pg_type b
    ON b.oid = coalesce(m.rngtypid, CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END)
  JOIN pg_catalog.pg_namespace n ON n.oid = b.typnamespace
  LEFT JOIN relation r ON r.oid = b.typrelid
  WHERE t.oid >= 16384 AND b.typtype IN ('e', 'd', 'r', 'c')
  UNION ALL
  SELECT 'pg_attrdef', f.oid, r.kind, r.id,
         CASE WHEN a.attgenerated = '' THEN 'default' ELSE 'column' END, a.attname
  FROM pg_catalog.pg_attrdef f
  JOIN relation r ON r.oid = f.adrelid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  UNION ALL
  SELECT 'pg_constraint', c.oid, CASE c.contype WHEN 'u' THEN 'index' ELSE r.kind END,
         CASE c.contype WHEN 'u' THEN pg_catalog.concat_ws('.', n.nspname, c.conname) ELSE r.id END,
         CASE c.contype WHEN 'u' THEN NULL ELSE 'constraint' END, c.conname
  FROM pg_catalog.pg_constraint c
  JOIN relation r ON r.oid = c.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
  WHERE c.contype IN ('p', 'u', 'x', 'c', 'f')
  UNION ALL
  SELECT 'pg_constraint', c.oid, 'domain', pg_catalog.concat_ws('.', n.nspname, t.typname), 'constraint', c.conname
  FROM pg_catalog.pg_constraint c
  JOIN pg_catalog.pg_type t ON t.oid = c.contypid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  UNION ALL
  SELECT 'pg_proc', p.oid, 'function',
         pg_catalog.format('%s.%s(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
         NULL, NULL
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE p.oid >= 16384
  UNION ALL
  SELECT 'pg_rewrite', w.oid, CASE w.rulename WHEN '_RETURN' THEN 'view' ELSE 'rule' END,
         CASE w.rulename WHEN '_RETURN' THEN r.id ELSE pg_catalog.format('%s on %s', w.rulename, r.id) END, NULL, NULL
  FROM pg_catalog.pg_rewrite w JOIN relation r ON r.oid = w.ev_class
  UNION ALL
  SELECT 'pg_trigger', t.oid, 'trigger', pg_catalog.format('%s on %s', t.tgname, r.id), NULL, NULL
  FROM pg_catalog.pg_trigger t JOIN relation r ON r.oid = t.tgrelid
  WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 'pg_policy', p.oid, 'policy', pg_catalog.format('%s on %s', p.polname, r.id), NULL, NULL
  FROM pg_catalog.pg_policy p JOIN relation r ON r.oid = p.polrelid
  UNION ALL
  SELECT 'pg_statistic_ext', s.oid, 'statistics', pg_catalog.concat_ws('.', n.nspname, s.stxname), NULL, NULL
  FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
  UNION ALL
  SELECT 'pg_collation', c.oid, 'collation', pg_catalog.concat_ws('.', n.nspname, c.collname), NULL, NULL
  FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
  WHERE c.oid >= 16384
  UNION ALL
  SELECT 'pg_operator', o.oid, 'operator', pg_catalog.format('%s.%s(%s, %s)', n.nspname, o.oprname,
           CASE o.oprleft WHEN 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END,
           CASE o.oprright WHEN 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprright, NULL) END), NULL, NULL
  FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
  WHERE o.oid >= 16384
  UNION ALL
  SELECT 'pg_cast', oid, 'cast', pg_catalog.format_type(castsource, NULL) || ' AS '
                                 || pg_catalog.format_type(casttarget, NULL), NULL, NULL
  FROM pg_catalog.pg_cast WHERE oid >= 16384
  UNION ALL
  SELECT 'pg_ts_dict', d.oid, 'text_search_dictionary', pg_catalog.concat_ws('.', n.nspname, d.dictname), NULL, NULL
  FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
  WHERE d.oid >= 16384
  UNION ALL
  SELECT 'pg_ts_config', c.oid, 'text_search_configuration', pg_catalog.concat_ws('.', n.nspname, c.cfgname), NULL, NULL
  FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
  WHERE c.oid >= 16384
  UNION ALL
  SELECT 'pg_foreign_server', oid, 'foreign_server', srvname, NULL, NULL FROM pg_catalog.pg_foreign_server
  UNION ALL
  SELECT 'pg_event_trigger', oid, 'event_trigger', evtname, NULL, NULL FROM pg_catalog.pg_event_trigger
  UNION ALL
  SELECT 'pg_publication_rel', r.oid, 'publication', p.pubname, NULL, NULL
  FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
), owned AS (
  SELECT d.classid, d.objid, e.extname
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  -- The arrays of an extension's types.
  SELECT d.classid, t.typarray, e.extname
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  JOIN pg_catalog.pg_type t ON t.oid = d.objid AND t.typarray <> 0
  WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
    AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
), resolved AS (
  SELECT DISTINCT o.kind AS kind, o.id AS id,
         -- What a table as a whole needs is the type that it is made of.
         coalesce(o.part, CASE WHEN oa.attname IS NOT NULL THEN 'column'
                               WHEN o.kind = 'table' THEN 'setting' END) AS part,
         coalesce(o.name, oa.attname, CASE WHEN o.kind = 'table' THEN 'type' END) AS name,
         CASE WHEN x.extname IS NOT NULL THEN 'extension' ELSE n.kind END AS needs_kind,
         coalesce(x.extname, n.id) AS needs_id,
         CASE WHEN x.extname IS NULL THEN
           coalesce(n.part, CASE WHEN na.attname IS NOT NULL AND n.kind IN ('table', 'composite_type')
                                 THEN 'column' END) END AS needs_part,
         coalesce(n.name, na.attname) AS needs_name
  FROM edge
  JOIN element o ON o.class = (SELECT relname FROM pg_catalog.pg_class WHERE oid = edge.classid) AND o.oid = edge.objid
  LEFT JOIN pg_catalog.pg_attribute oa
    ON edge.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND edge.objsubid > 0
   AND o.kind IN ('table', 'composite_type') AND oa.attrelid = edge.objid AND oa.attnum = edge.objsubid
  LEFT JOIN owned x ON x.classid = edge.refclassid AND x.objid = edge.refobjid
  LEFT JOIN element n
    ON n.class = (SELECT relname FROM pg_catalog.pg_class WHERE oid = edge.refclassid) AND n.oid = edge.refobjid
  LEFT JOIN pg_catalog.pg_attribute na
    ON edge.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND edge.refobjsubid > 0
   AND na.attrelid = edge.refobjid AND na.attnum = edge.refobjsubid
  WHERE (x.extname IS NOT NULL OR n.kind IS NOT NULL)
    AND NOT EXISTS (SELECT FROM owned y WHERE y.classid = edge.classid AND y.objid = edge.objid)
)
SELECT pg_catalog.json_build_object(
         'dependent', pg_catalog.json_build_object('kind', kind, 'id', id, 'part', CASE
           WHEN part IS NULL THEN '"whole"'::json ELSE pg_catalog.json_build_object(part, name) END),
         'needs', pg_catalog.json_build_object('kind', needs_kind, 'id', needs_id, 'part', CASE
           WHEN needs_part IS NULL THEN '"whole"'::json
           ELSE pg_catalog.json_build_object(needs_part, needs_name) END))::text
FROM resolved
WHERE (kind, id, part, name) IS DISTINCT FROM (needs_kind, needs_id, needs_part, needs_name)
  -- Those of other schemas do no harm; all queries have the parameter.
  AND ($1 IS NULL OR pg_catalog.cardinality($1) > 0)
ORDER BY kind COLLATE "C", id COLLATE "C", part, name COLLATE "C",
         needs_kind COLLATE "C", needs_id COLLATE "C", needs_part, needs_name COLLATE "C"
