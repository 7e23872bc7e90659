SELECT pg_catalog.json_build_object(
         'name', pg_catalog.json_build_object('schema', n.nspname, 'name', c.collname),
         'definition', pg_catalog.concat_ws(', ',
           'provider = ' || CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu'
                                                WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END,
           'locale = ' || coalesce(c.locale, c.icu_locale, c.collcollate),
           'lc_ctype = ' || CASE WHEN c.collctype <> c.collcollate THEN c.collctype END,
           'rules = ' || pg_catalog.quote_literal(c.rules),
           CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END),
         'comment', pg_catalog.obj_description(c.oid, 'pg_collation'))::text
-- The locale of ICU moved from version to version. Columns that a server lacks get the value of this
-- row: PostgreSQL looks for a name in the innermost FROM first.
FROM (SELECT NULL::text AS colllocale, NULL::text AS colliculocale, NULL::text AS collicurules) AS absent
CROSS JOIN LATERAL (
  SELECT c.oid, c.collname, c.collnamespace, c.collprovider, c.collisdeterministic,
         c.collcollate::text, c.collctype::text,
         colllocale AS locale, colliculocale AS icu_locale, collicurules AS rules
  FROM pg_catalog.pg_collation c) AS c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1 IS NULL OR n.nspname = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.collname
