CREATE TYPE k AS (c date);
