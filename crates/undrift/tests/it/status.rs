//! `status` and `migrate status`: three questions, kept apart, and what to do.
//!
//! Where Prisma has the state, its words and exit codes are Prisma 7.10.1's.

use serde_json::Value;
use server_test::server_test;

use crate::stand::{Database, Folder, Ran};

const SCHEMA: &str = "\nmodel A {\n  id Int @id\n}\n\nmodel B {\n  id Int @id\n}\n";
const A: (&str, &str) = (
    "20260101000000_a",
    "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\"));\n",
);
const B: (&str, &str) = (
    "20260102000000_b",
    "CREATE TABLE \"B\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"B_pkey\" PRIMARY KEY (\"id\"));\n",
);

/// A project whose two migrations are applied.
fn deployed(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(SCHEMA, &[A, B]).on(&database);
    project.run("migrate deploy").ended(0);
    (project, database)
}

/// What both spellings and both forms say of the same state: the text and the JSON.
fn both(project: &Folder, status: i32, migrate_status: i32) -> (Ran, Value) {
    let text = project.run("status").ended(status);
    let json = project.run("status --json").ended(status).json();
    let migrate = project.run("migrate status").ended(migrate_status);
    assert_eq!(text.stdout, migrate.stdout);
    assert_eq!(json, project.run("migrate status --json").ended(migrate_status).json());
    assert_eq!(text.stderr, "");
    (text, json)
}

fn commands(json: &Value) -> Vec<&str> {
    let steps = json["next"].as_array().unwrap();
    steps.iter().map(|step| step["command"].as_str().unwrap()).collect()
}

#[server_test]
fn all_three_agree() {
    let (project, _database) = deployed("status_in_sync");
    let (text, json) = both(&project, 0, 0);
    let told = text.stdout.split_once("\n\n").unwrap().1;
    assert_eq!(told, "2 migrations found in prisma/migrations\n\nDatabase schema is up to date!\n");
    assert_eq!(json["migrations"]["applied"], serde_json::json!([A.0, B.0]));
    assert_eq!(json["drift"]["state"], "none");
    assert_eq!(json["schema"]["state"], "in_sync");
    assert_eq!(json["next"], serde_json::json!([]));
}

