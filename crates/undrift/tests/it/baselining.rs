//! `baseline`: the history is brought to where the database is.

use server_test::server_test;

use crate::stand::{Database, Folder};

/// Of every sort something that the schema language cannot say.
const GROWN: &str = "
    CREATE FUNCTION new_code(prefix text) RETURNS text LANGUAGE sql
        AS $$ SELECT prefix || '-' || substr(md5(random()::text), 1, 6) $$;
    CREATE TABLE customer (id serial PRIMARY KEY, code text NOT NULL DEFAULT new_code('c'),
        credit numeric CHECK (credit >= 0));
    CREATE INDEX with_credit ON customer (lower(code)) WHERE credit > 0;
    CREATE VIEW rich AS SELECT id FROM customer WHERE credit > 1000;
    COMMENT ON TABLE customer IS 'who pays';
    INSERT INTO customer (credit) VALUES (5), (5000);";

fn migrations(project: &Folder) -> usize {
    let entries = std::fs::read_dir(project.path("prisma/migrations")).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

#[server_test]
fn a_database_without_a_history_gets_one() {
    let database = Database::new("baseline_grown");
    database.run(GROWN);
    let project = Folder::new("", &[]).on(&database);
    project.run("migrate deploy").ended(1).complains("undrift baseline");
    let shown = project.run("baseline --dry-run").ended(0).says("CREATE INDEX \"with_credit\"");
    shown.says("Would be marked as applied");
    assert!(!project.path("prisma/migrations").exists());
    project.run("baseline").ended(0).says("Proven").says("Marked as applied");
    project.run("migrate status").ended(0);
    assert_eq!(database.ask("SELECT sum(credit) FROM customer"), ["5005"]);
    assert_eq!(migrations(&project), 1);
    project.run("baseline").ended(0).says("Nothing to do");
    // What was written makes the same database elsewhere.
    let other = Database::new("baseline_elsewhere");
    let elsewhere = project.with("DATABASE_URL", &other.url);
    elsewhere.run("migrate deploy").ended(0);
    elsewhere.run("migrate status").ended(0);
}

#[server_test]
fn drift_is_adopted() {
    let table = "CREATE TABLE a (id int PRIMARY KEY);\n";
    let database = Database::new("baseline_drift");
    let project = Folder::new("", &[("20260101000000_a", table)]).on(&database);
    project.run("migrate deploy").ended(0);
    database.run(
        "CREATE INDEX hot ON a ((id + 1)); ALTER TABLE a ADD note text; INSERT INTO a VALUES (1)",
    );
    project.run("migrate status").ended(1);
    let ran = project.run("baseline --name hotfix --json").ended(0).json();
    assert!(ran["created"].as_str().unwrap().ends_with("_hotfix"));
    project.run("migrate status").ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM a"), ["1"]);
}

#[server_test]
fn an_unsound_history_is_not_covered_up() {
    let table = "CREATE TABLE a (id int PRIMARY KEY);\n";
    let database = Database::new("baseline_unsound");
    let project = Folder::new("", &[("20260101000000_a", table)]).on(&database);
    project.run("migrate deploy").ended(0);
    project.write("prisma/migrations/20260101000000_a/migration.sql", format!("{table}-- edited"));
    project.run("baseline").ended(130).complains("was modified after it was applied");
    project.write("prisma/migrations/20260101000000_a/migration.sql", table);
    project.write("prisma/migrations/20260102000000_b/migration.sql", "SELECT 1;");
    project
        .run("baseline")
        .ended(1)
        .complains("is pending; apply it first: undrift migrate deploy");
    assert_eq!(migrations(&project), 2);
}

#[server_test]
fn what_may_still_be_to_come_is_not_taken_for_dropped() {
    let [one, two] = [1, 2].map(|n| format!("CREATE TABLE t{n} (id int PRIMARY KEY);\n"));
    let database = Database::new("baseline_half");
    let folder = [("20260101000000_one", one.as_str()), ("20260102000000_two", two.as_str())];
    let project = Folder::new("", &folder).on(&database);
    database.run(&one);
    project.run("baseline").ended(1).complains("table public.t2 is missing");
    project.run("migrate resolve --applied 20260101000000_one").ended(0);
    project.run("migrate deploy").ended(0);
    project.run("migrate status").ended(0);
}

// Grants name roles, which belong to the server: the shadow gets those of the target.
#[server_test]
fn roles_of_the_server_are_known_to_the_shadow() {
    let database = Database::new("baseline_roles");
    database.run("CREATE ROLE \"baseline reader\"; CREATE TABLE a (id int PRIMARY KEY)");
    database.run("GRANT SELECT ON a TO \"baseline reader\"");
    let project = Folder::new("", &[]).on(&database);
    project.run("baseline").ended(0);
    project.run("migrate status").ended(0);
    database.run("REVOKE SELECT ON a FROM \"baseline reader\"; DROP ROLE \"baseline reader\"");
    project.run("migrate status").ended(1);
}
