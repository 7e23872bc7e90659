-- since: 13
CREATE TABLE t (a numeric, b numeric GENERATED ALWAYS AS (abs(a)) STORED);
CREATE POLICY p ON t FOR INSERT WITH CHECK (b = 1);
