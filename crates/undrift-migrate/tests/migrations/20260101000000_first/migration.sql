-- CreateTable
CREATE TABLE "visit" ("id" SERIAL PRIMARY KEY, "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP);

-- Whoever starts at the same time waits meanwhile.
SELECT pg_sleep(0.3);
