//! Projects that are not as they should be; no server is needed to say so.

use crate::stand::{DATASOURCE, Folder, PASSWORD};

const MODEL: &str = "\nmodel A {\n  id Int @id\n}\n";
const CREATE: &str = "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL, \
                      CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\"));\n";

/// A project with a URL where nobody listens.
fn project() -> Folder {
    let url = format!("postgresql://somebody:{PASSWORD}@127.0.0.1:1/app");
    Folder::new(MODEL, &[("20260101000000_a", CREATE)]).with("DATABASE_URL", &url)
}

#[test]
fn a_server_that_is_not_there_is_p1001() {
    project()
        .run("migrate status")
        .ended(1)
        .complains("Error: P1001: Can't reach database server at `127.0.0.1:1`\n\nPlease make sure your database server is running at `127.0.0.1:1`.\n")
        .says("Datasource \"db\": PostgreSQL database \"app\", schema \"public\" at \"127.0.0.1:1\"\n\n")
        .complains("cause: ")
        .complains("Connection refused")
        .complains("next: try `pg_isready -d postgresql://127.0.0.1:1/`");
    project().run("status").ended(1).complains("Error: P1001: Can't reach");
    project().run("migrate deploy").ended(1).complains("Error: P1001: Can't reach");
}

/// Prisma's command line does not look at the database before its engine does, so the form differs.
#[test]
fn diff_reports_as_the_engine_does() {
    let project = project().with("URL", "");
    let line =
        format!("migrate diff --from-url postgresql://u:{PASSWORD}@127.0.0.1:1/x --to-empty");
    project
        .run(&line)
        .ended(1)
        .complains("Error: P1001\n\nCan't reach database server at `127.0.0.1:1`\n\n");
}

#[test]
fn errors_as_json_have_one_shape() {
    let ran = project().run("migrate status --json").ended(1);
    assert_eq!(ran.stderr, "");
    let json = ran.json();
    let error = &json["error"];
    assert_eq!(error["code"], "P1001");
    assert!(error["message"].as_str().unwrap().starts_with("Can't reach database server at"));
    assert!(error["cause"].as_str().unwrap().contains("Connection refused"));
    assert!(error["next"][0].as_str().unwrap().contains("pg_isready"));
    let mut keys: Vec<&str> = error.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["applied", "cause", "code", "explain", "message", "next"]);
}

#[test]
fn a_variable_that_is_not_set_is_shown_in_the_schema() {
    Folder::new(MODEL, &[])
        .run("migrate deploy")
        .ended(1)
        .complains(
            "Error: Prisma schema validation - (get-config wasm)\n\
             Error code: P1012\n\
             error: Environment variable not found: DATABASE_URL.\n\
             \u{20} -->  prisma/schema.prisma:3\n\
             \u{20}  | \n\
             \u{20}2 |   provider = \"postgresql\"\n\
             \u{20}3 |   url      = env(\"DATABASE_URL\")\n\
             \u{20}  | \n\n\
             Validation Error Count: 1\n",
        )
        .complains("next: set it, or put DATABASE_URL=");
}

#[test]
fn a_wrong_schema_is_p1012_with_its_lines() {
    let project = project();
    project.write("bad.prisma", "model A {\n  id Nope @id\n}\n");
    let lines = "error: Type \"Nope\" is neither a built-in type, nor refers to another model, \
                 composite type, or enum.\n  -->  bad.prisma:2\n   | \n 1 | model A {\n 2 |   id Nope \
                 @id\n   | \n";
    project
        .run("validate --schema bad.prisma")
        .ended(1)
        .complains("Error: Prisma schema validation - (validate wasm)\nError code: P1012\n")
        .complains(lines);
    project
        .run("migrate diff --from-empty --to-schema bad.prisma")
        .ended(1)
        .complains(&format!("Error: P1012\n\n{lines}\n"));
    let counted = project.run("validate --schema bad.prisma").ended(1);
    assert!(counted.stderr.ends_with(&format!("{lines}\nValidation Error Count: 1\n\n")));
}

