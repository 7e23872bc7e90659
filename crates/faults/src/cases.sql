-- case: a table with a key and an index
CREATE TABLE a (id int PRIMARY KEY, name text);
-- migration
CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL);
CREATE INDEX b_a_id ON b (a_id);
ALTER TABLE b ADD CONSTRAINT b_a_id_fkey FOREIGN KEY (a_id) REFERENCES a (id);

-- case: columns come and go
CREATE TABLE a (id int PRIMARY KEY, old text, kept int);
INSERT INTO a VALUES (1, 'x', 1), (2, 'y', 2);
-- migration
ALTER TABLE a ADD COLUMN fresh int NOT NULL DEFAULT 7;
ALTER TABLE a DROP COLUMN old;
ALTER TABLE a ALTER COLUMN kept TYPE bigint;
ALTER TABLE a ALTER COLUMN kept SET NOT NULL;

-- case: an index made concurrently between others
CREATE TABLE a (id int PRIMARY KEY, n int, m int);
INSERT INTO a SELECT i, i % 10, i FROM generate_series(1, 500) i;
-- migration
CREATE TABLE first ();
CREATE INDEX CONCURRENTLY a_n ON a (n);
CREATE TABLE second ();
CREATE UNIQUE INDEX CONCURRENTLY a_m ON a (m);

-- case: only an index made concurrently
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i % 10 FROM generate_series(1, 100) i;
-- migration
CREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n) WHERE n > 3;

-- case: an index dropped concurrently
CREATE TABLE a (id int PRIMARY KEY, n int);
CREATE INDEX a_n ON a (n);
CREATE INDEX a_n2 ON a (n, id);
-- migration
DROP INDEX CONCURRENTLY a_n;
COMMENT ON TABLE a IS 'without';
DROP INDEX CONCURRENTLY IF EXISTS a_n2;

-- case: an index replaced concurrently
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 200) i;
CREATE INDEX a_n ON a (n);
-- migration
CREATE INDEX CONCURRENTLY a_n_new ON a (n) INCLUDE (id);
DROP INDEX CONCURRENTLY a_n;
ALTER INDEX a_n_new RENAME TO a_n;

-- case: indexes built anew
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 200) i;
CREATE INDEX a_n ON a (n);
-- migration
REINDEX INDEX CONCURRENTLY a_n;
INSERT INTO a VALUES (1000, 1);
REINDEX TABLE CONCURRENTLY a;
INSERT INTO a VALUES (1001, 2);

-- case: labels of an enum type
CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE a (id int PRIMARY KEY, mood mood);
INSERT INTO a VALUES (1, 'ok');
-- migration
ALTER TYPE mood ADD VALUE 'glad';
ALTER TYPE mood ADD VALUE 'sad' BEFORE 'ok';
ALTER TABLE a ADD COLUMN other mood;

-- case: a label that is used at once
CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE a (id int PRIMARY KEY, mood mood);
INSERT INTO a VALUES (1, 'ok');
-- migration
ALTER TYPE mood ADD VALUE 'glad';
ALTER TABLE a ALTER COLUMN mood SET DEFAULT 'glad';
INSERT INTO a (id) VALUES (2);
UPDATE a SET mood = 'glad' WHERE id = 1;

-- case: an enum type as Prisma replaces it
CREATE TYPE mood AS ENUM ('ok', 'bad');
CREATE TABLE a (id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'ok');
INSERT INTO a VALUES (1, 'ok');
-- migration
BEGIN;
CREATE TYPE mood_new AS ENUM ('ok', 'fine');
ALTER TABLE a ALTER COLUMN mood DROP DEFAULT;
ALTER TABLE a ALTER COLUMN mood TYPE mood_new USING (mood::text::mood_new);
ALTER TYPE mood RENAME TO mood_old;
ALTER TYPE mood_new RENAME TO mood;
DROP TYPE mood_old;
ALTER TABLE a ALTER COLUMN mood SET DEFAULT 'ok';
COMMIT;

-- case: vacuum between changes
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 300) i;
-- migration
DELETE FROM a WHERE n % 2 = 0;
VACUUM a;
UPDATE a SET n = n + 1;
VACUUM (ANALYZE) a;
INSERT INTO a VALUES (1000, 0);

-- case: a table written anew
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 300) i;
-- migration
UPDATE a SET n = n * 2;
VACUUM FULL a;
UPDATE a SET n = n + 1;

-- case: rows changed once
CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO a SELECT i, 0 FROM generate_series(1, 50) i;
-- migration
UPDATE a SET n = n + 1;
INSERT INTO a SELECT id + 100, n FROM a;
DELETE FROM a WHERE id % 7 = 0;
UPDATE a SET n = n * 10;

-- case: rows changed between indexes
CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO a SELECT i, 0 FROM generate_series(1, 50) i;
-- migration
UPDATE a SET n = n + 1;
CREATE INDEX CONCURRENTLY a_n ON a (n);
UPDATE a SET n = n + 1;
CREATE INDEX CONCURRENTLY a_n_id ON a (n, id);
UPDATE a SET n = n + 1;

