//! `migrate resolve`: codes, words and rows are Prisma's.

use server_test::server_test;

use crate::stand::{Database, Folder};

const INIT: (&str, &str) = ("1_init", "CREATE TABLE a (id int PRIMARY KEY);\n");
const FAILING: (&str, &str) = ("2_b", "CREATE TABLE b ();\nSELECT 1 / 0;\n");

#[test]
fn one_of_the_two_must_be_given() {
    let project = Folder::new("", &[INIT]);
    project.run("migrate resolve").ended(1).complains("Error: --applied or --rolled-back must be");
    project
        .run("migrate resolve --applied a --rolled-back a")
        .ended(1)
        .complains("Error: Pass either --applied or --rolled-back, not both.");
}

#[server_test]
fn a_database_from_before_the_history_gets_its_first_row() {
    let database = Database::new("resolve_baseline");
    database.run("CREATE TABLE a (id int PRIMARY KEY)");
    let project = Folder::new("", &[INIT]).on(&database);
    let refused = project.run("migrate resolve --rolled-back 1_init").ended(1);
    refused
        .complains("Error: P3011\n\nMigration `1_init` cannot be rolled back because it was never");
    project
        .run("migrate resolve --applied 1_init")
        .ended(0)
        .says("\n\nMigration 1_init marked as applied.\n\n");
    assert_eq!(
        database.ask(
            "SELECT concat_ws(' ', applied_steps_count, logs = '', started_at = finished_at)
             FROM _prisma_migrations"
        ),
        ["0 t t"]
    );
    project
        .run("migrate resolve --applied 1_init")
        .ended(1)
        .complains("Error: P3008\n\nThe migration `1_init` is already recorded as applied");
    project
        .run("migrate resolve --rolled-back 1_init")
        .ended(1)
        .complains("Error: P3012\n\nMigration `1_init` cannot be rolled back because it is not in");
    project
        .run("migrate resolve --applied nope")
        .ended(1)
        .complains("Error: P3017\n\nThe migration nope could not be found.");
    project.run("migrate deploy").ended(0).says("No pending migrations to apply.");
}

#[server_test]
fn a_failed_migration_has_two_ways_out() {
    let database = Database::new("resolve_failed");
    let project = Folder::new("", &[INIT, FAILING]).on(&database);
    project.run("migrate deploy").ended(1).complains("undrift migrate resolve --applied \"2_b\"");
    project.run("migrate resolve --rolled-back 2_b").ended(0).says("2_b marked as rolled back.");
    // Prisma accepts it twice, too.
    project.run("migrate resolve --rolled-back 2_b").ended(0);
    assert_eq!(database.history(), ["1_init applied", "2_b rolled back"]);
    project.run("migrate deploy").ended(1).complains("P3018");
    let json = project.run("migrate resolve --applied 2_b --json").ended(0).json();
    assert_eq!(
        (json["migration"].as_str(), json["marked"].as_str()),
        (Some("2_b"), Some("applied"))
    );
    assert_eq!(
        database.history(),
        ["1_init applied", "2_b rolled back", "2_b rolled back", "2_b applied"]
    );
    project.run("migrate deploy").ended(0).says("No pending migrations to apply.");
}
