-- Left out: triggers that enforce constraints, and those that a partition has from its parent, which
-- say so from PostgreSQL 13 on.
--
-- Older servers lack the column and take the row's of "absent"; PostgreSQL looks for a name in the innermost
-- FROM first.
WITH RECURSIVE trigger AS (
  SELECT t.*
  FROM (SELECT 0::pg_catalog.oid AS tgparentid) AS absent
  CROSS JOIN LATERAL (SELECT t.*, tgparentid AS parent FROM pg_catalog.pg_trigger t) AS t
), tree AS (
  SELECT t.parent AS root, t.oid, t.tgrelid, t.tgenabled FROM trigger t WHERE t.parent <> 0
  UNION ALL
  SELECT t.parent, below.oid, below.tgrelid, below.tgenabled
  FROM tree below JOIN trigger t ON t.oid = below.root
  WHERE t.parent <> 0
)
SELECT pg_catalog.json_build_object(
         'table', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
         'name', t.tgname,
         'definition', pg_catalog.pg_get_triggerdef(t.oid),
         'enabled', t.tgenabled,
         -- Only if not all of them fire in the usual way, or one has a comment.
         'partitions', (
           SELECT CASE WHEN t.tgenabled <> 'O' OR pg_catalog.bool_or(p.tgenabled <> 'O')
                         OR pg_catalog.count(m.description) > 0 THEN
             pg_catalog.json_agg(pg_catalog.json_build_object(
               'table', pg_catalog.json_build_object('schema', pn.nspname, 'name', pc.relname),
               'enabled', p.tgenabled,
               'comment', m.description) ORDER BY pn.nspname, pc.relname) END
           FROM tree p
           JOIN pg_catalog.pg_class pc ON pc.oid = p.tgrelid
           JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
           LEFT JOIN pg_catalog.pg_description m
             ON m.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND m.objoid = p.oid
           WHERE p.root = t.oid),
         'comment', pg_catalog.obj_description(t.oid, 'pg_trigger'))::text
FROM trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal
  AND t.parent = 0
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.deptype = 'e'
                    AND ((d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid)
                      OR (d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid)))
ORDER BY n.nspname, c.relname, t.tgname