-- case: blocks of code
CREATE TABLE a (id int PRIMARY KEY, n int);
-- migration
DO $$ BEGIN FOR i IN 1..20 LOOP INSERT INTO a VALUES (i, i); END LOOP; END $$;
DO $body$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'made') THEN
    EXECUTE 'CREATE TABLE made (x int)';
  END IF;
END
$body$;
INSERT INTO made SELECT n FROM a;

-- case: functions and triggers
CREATE TABLE a (id int PRIMARY KEY, n int, changed int NOT NULL DEFAULT 0);
INSERT INTO a VALUES (1, 1);
-- migration
CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS $$ SELECT i * 2; $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed := OLD.changed + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER a_touch BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();
UPDATE a SET n = twice(n);

-- case: views
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a VALUES (1, 1);
CREATE VIEW v AS SELECT id FROM a;
-- migration
DROP VIEW v;
ALTER TABLE a ALTER COLUMN id TYPE bigint;
CREATE VIEW v AS SELECT id, n FROM a;
COMMENT ON VIEW v IS 'again; with n';

-- case: a materialized view
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 20) i;
-- migration
CREATE MATERIALIZED VIEW m AS SELECT n, count(*) AS many FROM a GROUP BY n;
CREATE UNIQUE INDEX m_n ON m (n);
INSERT INTO a VALUES (100, 1);
REFRESH MATERIALIZED VIEW CONCURRENTLY m;

-- case: a materialized view with an index made concurrently
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 20) i;
CREATE MATERIALIZED VIEW m AS SELECT n FROM a;
-- migration
CREATE UNIQUE INDEX CONCURRENTLY m_n ON m (n);
INSERT INTO a VALUES (100, 100);
REFRESH MATERIALIZED VIEW m;

-- case: partitions
CREATE TABLE p (id int NOT NULL, at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10);
INSERT INTO p SELECT i, i % 10 FROM generate_series(1, 30) i;
-- migration
CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE INDEX p_at ON p (at);
INSERT INTO p VALUES (100, 15);
ALTER TABLE p DETACH PARTITION p_1;

-- case: a partition detached concurrently
CREATE TABLE p (id int NOT NULL, at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20);
INSERT INTO p SELECT i, i % 20 FROM generate_series(1, 40) i;
-- migration
ALTER TABLE p DETACH PARTITION p_1 CONCURRENTLY;
ALTER TABLE p_1 RENAME TO archive;
INSERT INTO archive VALUES (1000, 1);

-- case: a partitioned index, part by part
CREATE TABLE p (id int NOT NULL, at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20);
-- migration
CREATE INDEX p_at ON ONLY p (at);
CREATE INDEX CONCURRENTLY p_1_at ON p_1 (at);
ALTER INDEX p_at ATTACH PARTITION p_1_at;
CREATE INDEX CONCURRENTLY p_2_at ON p_2 (at);
ALTER INDEX p_at ATTACH PARTITION p_2_at;

-- case: constraints validated afterwards
CREATE TABLE a (id int PRIMARY KEY, n int);
CREATE TABLE b (id int PRIMARY KEY, a_id int);
INSERT INTO a VALUES (1, 1);
INSERT INTO b VALUES (1, 1);
-- migration
ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a (id) NOT VALID;
ALTER TABLE b VALIDATE CONSTRAINT b_a;
ALTER TABLE a ADD CONSTRAINT positive CHECK (n > 0) NOT VALID;
ALTER TABLE a VALIDATE CONSTRAINT positive;

-- case: a required column in the safe form
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, NULL FROM generate_series(1, 30) i;
-- migration
UPDATE a SET n = 0 WHERE n IS NULL;
ALTER TABLE a ADD CONSTRAINT a_n_filled CHECK (n IS NOT NULL) NOT VALID;
ALTER TABLE a VALIDATE CONSTRAINT a_n_filled;
ALTER TABLE a ALTER COLUMN n SET NOT NULL;
ALTER TABLE a DROP CONSTRAINT a_n_filled;

-- case: a unique constraint by an index
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a SELECT i, i FROM generate_series(1, 100) i;
-- migration
CREATE UNIQUE INDEX CONCURRENTLY a_n_key ON a (n);
ALTER TABLE a ADD CONSTRAINT a_n_key UNIQUE USING INDEX a_n_key;
COMMENT ON CONSTRAINT a_n_key ON a IS 'by index';

-- case: one block
CREATE TABLE a (id int PRIMARY KEY, n int);
-- migration
BEGIN;
CREATE TABLE b (id int PRIMARY KEY);
INSERT INTO a VALUES (1, 1);
INSERT INTO b VALUES (1);
COMMIT;

-- case: two blocks and something between
CREATE TABLE a (id int PRIMARY KEY, n int);
-- migration
BEGIN;
INSERT INTO a VALUES (1, 1);
COMMIT;
CREATE INDEX CONCURRENTLY a_n ON a (n);
BEGIN;
INSERT INTO a VALUES (2, 2);
UPDATE a SET n = n + 1;
COMMIT;

