//! `down.sql` and `undrift rollback`.

use crate::stand::{Database, Folder};
use server_test::server_test;

const INIT: &str = "20260101000000_init";
const NEXT: &str = "20260102000000_next";

const CREATE: &str = "CREATE TABLE \"User\" (\"id\" INTEGER NOT NULL, \"name\" TEXT NOT NULL, \
                      CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\"));\n";
const USER: &str = "\nmodel User {\n  id Int @id\n  name String\n}\n";

/// A project with a second migration, both applied, and two users.
fn project(database: &Database, next: &str) -> Folder {
    let folder = Folder::new(USER, &[(INIT, CREATE), (NEXT, next)]).on(database);
    folder.run("migrate deploy").ended(0);
    folder
}

fn down(folder: &Folder) -> Option<String> {
    let migrations = std::fs::read_dir(folder.path("prisma/migrations")).unwrap();
    let last = migrations.map(|entry| entry.unwrap().path()).filter(|it| it.is_dir()).max()?;
    std::fs::read_to_string(last.join("down.sql")).ok()
}

#[server_test]
fn dev_writes_what_takes_the_migration_back() {
    let database = Database::new("down_written");
    let folder = Folder::new(USER, &[]).on(&database);
    folder.run("migrate dev --name init").ended(0);
    let text = down(&folder).unwrap();
    assert!(text.starts_with("-- undrift: down of "), "{text}");
    assert!(text.contains("-- Data loss: all rows of public.User\nDROP TABLE \"public\".\"User\""));

    database.run("INSERT INTO \"User\" VALUES (1, 'a'), (2, 'b')");
    let ran = folder.run("rollback --json").ended(130);
    assert_eq!(ran.json()["error"]["questions"][0]["id"], "save");
    let about = &ran.json()["error"]["questions"][0]["about"][0];
    assert_eq!(about, "goes: table public.User with 2 rows");
    folder.run("rollback --no-save --yes").ended(130).complains("--answer data-loss=down_written");
    assert_eq!(database.tables(), ["User"]);
    folder.run("rollback --no-save --answer data-loss=down_written").ended(0);
    assert!(database.tables().is_empty());
    folder.run("migrate deploy").ended(0);
    assert_eq!(database.tables(), ["User"]);
    folder.run("status").ended(0);

    folder.write(
        "prisma/schema.prisma",
        format!("{}{USER}model B {{\n  id Int @id\n}}\n", crate::stand::DATASOURCE),
    );
    folder.run("migrate dev --name b --no-down").ended(0);
    assert_eq!(down(&folder), None);
    folder.run("rollback --yes --dry-run").ended(0).says("worked out").says("DROP TABLE");
    folder.run("rollback --yes").ended(0);
    assert_eq!(database.tables(), ["User"]);
}

#[server_test]
fn an_edited_migration_gets_a_new_down() {
    let database = Database::new("down_renewed");
    let folder = Folder::new(USER, &[]).on(&database);
    folder.run("migrate dev --name init --create-only").ended(0);
    let before = down(&folder).unwrap();
    let migrations = std::fs::read_dir(folder.path("prisma/migrations")).unwrap();
    let last = migrations.map(|entry| entry.unwrap().path()).find(|it| it.is_dir()).unwrap();
    let script = std::fs::read_to_string(last.join("migration.sql")).unwrap();
    let more = "\nCREATE VIEW names AS SELECT name FROM \"User\";\n";
    std::fs::write(last.join("migration.sql"), script + more).unwrap();
    folder.run("migrate dev").ended(0);
    let after = down(&folder).unwrap();
    assert!(!before.contains("DROP VIEW") && after.contains("DROP VIEW"), "{after}");
    // What a person wrote stays.
    std::fs::write(last.join("down.sql"), after.replace("DROP VIEW", "drop view")).unwrap();
    folder.run("migrate dev").ended(0);
    folder.run("rollback --dry-run").ended(0).says("written by hand").says("drop view");
    folder.run("rollback --yes").ended(0);
    assert!(database.tables().is_empty());
}

#[server_test]
fn what_goes_can_be_kept() {
    let database = Database::new("rollback_saved");
    let folder = project(
        &database,
        "CREATE TYPE \"Role\" AS ENUM ('A', 'B');\n\
         ALTER TABLE \"User\" ADD COLUMN \"role\" \"Role\" NOT NULL DEFAULT 'A';\n",
    );
    database.run("INSERT INTO \"User\" VALUES (1, 'a', 'B')");
    folder
        .run("rollback --save --yes")
        .ended(0)
        .says("gone: column role of public.User with 1 values")
        .says("kept: ")
        .says("Taken back, and proven:\n  20260102000000_next");
    let copies = "SELECT relname FROM pg_class WHERE relnamespace = 'undrift_backup'::regnamespace \
                  AND relkind = 'r'";
    let copy = database.ask(copies).pop().unwrap();
    assert_eq!(database.ask(&format!("SELECT role FROM undrift_backup.\"{copy}\"")), ["B"]);
    assert_eq!(database.ask("SELECT name FROM \"User\""), ["a"]);
    assert_eq!(database.history(), [format!("{INIT} applied"), format!("{NEXT} rolled back")]);
    // The copy is no drift.
    folder.run("migrate deploy").ended(0);
    folder.run("migrate status").ended(0);
}

