-- Publications belong to the database, whichever schemas are looked at.
SELECT pg_catalog.json_build_object(
         'name', p.pubname,
         'all_tables', p.puballtables,
         'tables', (
           SELECT coalesce(pg_catalog.json_agg(pg_catalog.concat_ws(' ',
             r.prrelid::pg_catalog.regclass::text,
             '(' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
                     FROM pg_catalog.pg_attribute a
                     WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.columns)) || ')',
             'WHERE ' || pg_catalog.pg_get_expr(r.condition, r.prrelid))
             ORDER BY r.prrelid::pg_catalog.regclass::text COLLATE "C"), '[]')
           -- Columns that older servers lack get the value of this row: PostgreSQL looks for a name in
           -- the innermost FROM first.
           FROM (SELECT NULL::int2vector AS prattrs, NULL::pg_catalog.pg_node_tree AS prqual) AS absent
           CROSS JOIN LATERAL (SELECT r.*, prattrs AS columns, prqual AS condition
                               FROM pg_catalog.pg_publication_rel r) AS r
           WHERE r.prpubid = p.oid),
         -- By what depends on what, since older servers have no such catalog to read.
         'schemas', (
           SELECT coalesce(pg_catalog.json_agg(n.nspname ORDER BY n.nspname), '[]')
           FROM pg_catalog.pg_depend d
           JOIN pg_catalog.pg_depend s ON s.classid = d.classid AND s.objid = d.objid
           JOIN pg_catalog.pg_namespace n ON n.oid = s.refobjid
           WHERE d.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')
             AND d.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND d.refobjid = p.oid
             AND s.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass),
         'publish', pg_catalog.array_remove(ARRAY[
           CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END,
           CASE WHEN p.generated = 's' THEN 'generated columns' END], NULL),
         'via_root', p.via_root,
         'comment', pg_catalog.obj_description(p.oid, 'pg_publication'))::text
FROM (SELECT false AS pubviaroot, 'n'::"char" AS pubgencols) AS absent
CROSS JOIN LATERAL (SELECT p.*, pubviaroot AS via_root, pubgencols AS generated FROM pg_catalog.pg_publication p) AS p
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_publication'::pg_catalog.regclass
                    AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.pubname