-- case: blocks with settings of their own
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a VALUES (1, 1);
-- migration
BEGIN;
SET LOCAL statement_timeout = '60s';
UPDATE a SET n = n + 1;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '60s';
UPDATE a SET n = n + 1;
COMMIT;

-- case: a block taken back
CREATE TABLE a (id int PRIMARY KEY, n int);
-- migration
INSERT INTO a VALUES (1, 1);
BEGIN;
INSERT INTO a VALUES (2, 2);
ROLLBACK;
INSERT INTO a VALUES (3, 3);

-- case: savepoints
CREATE TABLE a (id int PRIMARY KEY, n int);
-- migration
BEGIN;
INSERT INTO a VALUES (1, 1);
SAVEPOINT s;
INSERT INTO a VALUES (2, 2);
ROLLBACK TO SAVEPOINT s;
INSERT INTO a VALUES (3, 3);
COMMIT;

-- case: settings of the session
CREATE SCHEMA side;
CREATE TABLE side.a (id int PRIMARY KEY, n int);
-- migration
SET search_path = side;
INSERT INTO a VALUES (1, 1);
CREATE INDEX CONCURRENTLY a_n ON a (n);
INSERT INTO a VALUES (2, 2);
SET statement_timeout = '60s';
CREATE TABLE b (id int);

-- case: a schema with what is in it
CREATE TABLE a (id int PRIMARY KEY);
-- migration
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a_id int REFERENCES a (id));
CREATE SEQUENCE s.q START 5;
ALTER TABLE a SET SCHEMA s;

-- case: renames
CREATE TABLE a (id int PRIMARY KEY, n int);
CREATE INDEX a_n ON a (n);
INSERT INTO a VALUES (1, 1);
-- migration
ALTER TABLE a RENAME TO b;
ALTER TABLE b RENAME COLUMN n TO m;
ALTER INDEX a_n RENAME TO b_m;
ALTER TABLE b RENAME CONSTRAINT a_pkey TO b_pkey;

-- case: things dropped
CREATE TABLE a (id int PRIMARY KEY, n int);
CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a (id));
CREATE TYPE mood AS ENUM ('ok');
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migration
DROP TABLE b;
DROP TABLE a CASCADE;
DROP TYPE mood;
DROP FUNCTION f();

-- case: rules about rows
CREATE TABLE a (id int PRIMARY KEY, owner text);
-- migration
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON a USING (owner = current_user);
GRANT SELECT ON a TO PUBLIC;
COMMENT ON POLICY own ON a IS 'one''s own';

-- case: domains, composite types and generated columns
CREATE TABLE a (id int PRIMARY KEY, n int);
INSERT INTO a VALUES (1, 2);
-- migration
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE pair AS (one int, two int);
ALTER TABLE a ADD COLUMN p positive DEFAULT 1;
ALTER TABLE a ADD COLUMN double int GENERATED ALWAYS AS (n * 2) STORED;
ALTER TABLE a ADD COLUMN q pair;

-- case: identity and exclusion
CREATE TABLE a (id int PRIMARY KEY, during int4range);
-- migration
ALTER TABLE a ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
ALTER TABLE a ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&);
INSERT INTO a VALUES (1, '[1,5)'), (2, '[5,9)');

-- case: several of a kind that must stand alone
CREATE TABLE a (id int PRIMARY KEY, n int, m int);
INSERT INTO a SELECT i, i, i FROM generate_series(1, 100) i;
CREATE INDEX a_m ON a (m);
-- migration
CREATE INDEX CONCURRENTLY a_n ON a (n);
DROP INDEX CONCURRENTLY a_m;
VACUUM a;
REINDEX INDEX CONCURRENTLY a_n;
CREATE INDEX CONCURRENTLY a_n_m ON a (n, m);

-- case: everything mixed
CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE a (id int PRIMARY KEY, n int, mood mood);
INSERT INTO a SELECT i, i, 'ok' FROM generate_series(1, 60) i;
-- migration
ALTER TYPE mood ADD VALUE 'glad';
UPDATE a SET mood = 'glad' WHERE n > 50;
CREATE INDEX CONCURRENTLY a_mood ON a (mood);
ALTER TABLE a ADD COLUMN extra int NOT NULL DEFAULT 3;
VACUUM a;
CREATE VIEW v AS SELECT id, mood FROM a;
BEGIN;
UPDATE a SET extra = extra + 1;
INSERT INTO a VALUES (1000, 1, 'ok', 9);
COMMIT;

-- case: comments, quotes and an empty statement
CREATE TABLE "a b" (id int PRIMARY KEY, "x;y" text);
-- migration
/* before; all */ INSERT INTO "a b" VALUES (1, 'it''s; fine');
-- a remark; with a semicolon
;
CREATE INDEX CONCURRENTLY "a;b" ON "a b" ("x;y");
INSERT INTO "a b" VALUES (2, $q$';'$q$);
