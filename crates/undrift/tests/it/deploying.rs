//! `migrate deploy`, left alone and cut.

use server_test::server_test;
use std::process::{Child, Stdio};

use crate::stand::{Database, Folder, Ran};

fn signal(child: &Child, name: &str) {
    let kill = std::process::Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

#[server_test]
fn pending_migrations_are_applied_in_the_order_of_their_names() {
    let database = Database::new("deploying");
    let project = Folder::new(
        "",
        &[
            ("20260102000000_b", "CREATE TABLE b (id int REFERENCES a);\n"),
            ("20260101000000_a", "CREATE TABLE a (id int PRIMARY KEY);\n"),
            // As with Prisma, a folder is a migration whatever its name, and an empty script is one too.
            ("no_number", ""),
        ],
    )
    .on(&database);
    let ran = project.run("migrate deploy").ended(0);
    let told = ran.stdout.split_once("\n\n").unwrap().1;
    assert_eq!(
        told,
        "3 migrations found in prisma/migrations\n\n\n\
         The following migration(s) have been applied:\n\n\
         migrations/\n\
         \u{20} └─ 20260101000000_a/\n    └─ migration.sql\n\
         \u{20} └─ 20260102000000_b/\n    └─ migration.sql\n\
         \u{20} └─ no_number/\n    └─ migration.sql\n\n\
         All migrations have been successfully applied.\n"
    );
    assert_eq!(
        database.history(),
        ["20260101000000_a applied", "20260102000000_b applied", "no_number applied"]
    );
    project
        .run("migrate deploy")
        .ended(0)
        .says("3 migrations found in prisma/migrations\n\n\nNo pending migrations to apply.\n");
}

#[server_test]
fn five_megabytes_in_one_script_are_one_migration() {
    let database = Database::new("deploying_huge");
    let rows = "INSERT INTO a (b) VALUES ('0123456789012345678901234567890123456789');\n";
    let script = format!("CREATE TABLE a (b text);\n{}", rows.repeat(5_000_000 / rows.len() + 1));
    let project = Folder::new("", &[("1_a", &script)]).on(&database);
    project.run("migrate deploy").ended(0);
    assert_eq!(database.ask("SELECT count(*) > 60000 FROM a"), ["t"]);
    assert_eq!(database.history(), ["1_a applied"]);
}

#[server_test]
fn a_migration_that_fails_leaves_a_record_and_nothing_else() {
    let database = Database::new("deploying_failing");
    let project = Folder::new(
        "",
        &[("1_a", "CREATE TABLE a ();\n"), ("2_b", "CREATE TABLE b ();\nSELECT 1 / 0;\n")],
    )
    .on(&database);
    project
        .run("migrate deploy")
        .ended(1)
        .complains(
            "Error: P3018\n\nA migration failed to apply. New migrations cannot be applied before the \
             error is recovered from. Read more about how to resolve migration issues in a \
             production database: https://pris.ly/d/migrate-resolve\n\n\
             Migration name: 2_b\n\n\
             Database error code: 22012\n\n\
             Database error:\nERROR: division by zero\n",
        )
        .complains("applied before that, and stays: 1_a\n")
        .complains("undrift migrate resolve --rolled-back \"2_b\"");
    assert_eq!(database.tables(), ["a"]);
    assert_eq!(database.history(), ["1_a applied", "2_b begun"]);

    let again = project.run("migrate deploy").ended(1).complains(
        "Error: P3009\n\nmigrate found failed migrations in the target database, new migrations \
         will not be applied. Read more about how to resolve migration issues in a production \
         database: https://pris.ly/d/migrate-resolve\nThe `2_b` migration started at ",
    );
    assert!(again.stderr.contains("division by zero"), "{}", again.stderr);
    let json = project.run("migrate deploy --json").ended(1).json();
    assert_eq!(json["error"]["code"], "P3009");
}

#[server_test]
fn a_database_with_tables_and_no_history_is_p3005() {
    let database = Database::new("deploying_not_empty");
    database.run("CREATE TABLE there ()");
    let project = Folder::new("", &[("1_a", "CREATE TABLE a ();\n")]).on(&database);
    project
        .run("migrate deploy")
        .ended(1)
        .complains(
            "Error: P3005\n\nThe database schema is not empty. Read more about how to baseline an \
             existing production database: https://pris.ly/d/migrate-baseline\n",
        )
        .complains("`there`")
        .complains("undrift baseline");
    assert_eq!(database.tables(), ["there"]);
}

/// Three migrations, of which the second takes its time.
fn slow(database: &Database) -> Folder {
    Folder::new(
        "",
        &[
            ("1_a", "CREATE TABLE a ();\n"),
            ("2_b", "CREATE TABLE b ();\nSELECT pg_sleep(3);\nCREATE TABLE b2 ();\n"),
            ("3_c", "CREATE TABLE c ();\n"),
        ],
    )
    .on(database)
}

fn interrupted(database: &Database, with: &str) -> (Folder, Ran) {
    let project = slow(database);
    let mut command = project.command("migrate deploy");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    database.wait_for("wait_event = 'PgSleep'");
    signal(&child, with);
    (project, Ran::from(child.wait_with_output().unwrap()))
}

fn is_completed(database: &Database, project: &Folder) {
    // What the server had of it may have to end first.
    project.run("migrate deploy").ended(0);
    assert_eq!(database.tables(), ["a", "b", "b2", "c"]);
    assert_eq!(database.history(), ["1_a applied", "2_b applied", "3_c applied"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn an_interrupted_deploy_ends_with_130_and_is_completed_by_the_next() {
    let database = Database::new("deploying_interrupted");
    let (project, ran) = interrupted(&database, "-INT");
    let ran = ran
        .ended(130)
        .complains("2_b: stopped and rolled back; nothing of it took effect\n")
        .complains("Error: interrupted\n");
    assert!(ran.stderr.contains("applied before that, and stays: 1_a"), "{}", ran.stderr);
    assert_eq!(database.tables(), ["a"]);
    assert_eq!(database.history(), ["1_a applied"]);
    is_completed(&database, &project);
}

#[server_test]
fn a_terminated_deploy_ends_in_order_too() {
    let database = Database::new("deploying_terminated");
    let (project, ran) = interrupted(&database, "-TERM");
    ran.ended(130)
        .complains("Error: interrupted\n")
        .complains("applied before that, and stays: 1_a");
    assert_eq!(database.tables(), ["a"]);
    assert_eq!(
        database.ask(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
             (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
        ["0"]
    );
    is_completed(&database, &project);
}

#[server_test]
fn a_table_in_use_ends_the_deploy_and_leaves_nothing_to_resolve() {
    let database = Database::new("deploying_in_use");
    let project = slow(&database);
    project.run("migrate deploy").ended(0);
    project.write("prisma/migrations/4_d/migration.sql", "ALTER TABLE a ADD COLUMN x int;\n");
    database.run("BEGIN; LOCK TABLE a");
    let pid = &database.ask("SELECT pg_backend_pid()")[0];
    project
        .run("migrate deploy --lock-timeout 800ms --lock-retries 1")
        .ended(1)
        .complains("4_d: no lock in attempt 1 of 2; in the way is process ")
        .complains("Error: P1002\n\nThe migration `4_d` could not get a lock that it needs, tried 2 times. Nothing of it took effect; it is pending as before.\n")
        .complains("statement 1 of 1:\nALTER TABLE a ADD COLUMN x int\n")
        .complains(&format!("In the way is process {pid}, user postgres, application undrift"))
        .complains(&format!("next: end what is in the way: SELECT pg_terminate_backend({pid});"));
    // As the environment says, in the file.
    project.write(
        "undrift.toml",
        "[environments.here]\nvariable = \"DATABASE_URL\"\nlock_timeout = \"50ms\"\nlock_retries = 0\n",
    );
    project.run("migrate deploy").ended(1).complains("tried once");
    project.run("migrate deploy --lock-timeout 5").ended(1).complains("is no length of time");
    database.run("COMMIT");
    project.run("migrate deploy").ended(0);
    assert_eq!(database.history().last().unwrap(), "4_d applied");
}

#[server_test]
fn a_deploy_whose_session_is_ended_connects_again() {
    let database = Database::new("deploying_ended");
    let project = slow(&database);
    let mut command = project.command("migrate deploy");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    database.wait_for("wait_event = 'PgSleep'");
    database
        .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    Ran::from(child.wait_with_output().unwrap())
        .ended(0)
        .complains(
            "the connection is lost: FATAL: terminating connection due to administrator command",
        )
        .complains("connected again after ")
        .says("All migrations have been successfully applied.");
    is_completed(&database, &project);
}

#[server_test]
fn a_killed_deploy_is_completed_by_the_next() {
    let database = Database::new("deploying_killed");
    let (project, _) = interrupted(&database, "-KILL");
    is_completed(&database, &project);
}

#[server_test]
fn a_lock_that_somebody_holds_is_p1002_and_its_holder_is_told() {
    let database = Database::new("deploying_locked");
    database.run("SELECT pg_advisory_lock(72707369)");
    let project = slow(&database);
    let ran = project.run("migrate deploy").ended(1).complains(
        "Error: P1002\n\nThe database server was reached but timed out.\n\nPlease try \
         again.\n\nPlease make sure your database server is running at the configured \
         address.\n\nContext: Timed out trying to acquire a postgres advisory lock (SELECT \
         pg_advisory_lock(72707369)). Timeout: 10000ms. See \
         https://pris.ly/d/migrate-advisory-locking for details.\n",
    );
    let pid = &database.ask("SELECT pg_backend_pid()")[0];
    ran.complains(&format!(
        "next: wait for it, or end that session: SELECT pg_terminate_backend({pid});"
    ));
    assert_eq!(database.ask("SELECT to_regclass('_prisma_migrations')"), ["-"]);

    // Who waits can be interrupted.
    let mut command = project.command("migrate deploy");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    signal(&child, "-INT");
    Ran::from(child.wait_with_output().unwrap()).ended(130);

    let unlocked = project.with("PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK", "1");
    unlocked.run("migrate deploy").ended(0);
}
