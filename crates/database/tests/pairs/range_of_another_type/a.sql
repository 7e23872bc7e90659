CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE t (r r PRIMARY KEY, rs r[]);
