WITH domain AS (
  SELECT t.oid, n.nspname, t.typname, t.typbasetype, t.typcollation, t.typnotnull, t.typdefaultbin, t.typdefault,
         pg_catalog.format_type(t.typbasetype, t.typtypmod) AS base_text, t.typtypmod
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'd'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                      AND d.objid = t.oid AND d.deptype = CASE WHEN $2 THEN '' ELSE 'e'::"char" END)
)
SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', d.nspname, 'name', d.typname),
         'type', pg_catalog.json_build_object(
           'name', pg_catalog.json_build_object('schema', en.nspname, 'name', e.typname),
           'arguments', CASE
             WHEN d.typtypmod < 0 THEN '{}'::text[]
             WHEN d.base_text ~ '^interval [a-z]'
               THEN ARRAY[pg_catalog.substring(d.base_text, '^interval ([^\[]*)')]
             ELSE coalesce(pg_catalog.string_to_array(
               pg_catalog.substring(d.base_text, '\(([^()]*)\)[^()]*$'), ','), '{}')
           END,
           'array', e.oid <> b.oid),
         'nullable', NOT d.typnotnull,
         'default', coalesce(pg_catalog.pg_get_expr(d.typdefaultbin, 0), d.typdefault),
         'collation', CASE WHEN d.typcollation <> b.typcollation THEN
           (SELECT pg_catalog.json_build_object('schema', ln.nspname, 'name', l.collname)
            FROM pg_catalog.pg_collation l
            JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
            WHERE l.oid = d.typcollation) END,
         'checks', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                        'name', c.conname,
                        'definition', pg_catalog.pg_get_constraintdef(c.oid),
                        'comment', pg_catalog.obj_description(c.oid, 'pg_constraint')) ORDER BY c.conname), '[]')
                    FROM pg_catalog.pg_constraint c WHERE c.contypid = d.oid AND c.contype = 'c'),
         'comment', pg_catalog.obj_description(d.oid, 'pg_type'))::text
FROM domain d
JOIN pg_catalog.pg_type b ON b.oid = d.typbasetype
JOIN pg_catalog.pg_type e
  ON e.oid = CASE WHEN b.typlen = -1 AND b.typelem <> 0 AND b.typcategory = 'A' THEN b.typelem ELSE b.oid END
JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
ORDER BY d.nspname, d.typname