#[server_test]
fn nothing_is_there_yet() {
    let database = Database::new("status_nothing");
    let project = Folder::new("", &[]).on(&database);
    // Prisma answers 1 here as well, and says the same.
    let ran = project.run("migrate status");
    assert!(ran.stdout.contains("No migration found in prisma/migrations\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("The current database is not managed by Prisma Migrate."),
        "{}",
        ran.stdout
    );
    ran.ended(1);
}

#[server_test]
fn migrations_are_pending() {
    let database = Database::new("status_pending");
    let project = Folder::new(SCHEMA, &[A, B]).on(&database);
    let (text, json) = both(&project, 1, 1);
    text.says(
        "2 migrations found in prisma/migrations\nFollowing migrations have not yet been applied:\n\
         20260101000000_a\n20260102000000_b\n",
    );
    assert_eq!(json["migrations"]["pending"], serde_json::json!([A.0, B.0]));
    assert_eq!(json["drift"]["state"], "none");
    assert_eq!(json["schema"]["state"], "in_sync");
    assert_eq!(commands(&json), ["undrift migrate deploy"]);
}

#[server_test]
fn a_pending_migration_is_older_than_an_applied_one() {
    let (project, _database) = deployed("status_order");
    project.write("prisma/migrations/20260101120000_late/migration.sql", "SELECT 1;\n");
    let (text, json) = both(&project, 1, 1);
    text.says(
        "Following migration have not yet been applied:\n\
         20260101120000_late (older than applied ones)\n",
    );
    assert_eq!(json["migrations"]["out_of_order"], serde_json::json!(["20260101120000_late"]));
}

#[server_test]
fn a_migration_has_failed() {
    let (project, database) = deployed("status_failed");
    project.write("prisma/migrations/20260103000000_c/migration.sql", "SELECT 1 / 0;\n");
    project.write("prisma/migrations/20260104000000_d/migration.sql", "SELECT 1;\n");
    project.run("migrate deploy").ended(1);
    let (text, json) = both(&project, 1, 1);
    // Prisma says nothing of the failure when another one is pending.
    text.says("Following migration have not yet been applied:\n20260104000000_d\n")
        .says("Following migration have failed:\n20260103000000_c (begun ")
        .says("division by zero");
    assert_eq!(json["migrations"]["failed"][0]["name"], "20260103000000_c");
    assert_eq!(json["migrations"]["failed"][0]["is_resumable"], false);
    assert_eq!(
        commands(&json),
        [
            "undrift recover \"20260103000000_c\"",
            "undrift migrate resolve --rolled-back \"20260103000000_c\"",
            "undrift migrate resolve --applied \"20260103000000_c\"",
        ]
    );
    database.run("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL");
    let (_, json) = both(&project, 1, 1);
    assert_eq!(json["migrations"]["failed"], serde_json::json!([]));
    assert_eq!(
        json["migrations"]["pending"],
        serde_json::json!(["20260103000000_c", "20260104000000_d"])
    );
}

#[server_test]
fn a_migration_was_edited_after_it_was_applied() {
    let (project, _database) = deployed("status_edited");
    let path = "prisma/migrations/20260102000000_b/migration.sql";
    // A comment changes the checksum and not what is made.
    project.write(path, format!("-- a comment\n{}", B.1));
    let (text, json) = both(&project, 1, 1);
    text.says("Changed after being applied:\n20260102000000_b\n");
    assert_eq!(json["migrations"]["edited"][0]["name"], B.0);
    assert_eq!(json["drift"]["state"], "none");

    project.write(path, format!("{}ALTER TABLE \"B\" ADD COLUMN \"c\" TEXT;\n", B.1));
    let (text, json) = both(&project, 1, 1);
    text.says("Drift: 1 object is not as the migrations make it\n")
        .says("a migration was edited after it was applied");
    assert_eq!(json["drift"]["objects"][0]["cause"], "edited_migration");
    assert_eq!(json["drift"]["objects"][0]["id"], "public.B");
    assert!(commands(&json).contains(&"undrift repair"));
}

#[server_test]
fn an_applied_migration_is_missing() {
    let (project, _database) = deployed("status_missing");
    project.remove("prisma/migrations/20260102000000_b");
    // Prisma answers 0, "up to date", here.
    let (text, json) = both(&project, 1, 1);
    text.says(
        "The migration from the database are not found locally in prisma/migrations:\n\
         20260102000000_b\n",
    );
    assert_eq!(json["migrations"]["missing"], serde_json::json!([B.0]));
    assert_eq!(commands(&json)[0], "undrift repair");

    project.write("prisma/migrations/20260105000000_new/migration.sql", "SELECT 1;\n");
    let (text, _) = both(&project, 1, 1);
    text.says(
        "Your local migration history and the migrations table from your database are different:\n\n\
         The last common migration is: 20260101000000_a\n\n\
         The migration have not yet been applied:\n20260105000000_new\n\n\
         The migration from the database are not found locally in prisma/migrations:\n\
         20260102000000_b\n",
    );
}

#[server_test]
fn the_database_has_drifted() {
    let (project, database) = deployed("status_drifted");
    database.run("ALTER TABLE \"A\" ADD COLUMN name text");
    database.run("CREATE INDEX hotfix ON \"B\" ((id + 1))");
    database.run("CREATE VIEW v AS SELECT 1 AS one");
    let (text, json) = both(&project, 1, 1);
    assert!(!text.stdout.contains("up to date"), "{}", text.stdout);
    text.says("Drift: 3 objects are not as the migrations make them\n")
        .says("  ~ table public.A\n")
        .says("  + index public.hotfix is in no migration\n")
        .says("  + view public.v is in no migration\n")
        .says("not in the schema file: changed by hand or by another tool");
    let objects = json["drift"]["objects"].as_array().unwrap();
    assert!(objects.iter().all(|object| object["cause"] == "by_hand"), "{objects:#?}");
    assert_eq!(json["migrations"]["pending"], serde_json::json!([]));
    assert_eq!(json["schema"]["state"], "in_sync");

    // The commands it names do what it says of them.
    let next = commands(&json);
    let run = |command: &str| project.run(command.strip_prefix("undrift ").unwrap());
    run(next[0]).ended(0).says("ALTER TABLE \"public\".\"A\" DROP COLUMN \"name\"");
    run(next[2]).ended(130).complains("--yes");
    run(&next[1].replace("NAME", "hotfix")).ended(0).says("Proven");
    assert_eq!(project.run("status --json").ended(0).json()["drift"]["state"], "none");
}

#[server_test]
fn drift_that_the_schema_file_agrees_with_is_of_db_push() {
    let (project, database) = deployed("status_pushed");
    project.write(
        "prisma/schema.prisma",
        format!("{}{SCHEMA}\nmodel C {{\n  id Int @id\n}}\n", crate::stand::DATASOURCE),
    );
    // What `prisma db push` runs for it.
    database.run(
        "CREATE TABLE \"C\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"C_pkey\" PRIMARY KEY (\"id\"))",
    );
    let (text, json) = both(&project, 1, 1);
    text.says(
        "  + table public.C is in no migration\n      the schema file says the same: db push\n",
    );
    assert_eq!(json["drift"]["objects"][0]["cause"], "db_push");
    assert_eq!(json["schema"]["state"], "ahead");
}

#[server_test]
fn the_schema_is_ahead_of_the_migrations() {
    let (project, _database) = deployed("status_ahead");
    project.write(
        "prisma/schema.prisma",
        format!("{}{}", crate::stand::DATASOURCE, SCHEMA.replace("B {\n", "B {\n  c Int?\n")),
    );
    // `migrate status` is about the database, as Prisma's: 0.
    let (text, json) = both(&project, 1, 0);
    text.says("Database schema is up to date!\n")
        .says("The schema says what no migration makes:\n")
        .says("[+] Added column `c`\n");
    let next = commands(&json);
    let [write, see] = next.as_slice() else { panic!("{next:?}") };
    let run = |command: &str| project.run(command.strip_prefix("undrift ").unwrap()).ended(0);
    run(see).says("ALTER TABLE \"B\" ADD COLUMN     \"c\" INTEGER;");
    run(&write.replace("NAME", "c"));
    project.run("status").ended(0);
}

#[server_test]
fn the_schema_is_wrong() {
    let (project, _database) = deployed("status_wrong_schema");
    project.write(
        "prisma/schema.prisma",
        format!("{}model A {{\n  id Nope @id\n}}\n", crate::stand::DATASOURCE),
    );
    let (text, json) = both(&project, 1, 0);
    text.says("Database schema is up to date!\n")
        .says("The schema cannot be compared with the migrations: error: Type \"Nope\"");
    assert_eq!(json["schema"]["state"], "unknown");
}

#[server_test]
fn a_pending_migration_that_cannot_be_replayed_leaves_the_other_answers() {
    let (project, _database) = deployed("status_unreplayable");
    project.write("prisma/migrations/20260103000000_c/migration.sql", "SELECT nothing;\n");
    let (text, json) = both(&project, 1, 1);
    text.says("Following migration have not yet been applied:\n20260103000000_c\n")
        .says("20260103000000_c")
        .says("column \"nothing\" does not exist");
    assert_eq!(json["drift"]["state"], "none");
    assert_eq!(json["schema"]["state"], "unknown");
}

#[server_test]
fn a_database_without_a_history_is_compared_with_all_migrations() {
    let database = Database::new("status_baseline");
    let project = Folder::new(SCHEMA, &[A, B]).on(&database);
    database.run(A.1);
    database.run(B.1);
    let (text, json) = both(&project, 1, 1);
    text.says("The current database is not managed by Prisma Migrate.")
        .says("The database is what the migrations make\n");
    assert_eq!(json["migrations"]["needs_baseline"], true);
    assert_eq!(commands(&json), ["undrift baseline"]);
    database.run("DROP TABLE \"B\"");
    let (text, _) = both(&project, 1, 1);
    text.says("  - table public.B is missing\n");
}

#[server_test]
fn a_migration_that_was_cut_off_between_its_steps_can_go_on() {
    let (project, database) = deployed("status_cut");
    let script = "CREATE TABLE c (id int);\nCREATE INDEX CONCURRENTLY c_id ON c (id);\n\
                  SELECT pg_sleep(3);\nCREATE TABLE d ();\n";
    project.write("prisma/migrations/20260103000000_c/migration.sql", script);
    let mut child = project.command("migrate deploy").spawn().unwrap();
    database.wait_for("wait_event = 'PgSleep'");
    child.kill().unwrap();
    child.wait().unwrap();
    let (text, json) = both(&project, 1, 1);
    text.says("Following migration have failed:\n20260103000000_c (begun ")
        .says(" UTC, cut off, can go on)\n");
    assert_eq!(json["migrations"]["failed"][0]["is_resumable"], true);
    assert_eq!(commands(&json)[0], "undrift migrate deploy");
    project.run("migrate deploy").ended(0);
    assert_eq!(database.tables(), ["A", "B", "c", "d"]);
}
