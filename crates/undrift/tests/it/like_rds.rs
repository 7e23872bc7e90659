//! The whole runbook as the user that RDS gives: no superuser, no right to make databases, and a database
//! `rdsadmin` that lets nobody in.

use server_test::server_test;

use crate::stand::{Database, Folder, wait};

const MODELS: &str = "model a {\n  id Int @id\n}\n";
const INIT: (&str, &str) = (
    "1_init",
    "-- CreateTable\nCREATE TABLE \"a\" (\n    \"id\" INTEGER NOT NULL,\n\n    CONSTRAINT \"a_pkey\" PRIMARY KEY (\"id\")\n);\n",
);

/// A database as RDS has them, and the URL of its user.
fn rds(name: &str) -> (Database, String) {
    let database = Database::new(name);
    let user = format!("{name}_user");
    database.run(&format!(
        "DO $$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') THEN
                 CREATE ROLE rds_superuser;
             END IF;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
         END $$;
         DROP ROLE IF EXISTS {user};
         CREATE ROLE {user} LOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION;
         GRANT rds_superuser TO {user};
         ALTER DATABASE {name} OWNER TO {user};
         ALTER SCHEMA public OWNER TO {user};
         ALTER DATABASE {name} SET rds.extensions = 'plpgsql,pg_trgm'"
    ));
    // Somebody else may be making it.
    drop(wait(
        database.session().run("testing", "CREATE DATABASE rdsadmin ALLOW_CONNECTIONS false"),
    ));
    let url = database.url_as(&user);
    (database, url)
}

#[server_test]
fn the_runbook_works_with_the_rights_that_there_are() {
    let (database, url) = rds("like_rds");
    let project = Folder::new(MODELS, &[INIT]).with("DATABASE_URL", &url);
    project
        .write("undrift.toml", format!("[environments.dev]\nurl = \"{url}\"\nclass = \"dev\"\n"));
    // Deploy and status.
    project.run("status").ended(1).says("1_init");
    project.run("migrate deploy").ended(0);
    project.run("status").ended(0);
    // Drift: seen, taken back, taken over.
    database.run("SET ROLE like_rds_user; CREATE TABLE by_hand (id int PRIMARY KEY); RESET ROLE");
    project.run("drift").ended(0).says("by_hand");
    project.run("drift adopt --name adopted").ended(0);
    project.run("migrate status").ended(0);
    database.run("SET ROLE like_rds_user; CREATE INDEX odd ON a (id); RESET ROLE");
    project.run("drift revert --yes").ended(0);
    // Develop.
    let schema = project.read("prisma/schema.prisma");
    project
        .write("prisma/schema.prisma", schema.replace("id Int @id\n}", "id Int @id\n  b Int?\n}"));
    project.run("migrate dev --name b --skip-generate").ended(0);
    // A migration that fails, and the way out.
    project.write(
        "prisma/migrations/99999999999999_bad/migration.sql",
        "ALTER TABLE a ADD c int;\nSELECT 1/0;\n",
    );
    project.run("migrate deploy").ended(1).complains("P3018");
    project.run("recover").ended(130).complains("--mark-rolled-back");
    project.run("recover --mark-rolled-back").ended(0);
    project.remove("prisma/migrations/99999999999999_bad");
    project.run("migrate status").ended(0);
    // Back.
    project.run("rollback --yes").ended(0);
    let left =
        database.ask("SELECT count(*) FROM information_schema.columns WHERE table_name = 'a'");
    assert_eq!(left, ["1"]);
    project
        .run("env check")
        .ended(0)
        .says("product     RDS")
        .says("rds.extensions = plpgsql,pg_trgm");
}

#[server_test]
fn a_database_that_was_there_before_is_baselined() {
    let (database, url) = rds("like_rds_baseline");
    database.run("SET ROLE like_rds_baseline_user; CREATE TABLE a (id int NOT NULL, CONSTRAINT a_pkey PRIMARY KEY (id)); RESET ROLE");
    let project = Folder::new(MODELS, &[]).with("DATABASE_URL", &url);
    project.run("migrate deploy").ended(1).complains("P3005");
    project.run("baseline --name baseline").ended(0);
    project.run("status").ended(0);
    project.run("migrate reset --force").ended(1).complains("on Amazon RDS");
}
