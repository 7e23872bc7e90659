-- Where the rows of PostgreSQL's catalogs lie and which transaction wrote each: while a server runs, no
-- change of theirs leaves that as it was. Left out is what PostgreSQL came with, where nobody can change it.
SELECT pg_catalog.concat_ws(' ', pg_catalog.pg_postmaster_start_time(), (
  SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.sum(
           pg_catalog.hashtextextended(pg_catalog.concat_ws(',', r.tableoid, r.ctid, r.xmin, r.more), 0)))
  FROM (
    SELECT tableoid, ctid, xmin, NULL AS more FROM pg_catalog.pg_class WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_attribute WHERE attrelid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_attrdef
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_constraint
    -- Before PostgreSQL 14, these were changed in place.
    UNION ALL SELECT tableoid, ctid, xmin, pg_catalog.concat(indisvalid, indisready, indislive)
      FROM pg_catalog.pg_index WHERE indexrelid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_depend WHERE objid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_description
      WHERE objoid >= 16384 OR classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_type WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_proc WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_aggregate WHERE aggfnoid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_enum
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_range WHERE rngtypid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_trigger
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_policy
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_rewrite WHERE ev_class >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_sequence
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_inherits
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_partitioned_table
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_namespace
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_tablespace
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_extension
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_collation WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_statistic_ext
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_publication
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_publication_rel
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_event_trigger
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_cast WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_operator WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_opclass WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_am WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_language WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_ts_config WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_ts_config_map WHERE mapcfg >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_ts_dict WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_ts_parser WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_ts_template WHERE oid >= 16384
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_foreign_data_wrapper
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_foreign_server
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_foreign_table
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_default_acl
    UNION ALL SELECT tableoid, ctid, xmin, NULL FROM pg_catalog.pg_auth_members
    -- Of roles, the rows themselves are only for superusers.
    UNION ALL SELECT 0, NULL, NULL, pg_catalog.concat_ws(',', oid, rolname, rolsuper, rolinherit)
      FROM pg_catalog.pg_roles
  ) AS r))
