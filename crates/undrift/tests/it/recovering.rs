//! `recover`: out of a failed or interrupted migration.

use server_test::server_test;

use crate::stand::{Database, Folder};

const BASE: (&str, &str) = (
    "20260101000000_base",
    "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL, old text);\n\
     CREATE TYPE mood AS ENUM ('ok');\n",
);
const NAME: &str = "20260102000000_many";

/// Twelve statements of many kinds, none of which only changes rows.
const TWELVE: [&str; 12] = [
    "CREATE TABLE b (id int PRIMARY KEY, a_id int)",
    "ALTER TABLE a ADD COLUMN n int",
    "CREATE INDEX a_n ON a (n) WHERE n > 0",
    "ALTER TYPE mood ADD VALUE 'glad'",
    "ALTER TABLE b ADD FOREIGN KEY (a_id) REFERENCES a (id)",
    "CREATE VIEW named AS SELECT id, name FROM a",
    "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS $$ SELECT i * 2; $$",
    "COMMENT ON COLUMN a.n IS 'how; many'",
    "DO $$ BEGIN EXECUTE 'ALTER TABLE a ALTER COLUMN n SET DEFAULT 7'; END $$",
    "ALTER TABLE b ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON b USING (a_id = 1)",
    "ALTER TABLE a ADD CONSTRAINT positive CHECK (n > 0)",
];

/// A project whose first migration is applied, with a second one.
fn project(database: &Database, script: &str) -> Folder {
    let project = Folder::new("", &[BASE]).on(database);
    project.run("migrate deploy").ended(0);
    database.run("INSERT INTO a VALUES (1, 'x', 'kept'), (2, 'x', 'kept')");
    project.write(&format!("prisma/migrations/{NAME}/migration.sql"), script);
    project
}

/// The row that Prisma leaves when its run is cut off, or when the error is lost: as recorded from 6.19.3
/// and 7.10.1.
fn leave_row(database: &Database, name: &str, script: &str) {
    database.run(&format!(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES \
         (gen_random_uuid(), encode(sha256(convert_to($sql${script}$sql$, 'UTF8')), 'hex'), '{name}', \
         now())"
    ));
}

/// Runs the first statements one by one, as a runner does that takes no transaction.
fn cut_off(database: &Database, statements: &[&str], done: usize) -> String {
    for statement in statements.iter().take(done) {
        database.run(statement);
    }
    let script = format!("{};\n", statements.join(";\n"));
    leave_row(database, NAME, &script);
    script
}

fn state(database: &Database) -> Vec<String> {
    database.ask(
        "SELECT CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled back' WHEN finished_at IS NOT NULL \
         THEN 'applied' ELSE 'failed' END FROM _prisma_migrations ORDER BY started_at",
    )
}

#[server_test]
fn a_migration_goes_on_from_wherever_it_stands() {
    for done in [0, 3, 5, 9, 11] {
        let database = Database::new(&format!("recover_resume_{done}"));
        let script = TWELVE.join(";\n") + ";\n";
        let project = project(&database, &script);
        assert_eq!(cut_off(&database, &TWELVE, done), script);
        let found = project.run("recover --dry-run --json").ended(0).json();
        assert_eq!(found["diagnosis"]["statements_done"], serde_json::json!([done]), "{found}");
        project.run("recover --mark-applied").ended(1).complains("statements took effect");
        project.run("recover --resume").ended(0).says("proven");
        assert_eq!(state(&database), ["applied", "applied"]);
        project.run("migrate status").ended(0);
        assert_eq!(database.ask("SELECT name FROM a"), ["x", "x"]);
    }
}

#[server_test]
fn what_took_effect_is_undone() {
    for done in [1, 4, 12] {
        let database = Database::new(&format!("recover_undo_{done}"));
        let project = project(&database, &(TWELVE.join(";\n") + ";\n"));
        cut_off(&database, &TWELVE, done);
        project.run("recover --undo").ended(0).says("Undone");
        assert_eq!(state(&database), ["applied", "rolled back"]);
        // What is left is what the first migration makes.
        let drift = project.run("status --json").json();
        assert_eq!(drift["drift"]["state"], "none", "{drift}");
        assert_eq!(database.ask("SELECT old FROM a"), ["kept", "kept"]);
        project.run("migrate deploy").ended(0);
    }
}

