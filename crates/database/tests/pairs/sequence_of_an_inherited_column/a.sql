CREATE TABLE t (a serial, b integer);
CREATE TABLE u (c integer) INHERITS (t);
