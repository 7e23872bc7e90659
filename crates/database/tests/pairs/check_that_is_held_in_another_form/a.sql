CREATE TABLE t (a integer, b integer, CHECK (a BETWEEN 1 AND 10 AND b > 0)) PARTITION BY LIST (a);
