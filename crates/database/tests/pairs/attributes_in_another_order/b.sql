CREATE TYPE k AS (c uuid, b timestamptz, a integer);
CREATE TABLE t (k k DEFAULT ROW(NULL, NULL, NULL)::k, ks k[]);