#[server_test]
fn the_history_is_only_made_to_say_what_is_so() {
    let database = Database::new("recover_marks");
    let project = project(&database, &(TWELVE.join(";\n") + ";\n"));
    cut_off(&database, &TWELVE, 12);
    project.run("recover --mark-rolled-back").ended(1).complains("12 statements took effect");
    project.run("recover --resume").ended(1).complains("nothing of the migration is left to run");
    project.run("recover --mark-applied").ended(0).says("Marked as applied");
    assert_eq!(state(&database), ["applied", "rolled back", "applied"]);
    project.run("migrate status").ended(0);
    project.run("recover").ended(0).says("Nothing to recover");

    let database = Database::new("recover_marks_none");
    let project = project_failing(&database);
    project.run("recover --undo").ended(1).complains("nothing of the migration took effect");
    project.run("recover --mark-rolled-back").ended(0).says("Marked as rolled back");
    assert_eq!(state(&database), ["applied", "rolled back"]);
}

/// A migration that undrift failed with, for the data.
fn project_failing(database: &Database) -> Folder {
    let script = "UPDATE a SET old = 'y';\nCREATE UNIQUE INDEX a_name ON a (name);\n";
    let project = project(database, script);
    project.run("migrate deploy").ended(1).complains("undrift recover");
    project
}

