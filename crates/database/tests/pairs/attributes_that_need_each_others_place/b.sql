CREATE DOMAIN d AS text;
CREATE TYPE k AS (a text);
CREATE TYPE m AS (a d);