#[test]
fn a_url_of_another_database_is_refused() {
    let mysql = format!("mysql://root:{PASSWORD}@127.0.0.1:3306/app");
    Folder::new(MODEL, &[])
        .with("DATABASE_URL", &mysql)
        .run("migrate deploy")
        .ended(1)
        .complains("Error: P1013: the URL is of mysql; undrift is for PostgreSQL");
    Folder::new(MODEL, &[])
        .with("DATABASE_URL", PASSWORD)
        .run("migrate status")
        .ended(1)
        .complains("Error: P1013: The provided database string is invalid.");
}

/// Written so, the password is in the wrong place; the check that it is nowhere is in `Ran`.
#[test]
fn a_password_that_is_not_encoded_is_not_shown() {
    for url in [
        format!("postgresql://somebody:{PASSWORD}/x@127.0.0.1:1/app"),
        format!("postgresql://somebody:{PASSWORD}?x@127.0.0.1:1/app"),
        format!("postgresql://somebody:{PASSWORD}#x@127.0.0.1:1/app"),
        format!("postgresql://somebody:a@{PASSWORD}:x@127.0.0.1:1/app"),
    ] {
        let project = Folder::new(MODEL, &[]).with("DATABASE_URL", &url);
        project.run("status --verbose").ended(1);
        project.run("migrate deploy --json").ended(1);
        project.run(&format!("migrate diff --from-url {url} --to-empty")).ended(1);
        project.write(
            "literal.prisma",
            format!(
                "datasource db {{\n  provider = \"postgresql\"\n  url = \"{url}\"\n  nonsense\n}}\n"
            ),
        );
        project.run("validate --schema literal.prisma").ended(1).complains("Error code: P1012");
    }
}

#[test]
fn a_migration_without_its_file_is_p3015() {
    let project = project();
    project.remove("prisma/migrations/20260101000000_a/migration.sql");
    project
        .run("migrate deploy")
        .ended(1)
        .complains("Error: P3015\n\nCould not find the migration file at ")
        .complains("20260101000000_a/migration.sql")
        .complains("next: find the file: git log --all --oneline -- ");
}

#[test]
fn a_lock_file_of_another_provider_is_p3019() {
    let project = project();
    project.write("prisma/migrations/migration_lock.toml", "provider = \"mysql\"\n");
    project.run("migrate deploy").ended(1).complains(
        "Error: P3019\n\nThe datasource provider `postgresql` specified in your schema does not \
         match the one specified in the migration_lock.toml, `mysql`.",
    );
    project.write("prisma/migrations/migration_lock.toml", "provider = \n");
    project.run("migrate deploy").ended(1).complains("migration_lock.toml");
}

#[test]
fn files_that_are_not_text_are_named() {
    let project = project();
    project.write("prisma/migrations/20260101000000_a/migration.sql", b"SELECT 1;\n-- \xff\n");
    project
        .run("migrate deploy")
        .ended(1)
        .complains("20260101000000_a/migration.sql is not UTF-8 text: byte 13 (line 2)");
    project.write("prisma/schema.prisma", b"model A {\n  id Int @id // \xe9\n}\n");
    project
        .run("validate")
        .ended(1)
        .complains("schema.prisma is not UTF-8 text")
        .complains("next: save the file as UTF-8");
}

#[test]
fn huge_and_empty_schemas_are_read() {
    let project = project();
    project.write("prisma/schema.prisma", "");
    project.run("validate").ended(0);
    // No project to make a local database for.
    let empty = Folder::new("", &[]);
    empty.write("prisma/schema.prisma", "");
    empty
        .run("migrate deploy")
        .ended(1)
        .complains("Error: A datasource block is missing in the Prisma schema file.\n");
    let models = (0..120_000).map(|n| format!("model M{n} {{\n  id Int @id\n  name String\n}}\n"));
    let schema = format!("{DATASOURCE}{}", models.collect::<String>());
    assert!(schema.len() > 5_000_000);
    project.write("prisma/schema.prisma", &schema);
    project.run("validate").ended(0);
    project.write("prisma/schema.prisma", "{".repeat(5_000_000));
    project.run("validate").ended(1);
    project.write("prisma/schema.prisma", "[".repeat(100_000));
    project.run("validate").ended(1);
}

#[test]
fn a_project_without_a_schema_is_told_where_one_is_looked_for() {
    let project = project();
    project.remove("prisma/schema.prisma");
    project
        .run("migrate status")
        .ended(1)
        .complains("Error: Could not find Prisma Schema that is required for this command.");
}