#[server_test]
fn a_name_that_comes_back_keeps_its_data() {
    let database = Database::new("rollback_renamed");
    let folder = project(
        &database,
        "ALTER TABLE \"User\" RENAME COLUMN \"name\" TO \"title\";\n\
         ALTER TABLE \"User\" RENAME TO \"Person\";\n",
    );
    database.run("INSERT INTO \"Person\" VALUES (1, 'a')");
    folder.run("rollback --yes").ended(0);
    assert_eq!(database.ask("SELECT name FROM \"User\""), ["a"]);
}

#[server_test]
fn what_cannot_come_back_is_said_before() {
    let database = Database::new("rollback_refused");
    let folder = project(
        &database,
        "ALTER TABLE \"User\" DROP COLUMN \"name\";\nUPDATE \"User\" SET id = id + 1;\n",
    );
    folder
        .run("rollback --dry-run")
        .ended(0)
        .says("would not come back: 20260102000000_next: the values of column name of public.User")
        .says("what line 2 did to data: UPDATE");
    database.run("INSERT INTO \"User\" VALUES (1)");
    folder.run("rollback --yes").ended(1).complains("would come back without values");
    folder.write(
        &format!("prisma/migrations/{NEXT}/down.sql"),
        "ALTER TABLE \"User\" ADD COLUMN \"name\" TEXT NOT NULL DEFAULT '?';\n\
         ALTER TABLE \"User\" ALTER COLUMN \"name\" DROP DEFAULT;\n",
    );
    folder.run("rollback --yes").ended(0);
    assert_eq!(database.ask("SELECT name FROM \"User\""), ["?"]);

    // A down that does something else is found out on the shadow database.
    folder.run("migrate deploy").ended(0);
    folder.write(
        &format!("prisma/migrations/{NEXT}/down.sql"),
        "ALTER TABLE \"User\" ADD COLUMN \"name\" TEXT DEFAULT '?';\n",
    );
    folder.run("rollback --yes").ended(1).complains("cannot be taken back by its down.sql");
    assert_eq!(database.history().last().unwrap(), &format!("{NEXT} applied"));
}

#[server_test]
fn drift_in_the_way_is_shown_and_other_drift_is_not_in_the_way() {
    let database = Database::new("rollback_drifted");
    let folder = project(&database, "CREATE TABLE \"B\" (\"id\" INTEGER NOT NULL);\n");
    database.run("CREATE TABLE aside (); ALTER TABLE \"B\" ADD COLUMN extra INT");
    folder.run("rollback --yes").ended(130).complains("Drift detected").complains("extra");
    database.run("ALTER TABLE \"B\" DROP COLUMN extra; CREATE VIEW v AS SELECT * FROM \"B\"");
    folder.run("rollback --yes").ended(130).complains("v");
    database.run("DROP VIEW v");
    folder.run("rollback --yes").ended(0);
    assert_eq!(database.tables(), ["User", "aside"]);
}

#[server_test]
fn several_are_taken_back_down_to_a_name() {
    let database = Database::new("rollback_several");
    let folder = project(&database, "CREATE TABLE \"B\" (\"id\" INTEGER NOT NULL);\n");
    folder.write(
        "prisma/migrations/20260103000000_last/migration.sql",
        "ALTER TABLE \"B\" ADD COLUMN \"x\" INTEGER;\nCREATE INDEX ON \"B\" (\"x\");\n",
    );
    folder.run("migrate deploy").ended(0);
    folder.run("rollback --to none --yes").ended(1).complains("no migration of that name");
    folder.run(&format!("rollback --to {INIT} --yes")).ended(0);
    assert_eq!(database.tables(), ["User"]);
    folder.run("migrate deploy").ended(0);
    folder.run("rollback --steps 3 --yes").ended(0);
    assert!(database.tables().is_empty());
    folder.run("rollback --yes").ended(0).says("Nothing to do");
}

#[server_test]
fn production_is_left_alone_unless_the_file_allows_it() {
    let database = Database::new("rollback_forbidden");
    let folder = project(&database, "CREATE TABLE \"B\" (\"id\" INTEGER NOT NULL);\n");
    let environment = |rest: &str| {
        let text = "[environments.main]\nvariable = \"DATABASE_URL\"\nclass = \"production\"\n";
        folder.write("undrift.toml", format!("{text}{rest}"));
    };
    environment("");
    folder
        .run("rollback --yes")
        .ended(1)
        .complains("rollback is refused on")
        .complains("add \"rollback\" to allow in the environment at undrift.toml:3");
    environment("protected = true\nallow = [\"rollback\"]\n");
    folder.run("rollback --yes").ended(0);
    assert_eq!(database.tables(), ["User"]);
}
