CREATE TABLE t (a serial, b integer);
CREATE TABLE u (a integer, c integer) INHERITS (t);
