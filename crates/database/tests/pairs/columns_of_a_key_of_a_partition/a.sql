-- since: 15
CREATE TABLE u (a integer UNIQUE);
CREATE TABLE t (a integer, b integer) PARTITION BY LIST (a);
CREATE TABLE p (b integer, a integer);
ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1);
