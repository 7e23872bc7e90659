//! `plan` and `apply`: what is agreed to is what is done, or nothing.

use server_test::server_test;
use std::process::Stdio;

use crate::stand::{Database, Folder, Ran};

const SCHEMA: &str = "\nmodel a {\n  id Int @id\n}\n";

/// A database with a table of three rows, two of which have a name, and a pending migration that drops
/// the column and makes a table.
fn pending(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project =
        Folder::new(SCHEMA, &[("1_a", "CREATE TABLE a (id int PRIMARY KEY, name text);\n")])
            .on(&database);
    project.run("migrate deploy").ended(0);
    database.run("INSERT INTO a VALUES (1, 'x'), (2, 'y'), (3, NULL)");
    project.write(
        "prisma/migrations/2_b/migration.sql",
        "-- AlterTable\nALTER TABLE a DROP COLUMN name;\n\nCREATE TABLE b (id int PRIMARY KEY);\n",
    );
    (project, database)
}

#[server_test]
fn a_plan_says_what_a_deploy_would_do() {
    let (project, _database) = pending("planning");
    let ran = project.run("plan").ended(130);
    let ran = ran.says("2_b").says("ACCESS EXCLUSIVE on public.a (reads and writes wait)");
    ran.says("2 values of the column name of public.a would be lost").says("open: ");
    let plan = project.run("plan --json").ended(130).json();
    assert_eq!(plan["of"], "deploy");
    assert_eq!(plan["scripts"][0]["migration"], "2_b");
    let statement = &plan["scripts"][0]["statements"][0];
    assert_eq!(statement["line"], 2);
    assert_eq!(statement["sql"], "ALTER TABLE a DROP COLUMN name");
    assert_eq!(statement["locks"][0]["mode"], "access_exclusive");
    assert_eq!(statement["in_transaction"], true);
    assert_eq!(statement["work"], "nothing");
    assert_eq!(statement["data"][0]["fate"], "lost");
    assert_eq!(statement["data"][0]["number"], 2);
    assert_eq!(statement["findings"][0]["rule"], "destroys-data");
    assert_eq!(plan["questions"][0]["id"], "data-loss");
    let changes: Vec<String> = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {}", it["change"], it["kind"], it["id"]).replace('"', ""))
        .collect();
    assert_eq!(changes, ["alter table public.a", "create table public.b"]);
}

#[server_test]
fn a_plan_that_is_agreed_to_is_applied_once_and_asks_nothing() {
    let (project, database) = pending("planning_applied");
    project.run("plan -o plan.json").ended(130).says("Written to plan.json");
    let refused = project.run("apply --plan plan.json").ended(130);
    refused.complains("does not say yes to what it asks").complains("--answer data-loss");
    assert_eq!(database.ask("SELECT count(name) FROM a"), ["2"]);
    let done = project.run("plan -o plan.json --answer data-loss=yes").ended(0);
    done.says("next: undrift apply --plan plan.json");
    project.run("apply --plan plan.json").ended(0).says("2_b");
    assert_eq!(database.history(), ["1_a applied", "2_b applied"]);
    project.run("apply --plan plan.json").ended(0).says("Nothing to do");
    project.run("plan").ended(0).says("Nothing to do");
    project.run("migrate status").ended(0);
}

#[server_test]
fn a_plan_is_refused_when_the_database_has_changed() {
    let (project, database) = pending("planning_changed");
    project.run("plan -o plan.json --answer data-loss=yes").ended(0);
    database.run("ALTER TABLE a ADD COLUMN other int; CREATE TABLE c ()");
    let ran = project.run("apply --plan plan.json").ended(1);
    ran.complains("in the database, the table public.a is not what it was")
        .complains("in the database, the table public.c is new")
        .complains("undrift plan -o FILE");
    let error = project.run("apply --plan plan.json --json").ended(1).json();
    assert!(error["error"]["message"].as_str().unwrap().contains("public.c is new"));
    assert_eq!(database.history(), ["1_a applied"]);
    database.run("ALTER TABLE a DROP COLUMN other; DROP TABLE c");
    // Rows are no part of what the database is; but more of them than a tenth are more to lose.
    database.run("UPDATE a SET name = 'z' WHERE id = 3");
    project.run("apply --plan plan.json").ended(1).complains(
        "3 values of the column name of public.a would be lost (id = 1; id = 2; id = 3); when the plan was made: 2",
    );
    database.run("UPDATE a SET name = NULL WHERE id > 1");
    project.run("apply --plan plan.json").ended(0);
}

