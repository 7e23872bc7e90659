CREATE TABLE t (b integer);
CREATE TABLE u (c integer) INHERITS (t);
