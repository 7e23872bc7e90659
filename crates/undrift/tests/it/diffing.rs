//! `migrate diff`: what it prints, to the byte, and any two sources.
//!
//! The texts and exit codes are those of Prisma 6.19.3 and 7.10.1 for the same input.

use crate::stand::{Database, Folder};
use server_test::server_test;

const MODEL: &str = "\nmodel A {\n  id Int @id\n}\n";
const CREATE: &str = "CREATE TABLE \"A\" (\n    \"id\" INTEGER NOT NULL,\n\n    \
                      CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\")\n);\n";

fn project() -> Folder {
    Folder::new(MODEL, &[])
}

#[test]
fn the_summary_and_the_script_end_as_prismas_do() {
    let project = project();
    let schema = "prisma/schema.prisma";
    let script = format!(
        "-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS \"public\";\n\n-- CreateTable\n{CREATE}\n"
    );
    let summary = "\n[+] Added Schemas\n  - public\n\n[+] Added tables\n  - A\n\n";
    let from_empty = format!("migrate diff --from-empty --to-schema {schema}");
    let to_empty = format!("migrate diff --from-schema {schema} --to-empty");
    let same = format!("migrate diff --from-schema {schema} --to-schema {schema}");
    let cases = [
        (format!("{from_empty} --script"), 0, format!("{script}\n")),
        (format!("{from_empty} --script --exit-code"), 2, script.clone()),
        (from_empty.clone(), 0, format!("{summary}\n")),
        (format!("{from_empty} --exit-code"), 2, summary.to_owned()),
        (to_empty.clone(), 0, "\n[-] Removed tables\n  - A\n\n\n".to_owned()),
        (
            format!("{to_empty} --script"),
            0,
            "-- DropTable\nDROP TABLE \"public\".\"A\";\n\n\n".to_owned(),
        ),
        (same.clone(), 0, "No difference detected.\n\n\n".to_owned()),
        (format!("{same} --exit-code"), 0, "No difference detected.\n\n\n".to_owned()),
        (format!("{same} --script"), 0, "-- This is an empty migration.\n\n\n".to_owned()),
        (format!("{from_empty} --script -o a/b.sql"), 0, "\n".to_owned()),
        (format!("{from_empty} --output c.txt --exit-code"), 2, String::new()),
    ];
    for (line, code, stdout) in cases {
        let ran = project.run(&line).ended(code);
        assert_eq!(ran.stdout, stdout, "{line}");
        assert_eq!(ran.stderr, "", "{line}");
    }
    assert_eq!(project.read("a/b.sql"), script);
    assert_eq!(project.read("c.txt"), summary);
}

#[test]
fn the_flags_of_both_releases_are_understood() {
    let project = project().with("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/nobody");
    let schema = "prisma/schema.prisma";
    let new = project.run(&format!("migrate diff --from-empty --to-schema {schema} --script"));
    let old =
        project.run(&format!("migrate diff --from-empty --to-schema-datamodel {schema} --script"));
    let twice = project
        .run(&format!("migrate diff --from-empty --from-empty --to-schema {schema} --script"));
    assert_eq!(new.stdout, old.ended(0).stdout);
    assert_eq!(new.ended(0).stdout, twice.ended(0).stdout);
    for line in [
        format!("migrate diff --from-schema-datasource {schema} --to-empty"),
        "migrate diff --from-config-datasource --to-empty".to_owned(),
    ] {
        project.run(&line).ended(1).complains("Error: P1001\n\nCan't reach database server");
    }
}

#[test]
fn wrong_usage_ends_with_1() {
    let project = project();
    for line in [
        "migrate diff",
        "migrate diff --from-empty",
        "migrate diff --from-empty --from-schema a --to-empty",
        "migrate diff --bogus",
    ] {
        let ran = project.run(line).ended(1);
        assert_eq!(ran.stdout, "", "{line}");
        assert!(ran.stderr.contains("Usage: undrift migrate diff"), "{line}: {}", ran.stderr);
    }
    project
        .run("migrate diff --from-empty --to-empty")
        .ended(1)
        .complains("Error: Could not determine the connector to use for diffing.\n");
    project.run("migrate diff --from-empty --to-schema nope.prisma").ended(1).complains(
        "Error: Could not load `--to-schema` from provided path `nope.prisma`: file or directory not \
         found\n",
    );
    project.run("migrate diff --from-migrations nope --to-empty").ended(1).complains(
        "Error: Could not determine the connector from the migrations directory (missing \
         migration_lock.toml)",
    );
    project.write("nope.json", "{");
    project
        .run("migrate diff --from-snapshot nope.json --to-empty")
        .ended(1)
        .complains("nope.json");
}

#[server_test]
fn any_two_sources_can_be_compared() {
    let database = Database::new("diffing");
    let project = Folder::new(MODEL, &[("20260101000000_a", CREATE)]).on(&database);
    project.run("migrate deploy").ended(0);
    project.run("snapshot -o snapshot.json").ended(0).says("Saved 2 objects of ");
    let sources = [
        "schema prisma/schema.prisma".to_owned(),
        "schema-datasource prisma/schema.prisma".to_owned(),
        "migrations prisma/migrations".to_owned(),
        "config-datasource".to_owned(),
        format!("url {}", database.url),
        "snapshot snapshot.json".to_owned(),
    ];
    for source in &sources {
        let from_empty = project.run(&format!("migrate diff --from-empty --to-{source} --script"));
        from_empty.ended(0).says(&format!("\n{}", CREATE.lines().nth(1).unwrap()));
        project
            .run(&format!("migrate diff --from-{source} --to-empty --script --exit-code"))
            .ended(2)
            .says("-- DropTable\nDROP TABLE \"public\".\"A\";\n");
        for other in &sources {
            let line = format!("migrate diff --from-{source} --to-{other} --exit-code");
            project.run(&line).ended(0).says("No difference detected.\n");
        }
    }
}

#[server_test]
fn a_migration_that_cannot_be_replayed_is_p3006() {
    let project = Folder::new(MODEL, &[("1_a", "CREATE TABLE a ();\nSELECT nothing;\n")]);
    project
        .run("migrate diff --from-migrations prisma/migrations --to-empty")
        .ended(1)
        .complains(
            "Error: P3006\n\nMigration `1_a` failed to apply cleanly to the shadow database. \n\
             Error code: P3018\nError:\n",
        )
        .complains("ERROR: column \"nothing\" does not exist");
}
