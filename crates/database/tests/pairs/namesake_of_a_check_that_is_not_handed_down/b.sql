CREATE TABLE t (a integer, CONSTRAINT x CHECK (a > 1) NO INHERIT);
CREATE TABLE u (a integer, b integer, CONSTRAINT x CHECK (b > 1));
