CREATE TYPE k AS (a integer, b timestamptz);
CREATE TABLE t (k k DEFAULT ROW(NULL, NULL)::k, ks k[]);