#[server_test]
fn what_undrift_ran_in_one_transaction_is_known_to_be_undone() {
    let database = Database::new("recover_own");
    let project = project_failing(&database);
    let found = project.run("recover --dry-run --json").ended(0).json();
    assert_eq!(found["diagnosis"]["statements_done"], serde_json::json!([0]));
    assert_eq!(found["diagnosis"]["statements"][0]["evidence"], "journal");
    assert_eq!(found["diagnosis"]["error"]["witness"], "history");
    database.run("UPDATE a SET name = id");
    project.run("recover --resume").ended(0);
    assert_eq!(database.ask("SELECT old FROM a"), ["y", "y"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn what_cannot_be_seen_is_asked() {
    let database = Database::new("recover_unseen");
    let statements = ["ALTER TABLE a ADD n int", "UPDATE a SET n = 1", "ALTER TABLE a ADD m int"];
    let project = project(&database, &(statements.join(";\n") + ";\n"));
    cut_off(&database, &statements, 2);
    let shown =
        project.run("recover --dry-run").ended(0).says("cannot be seen  UPDATE a SET n = 1");
    shown.says("goes on from statement 2 of 3 or later");
    let asked = project.run("recover --json").ended(130).json();
    assert_eq!(asked["error"]["questions"][0]["options"], serde_json::json!(["resume", "undo"]));
    let asked = project.run("recover --resume --json").ended(130).json();
    assert_eq!(asked["error"]["questions"][0]["id"], "from");
    assert_eq!(asked["error"]["questions"][0]["options"], serde_json::json!(["2", "3"]));
    project.run("recover --resume --from 1").ended(1).complains("it can go on from 2 or 3");
    project.run("recover --undo").ended(130).complains("would not be undone");
    assert_eq!(state(&database), ["applied", "failed"]);
    database.run("UPDATE a SET n = 5");
    project.run("recover --answer way=resume --answer from=3").ended(0);
    assert_eq!(database.ask("SELECT n FROM a"), ["5", "5"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn a_lost_error_is_found_again() {
    let database = Database::new("recover_lost");
    let script =
        "BEGIN;\nALTER TABLE a ADD n int;\nCREATE UNIQUE INDEX a_name ON a (name);\nCOMMIT;\n";
    let project = project(&database, script);
    leave_row(&database, NAME, script);
    project.run("recover --dry-run").ended(0).says("undrift recover --try");
    let found = project.run("recover --try --dry-run --json").ended(0).json();
    let error = &found["diagnosis"]["error"];
    assert!(error["text"].as_str().unwrap().contains("could not create unique index"), "{error}");
    assert_eq!((&error["statement"], &error["witness"]), (&3.into(), &"trial".into()));
    // Nothing of the trial is left, and nobody holds a lock.
    assert_eq!(database.ask("SELECT to_regclass('a_name')"), ["-"]);
    project.run("recover --mark-rolled-back").ended(0);

    // What has nothing to do with the data fails on the shadow as well.
    let script = "ALTER TABLE a ADD n int;\nALTER TABLE nothing ADD n int;\n";
    project.write(&format!("prisma/migrations/{NAME}/migration.sql"), script);
    leave_row(&database, NAME, script);
    let found = project.run("recover --dry-run --json").ended(0).json();
    let error = &found["diagnosis"]["error"];
    assert!(error["text"].as_str().unwrap().contains("\"nothing\" does not exist"), "{error}");
    assert_eq!((&error["statement"], &error["witness"]), (&2.into(), &"shadow".into()));
    project.run("recover --resume").ended(1).complains("cannot be run to its end");
}

#[server_test]
fn drift_elsewhere_confuses_nobody_and_stays() {
    let database = Database::new("recover_drift");
    let project = project(&database, &(TWELVE.join(";\n") + ";\n"));
    database.run("ALTER TABLE a ADD by_hand text DEFAULT 'h'; CREATE TABLE extra (id int)");
    cut_off(&database, &TWELVE, 5);
    let found = project.run("recover --dry-run --json").ended(0).json();
    assert_eq!(found["diagnosis"]["statements_done"], serde_json::json!([5]), "{found}");
    let elsewhere = found["diagnosis"]["drift_elsewhere"].as_array().unwrap();
    assert_eq!(elsewhere.len(), 2, "{elsewhere:?}");
    project.run("recover --undo").ended(0);
    assert_eq!(database.ask("SELECT by_hand FROM a"), ["h", "h"]);
    assert_eq!(database.ask("SELECT to_regclass('extra')"), ["extra"]);
    assert_eq!(database.ask("SELECT to_regclass('b')"), ["-"]);
}

#[server_test]
fn a_database_in_no_state_of_the_migration_can_be_brought_back() {
    let database = Database::new("recover_other");
    let project = project(&database, &(TWELVE.join(";\n") + ";\n"));
    // The first and the third, as if somebody had tried by hand.
    database.run("CREATE TABLE b (id int PRIMARY KEY, a_id int); CREATE VIEW named AS SELECT id, name FROM a");
    leave_row(&database, NAME, &(TWELVE.join(";\n") + ";\n"));
    let found = project.run("recover --dry-run --json").ended(0).json();
    assert_eq!(found["diagnosis"]["statements_done"], serde_json::json!([]), "{found}");
    assert_eq!(found["diagnosis"]["statements"][0]["effect"], "yes");
    assert_eq!(found["diagnosis"]["statements"][1]["effect"], "no");
    assert_eq!(found["diagnosis"]["statements"][5]["effect"], "yes");
    project
        .run("recover --resume")
        .ended(1)
        .complains("in no state that the migration goes through");
    project.run("recover --undo").ended(0);
    project.run("migrate deploy").ended(0);
}

#[server_test]
fn a_half_built_index_is_dropped_first() {
    let database = Database::new("recover_invalid");
    let statements =
        ["ALTER TABLE a ADD n int", "CREATE UNIQUE INDEX CONCURRENTLY a_name ON a (name)"];
    let script = statements.join(";\n") + ";\n";
    let project = project(&database, &script);
    database.run(statements[0]);
    database.is_refused(statements[1]);
    leave_row(&database, NAME, &script);
    let found = project.run("recover --dry-run --json").ended(0).json();
    assert_eq!(found["diagnosis"]["invalid_indexes"], serde_json::json!(["public.a_name"]));
    assert_eq!(found["diagnosis"]["statements"][1]["effect"], "half");
    project.run("recover --resume").ended(1).complains("could not create unique index");
    assert_eq!(state(&database), ["applied", "failed"]);
    database.run("UPDATE a SET name = id");
    project.run("recover --resume").ended(0);
    assert_eq!(
        database.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_name'::regclass"),
        ["t"]
    );
    project.run("migrate status").ended(0);
}

#[server_test]
fn undoing_counts_what_it_destroys() {
    let database = Database::new("recover_loss");
    let statements = [
        "CREATE TABLE b (id int)",
        "INSERT INTO b VALUES (1), (2)",
        "ALTER TABLE a DROP old",
        "SELECT 1/0",
    ];
    let project = project(&database, &(statements.join(";\n") + ";\n"));
    cut_off(&database, &statements, 3);
    let asked = project.run("recover --undo --answer unseen=yes --json").ended(130).json();
    let question = &asked["error"]["questions"][0];
    assert_eq!(question["id"], "data-loss");
    assert_eq!(question["about"], serde_json::json!(["the table public.b with 2 rows"]));
    let shown =
        project.run("recover --dry-run").ended(0).says("lost: the table public.b with 2 rows");
    shown.says("comes back empty: table public.a: column old");
    // Where the database is not to be thrown away no word helps.
    project.write(
        "undrift.toml",
        format!("[environments.live]\nurl = \"{}\"\nclass = \"production\"\n", database.url),
    );
    project
        .run("recover --undo --accept-data-loss --answer unseen=yes")
        .ended(1)
        .complains("refused");
    project.remove("undrift.toml");
    project.run("recover --undo --accept-data-loss --answer unseen=yes").ended(0);
    assert_eq!(database.ask("SELECT count(old) FROM a"), ["0"]);
}

#[server_test]
fn steps_that_undrift_counted_are_believed() {
    let database = Database::new("recover_journal");
    let script = "UPDATE a SET old = 'y';\nCREATE INDEX CONCURRENTLY a_old ON a (old);\n\
                  UPDATE a SET old = 'z';\nCREATE UNIQUE INDEX a_name ON a (name);\n";
    let project = project(&database, script);
    project.run("migrate deploy").ended(1);
    let found = project.run("recover --dry-run --json").ended(0).json();
    assert_eq!(found["diagnosis"]["statements_done"], serde_json::json!([2]), "{found}");
    database.run("UPDATE a SET name = id");
    project.run("recover --resume").ended(0);
    assert_eq!(database.ask("SELECT old FROM a"), ["z", "z"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn a_repaired_file_goes_on_as_a_new_row() {
    let database = Database::new("recover_edited");
    let statements = ["ALTER TABLE a ADD n int", "ALTER TABLE a ADD CHECK (name <> 'x')"];
    let project = project(&database, &(statements.join(";\n") + ";\n"));
    cut_off(&database, &statements, 1);
    let path = format!("prisma/migrations/{NAME}/migration.sql");
    project.write(&path, "ALTER TABLE a ADD n int;\nALTER TABLE a ADD CHECK (name <> 'y');\n");
    project.run("recover --dry-run").ended(0).says("The file was changed since");
    project.run("recover --resume").ended(0);
    assert_eq!(state(&database), ["applied", "rolled back", "applied"]);
    project.run("migrate status").ended(0);
}

#[server_test]
fn what_stands_in_the_way_is_told() {
    let database = Database::new("recover_bad");
    let project = project(&database, "ALTER TABLE a ADD n int;\n");
    project.run("recover nothing").ended(1).complains("has not failed");
    leave_row(&database, NAME, "ALTER TABLE a ADD n int;\n");
    leave_row(&database, "20260103000000_gone", "SELECT 1;");
    // One at a time, the others are named.
    let shown = project.run("recover --mark-rolled-back").ended(0);
    shown.says("Failed as well: 20260103000000_gone. Next: undrift recover 20260103000000_gone");
    project.run("recover --resume").ended(1).complains("its folder is gone").complains("git log");
    // Somebody who may not write changes nothing.
    database.run("DROP ROLE IF EXISTS \"recover reader\"; CREATE ROLE \"recover reader\" LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"recover reader\"");
    leave_row(&database, NAME, "ALTER TABLE a ADD n int;\n");
    let reading = project.with("DATABASE_URL", &database.url_as("recover%20reader"));
    reading.run(&format!("recover {NAME} --dry-run")).ended(0);
    reading
        .run(&format!("recover {NAME} --resume"))
        .ended(1)
        .complains("may not write the history table");
    assert_eq!(state(&database)[1..], ["rolled back", "failed", "failed"]);
    let nowhere = reading.with("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/x");
    nowhere.run("recover").ended(1).complains("P1001");
    database.run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM \"recover reader\"; DROP ROLE \"recover reader\"");
}
