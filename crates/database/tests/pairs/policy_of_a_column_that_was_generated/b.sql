CREATE TABLE t (a text, b numeric);
CREATE POLICY p ON t FOR INSERT WITH CHECK (lower(a) = a);
