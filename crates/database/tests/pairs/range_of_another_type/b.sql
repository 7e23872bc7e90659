CREATE TYPE r AS RANGE (subtype = text, collation = "C");
CREATE TABLE t (r r PRIMARY KEY, rs r[]);
