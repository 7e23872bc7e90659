//! `undrift squash`, and databases that stand anywhere.

use crate::stand::{Database, Folder};
use server_test::server_test;

const A: (&str, &str) = (
    "20260101000000_a",
    "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\"));\n",
);
const B: (&str, &str) = (
    "20260102000000_b",
    "ALTER TABLE \"A\" ADD COLUMN \"name\" TEXT;\nINSERT INTO \"A\" VALUES (1, 'one');\n",
);
const C: (&str, &str) = (
    "20260103000000_c",
    "CREATE FUNCTION two() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;\n\
     CREATE INDEX \"partial\" ON \"A\" (\"name\") WHERE \"id\" > 1;\n",
);
const D: (&str, &str) = ("20260104000000_d", "ALTER TABLE \"A\" ADD COLUMN \"more\" TEXT;\n");
const ALL: [(&str, &str); 4] = [A, B, C, D];

const MODEL: &str = "\nmodel A {\n  id Int @id\n  name String?\n  more String?\n}\n";
const SQUASHED: &str = "20260103000000_squashed";

#[server_test]
fn a_database_goes_on_from_wherever_it_stands() {
    for count in 0..=ALL.len() {
        let database = Database::new(&format!("squash_at_{count}"));
        let folder = Folder::new(MODEL, ALL.get(..count).unwrap()).on(&database);
        folder.run("migrate deploy").ended(0);
        for (name, script) in ALL {
            folder.write(&format!("prisma/migrations/{name}/migration.sql"), script);
        }
        // This database has none, some or all of them.
        let squash = "squash --to 20260103000000_c --leave-out-data --json";
        let ran = folder.run(squash).ended(0).json();
        assert_eq!(ran["created"], SQUASHED);
        assert_eq!(ran["recorded"], count > 2);
        assert_eq!(ran["filled"][0]["table"], "public.A");
        folder.run("migrate deploy").ended(0);
        folder.run("migrate deploy").ended(0).says("No pending migrations");
        assert_eq!(
            database.history(),
            [format!("{SQUASHED} applied"), "20260104000000_d applied".to_owned()],
            "at {count}"
        );
        folder.run("status").ended(0);
        folder.run("migrate dev --name nothing").ended(0).says("Already in sync");
        let rows = database.ask("SELECT count(*) FROM \"A\"");
        assert_eq!(rows, [if count < 1 { "0" } else { "1" }], "at {count}");
        let kept = "SELECT logs LIKE '%20260101000000_a%' FROM _prisma_migrations \
                    WHERE migration_name LIKE '%squashed'";
        assert_eq!(database.ask(kept), [if count < 1 { "-" } else { "t" }], "at {count}");
    }
}

#[server_test]
fn status_understands_a_database_within_the_range() {
    let database = Database::new("squash_within");
    let folder = Folder::new(MODEL, &[A, B]).on(&database);
    folder.run("migrate deploy").ended(0);
    for (name, script) in [C, D] {
        folder.write(&format!("prisma/migrations/{name}/migration.sql"), script);
    }
    folder.run("squash --leave-out-data --name all").ended(0).says("20260104000000_all");
    let status = folder.run("status --json").ended(1).json();
    assert_eq!(status["drift"]["state"], "none");
    let pending = &status["migrations"]["pending"];
    assert_eq!(pending, &serde_json::json!([C.0, D.0, "20260104000000_all"]));
    assert_eq!(status["migrations"]["missing"], serde_json::json!([]));
    folder.run("rollback --no-save --answer data-loss=squash_within").ended(0);
    database.run("DELETE FROM \"A\"");
    folder.run("migrate dev --name nothing").ended(0);
    assert_eq!(database.history().last().unwrap(), "20260104000000_all applied");
    folder.run("status").ended(0);
}

#[server_test]
fn data_is_asked_about_or_carried_over() {
    let database = Database::new("squash_data");
    let folder = Folder::new(MODEL, &ALL).on(&database);
    let question = folder.run("squash --json").ended(130).json();
    let question = &question["error"]["questions"][0];
    assert_eq!(question["id"], "leave-out-data");
    assert_eq!(
        question["about"],
        serde_json::json!([
            "may change data: 20260102000000_b, line 2: INSERT INTO \"A\" VALUES (1, 'one')",
            "on a new database public.A has 1 rows now, and would have none",
        ])
    );
    folder.run("squash --dry-run --leave-out-data").ended(0).says("This would be written");
    assert!(folder.path("prisma/migrations/20260101000000_a").is_dir());
    folder.run("squash --keep-data-statements").ended(0).says("carried over");
    let script = folder.read("prisma/migrations/20260104000000_squashed/migration.sql");
    assert!(
        script.ends_with(
            "\n-- From 20260102000000_b, line 2\nINSERT INTO \"A\" VALUES (1, 'one');\n"
        )
    );
    folder.run("migrate deploy").ended(0);
    assert_eq!(database.ask("SELECT name FROM \"A\""), ["one"]);
    folder.run("status").ended(0);
    folder.run("squash").ended(1).complains("not two migrations");
}

#[server_test]
fn a_squash_of_a_squash_is_understood() {
    let database = Database::new("squash_twice");
    let folder = Folder::new(MODEL, &[A, B]).on(&database);
    folder.run("migrate deploy").ended(0);
    // Elsewhere it is squashed, continued and squashed again, before this database hears of it.
    let elsewhere = Database::new("squash_twice_elsewhere");
    let folder = folder.with("DATABASE_URL", &elsewhere.url);
    folder.run("squash --leave-out-data").ended(0);
    for (name, script) in [C, D] {
        folder.write(&format!("prisma/migrations/{name}/migration.sql"), script);
    }
    folder.run("squash --leave-out-data --name again").ended(0);
    let folder = folder.with("DATABASE_URL", &database.url);
    folder.run("migrate deploy").ended(0);
    assert_eq!(database.history(), ["20260104000000_again applied"]);
    folder.run("status").ended(0);
}
