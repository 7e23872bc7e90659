CREATE TABLE t (a integer) PARTITION BY LIST (a);
CREATE TABLE p (a integer);
CREATE INDEX i ON t (a);
CREATE INDEX own ON p (a) WITH (fillfactor = 60);