#[server_test]
fn a_plan_is_refused_when_the_folder_has_changed() {
    let (project, database) = pending("planning_folder");
    project.run("plan -o plan.json --answer data-loss=yes").ended(0);
    project.write("prisma/migrations/3_c/migration.sql", "CREATE TABLE c ();\n");
    let refused = project.run("apply --plan plan.json").ended(1);
    refused.complains("in the folder, the migration 3_c is new");
    project.remove("prisma/migrations/3_c");
    project.write("prisma/migrations/2_b/migration.sql", "CREATE TABLE b ();\n");
    let refused = project.run("apply --plan plan.json").ended(1);
    refused.complains("in the folder, the migration 2_b is not what it was");
    assert_eq!(database.history(), ["1_a applied"]);
}

#[server_test]
fn a_plan_is_for_one_database() {
    let (project, database) = pending("planning_one");
    project.run("plan -o plan.json --answer data-loss=yes").ended(0);
    let other = Database::new("planning_other");
    other.run("CREATE TABLE a (id int PRIMARY KEY, name text)");
    let refused = project.run(&format!("apply --plan plan.json --url {}", other.url)).ended(1);
    refused.complains("it is for the database").complains("and this is the database");
    assert_eq!(database.history(), ["1_a applied"]);
}

#[server_test]
fn what_is_no_plan_is_refused() {
    let (project, _database) = pending("planning_no_plan");
    project.run("apply --plan absent.json").ended(1).complains("absent.json");
    for text in ["", "{}", "[1]", "{\"format\": 1, \"undrift\": \"0.1.0\"}"] {
        project.write("plan.json", text);
        project.run("apply --plan plan.json").ended(1).complains("that is no plan");
    }
    project.write("plan.json", "{\"format\": 7, \"undrift\": \"9.9\"}");
    project.run("apply --plan plan.json").ended(1).complains("made by undrift 9.9");
}

#[server_test]
fn a_plan_that_data_makes_fail_is_told_and_refused() {
    let (project, database) = pending("planning_stopped");
    project.write(
        "prisma/migrations/2_b/migration.sql",
        "ALTER TABLE a ALTER COLUMN name SET NOT NULL;\n",
    );
    project
        .run("plan -o plan.json")
        .ended(1)
        .says("1 nulls in the column name of public.a make it fail");
    let refused = project.run("apply --plan plan.json").ended(1);
    refused.complains("the plan would fail, so nothing was changed");
    assert_eq!(database.history(), ["1_a applied"]);
    // What the migration does about it before is not held against it.
    project.write(
        "prisma/migrations/2_b/migration.sql",
        "UPDATE a SET name = '' WHERE name IS NULL;\nALTER TABLE a ALTER COLUMN name SET NOT NULL;\n",
    );
    project.run("plan -o plan.json").ended(0).says("unless the statements before it change that");
    project.run("apply --plan plan.json").ended(0);
}

#[server_test]
fn what_is_protected_stays_so() {
    let (project, database) = pending("planning_protected");
    project.run("plan -o plan.json --answer data-loss=yes").ended(0);
    let protect = |lines: &str| {
        let environment = format!("[environments.live]\nurl = \"{}\"\n{lines}\n", database.url);
        project.write("undrift.toml", environment);
    };
    protect("protected = true");
    project.run("apply --plan plan.json").ended(1).complains("which is protected");
    assert_eq!(database.history(), ["1_a applied"]);
    // Migrations are the way in which production loses data; an agent needs the user's word besides.
    protect("class = \"production\"");
    let mut command = project.command("apply --plan plan.json");
    let ran = Ran::from(command.env("CLAUDECODE", "1").output().unwrap());
    ran.ended(1).complains("invoked by Claude Code");
    let mut command = project.command("apply --plan plan.json");
    let consent = "PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION";
    Ran::from(command.env("CLAUDECODE", "1").env(consent, "yes").output().unwrap()).ended(0);
    assert_eq!(database.history(), ["1_a applied", "2_b applied"]);
}

