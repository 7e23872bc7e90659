CREATE DOMAIN d AS text CHECK (length(VALUE) < 10);
CREATE TYPE k AS (a d, b integer);