#[server_test]
fn an_interrupted_plan_goes_on() {
    let database = Database::new("planning_interrupted");
    let project = Folder::new(
        "",
        &[
            ("1_a", "CREATE TABLE a ();\n"),
            ("2_b", "CREATE TABLE b ();\nSELECT pg_sleep(2);\n"),
            ("3_c", "ALTER TABLE a ADD COLUMN c int;\n"),
        ],
    )
    .on(&database);
    project.run("plan -o plan.json").ended(0);
    let mut command = project.command("apply --plan plan.json");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    database.wait_for("wait_event = 'PgSleep'");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(database.history(), ["1_a applied"]);
    project.run("apply --plan plan.json").ended(0).says("2_b").says("3_c");
    assert_eq!(database.history(), ["1_a applied", "2_b applied", "3_c applied"]);
    project.run("apply --plan plan.json").ended(0).says("Nothing to do");
}

#[server_test]
fn steps_outside_a_transaction_are_told() {
    let (project, _database) = pending("planning_steps");
    project.write(
        "prisma/migrations/2_b/migration.sql",
        "CREATE INDEX CONCURRENTLY i ON a (name);\nCREATE ROLE planned PASSWORD 's3cr3t-never-shown';\n",
    );
    let plan = project.run("plan --json").ended(0).json();
    let statements = &plan["scripts"][0]["statements"];
    assert_eq!(statements[0]["in_transaction"], false);
    assert_eq!(statements[0]["work"], "index");
    assert_eq!(statements[0]["locks"][0]["mode"], "share_update_exclusive");
    assert_eq!(statements[1]["sql"], "CREATE ROLE planned PASSWORD '***'");
}

#[server_test]
fn drift_is_taken_back_by_plan() {
    let (project, database) = pending("planning_drift");
    project.remove("prisma/migrations/2_b");
    database.run("CREATE TABLE extra (id int); INSERT INTO extra VALUES (1)");
    let name = database.ask("SELECT current_database()").remove(0);
    project.run("plan --drift -o plan.json").ended(130).says("the table public.extra with 1 rows");
    project.run("apply --plan plan.json").ended(130);
    project.run(&format!("plan --drift -o plan.json --answer data-loss={name}")).ended(0);
    project.run("apply --plan plan.json").ended(0).says("public.extra");
    assert_eq!(database.tables(), ["a"]);
    project.run("apply --plan plan.json").ended(0).says("Nothing to do");
}

#[server_test]
fn what_the_schema_says_is_pushed_by_plan() {
    let (project, database) = pending("planning_push");
    project.run("plan --to schema -o plan.json").ended(130).says("DROP COLUMN");
    project.run("plan --to schema -o plan.json --answer data-loss=yes").ended(0);
    let schema = project.read("prisma/schema.prisma");
    project.write("prisma/schema.prisma", schema.replace("id Int @id", "id Int @id\n  more Int?"));
    let refused = project.run("apply --plan plan.json").ended(1);
    refused.complains("the schema declares something else");
    project.write("prisma/schema.prisma", schema);
    project.run("apply --plan plan.json").ended(0).says("the database is what the schema says");
    let columns = "SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attnum > 0
                   AND attrelid = 'a'::regclass AND NOT attisdropped";
    assert_eq!(database.ask(columns), ["id"]);
    project.run("apply --plan plan.json").ended(0).says("Nothing to do");
}

#[server_test]
fn a_deploy_tells_what_goes_and_goes_on() {
    let (project, database) = pending("planning_told");
    project.run("migrate deploy").ended(0).complains(
        "2_b, line 2: 2 values of the column name of public.a would be lost (id = 1; id = 2)",
    );
    assert_eq!(database.history(), ["1_a applied", "2_b applied"]);
}
