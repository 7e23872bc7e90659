//! `db execute`, `db seed`, `generate`: what is run for the user.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use server_test::server_test;

use crate::stand::{Database, Folder, Ran};

#[test]
fn a_script_must_be_given_once() {
    let project = Folder::new("", &[]);
    project
        .run("db execute")
        .ended(1)
        .complains("Error: Either --stdin or --file must be provided.");
    project
        .run("db execute --stdin --file a.sql")
        .ended(1)
        .complains("Error: --stdin and --file cannot be used at the same time.");
    project
        .run("db execute --file nope.sql")
        .ended(1)
        .complains("Error: Provided --file at nope.sql doesn't exist.");
}

#[server_test]
fn a_script_is_run_and_its_rows_are_shown_to_those_who_ask() {
    let database = Database::new("execute");
    let project = Folder::new("", &[]).on(&database);
    project.write("a.sql", "CREATE TABLE a (id int, b text);\nINSERT INTO a VALUES (1, NULL);\n");
    let ran = project.run("db execute --file a.sql").ended(0);
    assert_eq!(ran.stdout, "Script executed successfully.\n");
    project
        .run("db execute --file a.sql")
        .ended(1)
        .complains("Error: ERROR: relation \"a\" already exists");
    project.write(
        "b.sql",
        "DO $$ BEGIN RAISE NOTICE 'hello'; END $$;\nSELECT * FROM a;\nSELECT 7 AS n;\n",
    );
    let ran = project.run("db execute --file b.sql --verbose").ended(0).complains("hello");
    ran.says("id  b\n1   NULL\n(1 row)\n\nn\n7\n(1 row)\n\nScript executed successfully.\n");
    let json = project.run("db execute --file b.sql --json").ended(0).json();
    assert_eq!(json["results"][0]["columns"], serde_json::json!(["id", "b"]));
    assert_eq!(json["results"][0]["rows"], serde_json::json!([["1", null]]));
    assert_eq!(json["notices"][0]["message"], "hello");
}

#[server_test]
fn a_script_that_fails_leaves_nothing_and_its_place_is_told() {
    let database = Database::new("execute_failing");
    let project = Folder::new("", &[]);
    project.write("a.sql", "CREATE TABLE a ();\n\nSELECT * FROM nope;\n");
    // No project is needed where the database is named.
    project.remove("prisma");
    let line = format!("db execute --file a.sql --url {}", database.url);
    let ran = project.run(&line).ended(1);
    ran.complains("ERROR: relation \"nope\" does not exist").complains("line 3, column 15");
    assert_eq!(database.tables(), [""; 0]);
    project.write("a.sql", "COPY t FROM STDIN;\n");
    project.run(&line).ended(1).complains("COPY from STDIN");
}

#[server_test]
fn what_a_script_destroys_is_for_the_environment_to_allow() {
    let database = Database::new("execute_losing");
    database.run("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (2), (3)");
    let project = Folder::new("", &[]).on(&database);
    project.write("gone.sql", "SELECT 1;\nDELETE FROM a;\n");
    project.write("one.sql", "DELETE FROM a WHERE id = 1;\n");
    let class = |class: &str| {
        let text = format!("[environments.e]\nvariable = \"DATABASE_URL\"\nclass = {class}\n");
        project.write("undrift.toml", text);
    };
    for refusing in ["\"production\"", "\"staging\"", "\"dev\"\nprotected = true"] {
        class(refusing);
        project
            .run("db execute --file gone.sql")
            .ended(1)
            .complains("db execute with loss of data is refused on")
            .complains("statement 2: The rows of public.a are lost");
    }
    assert_eq!(database.ask("SELECT count(*) FROM a"), ["3"]);
    // To repair rows is no destruction.
    class("\"production\"");
    project.run("db execute --file one.sql").ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM a"), ["2"]);
    class("\"dev\"");
    let mut agent = project.command("db execute --file gone.sql");
    Ran::from(agent.env("CLAUDECODE", "1").output().unwrap())
        .ended(1)
        .complains("invoked by Claude Code");
    assert_eq!(database.ask("SELECT count(*) FROM a"), ["2"]);
    class("\"staging\"\nallow = [\"push-with-loss\"]");
    project.run("db execute --file gone.sql").ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM a"), ["0"]);
}

#[server_test]
fn a_script_comes_from_standard_input() {
    let database = Database::new("execute_stdin");
    let project = Folder::new("", &[]).on(&database);
    let mut child = project
        .command("db execute --stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"CREATE TABLE a ()").unwrap();
    Ran::from(child.wait_with_output().unwrap()).ended(0);
    assert_eq!(database.tables(), ["a"]);
}

#[test]
fn a_project_without_a_seed_is_told_how_to_get_one() {
    let project = Folder::new("", &[]);
    project.run("db seed").ended(0).says("⚠️ No seed command configured\n").says("package.json");
    let json = project.run("db seed --json").ended(0).json();
    assert_eq!(json["command"], serde_json::Value::Null);
}

#[test]
fn the_seed_command_is_run_with_the_programs_of_the_project() {
    let project = Folder::new("", &[]);
    project.write("package.json", r#"{ "prisma": { "seed": "sower --fast" } }"#);
    project
        .run("db seed")
        .ended(1)
        .complains("An error occurred while running the seed command:\nError: Command failed with ENOENT: sower");
    program(&project, "sower", "echo sown \"$@\"");
    project
        .run("db seed -- --rows 7")
        .ended(0)
        .says("Running seed command `sower --fast --rows 7` ...\nsown --fast --rows 7\n\n🌱  The seed command has been executed.\n");
    program(&project, "sower", "exit 3");
    project
        .run("db seed")
        .ended(1)
        .complains("Error: Command failed with exit code 3: sower --fast");
}

#[test]
fn generators_are_left_to_the_prisma_of_the_project() {
    let project = Folder::new("", &[]);
    project.run("generate").ended(1).complains("not installed").complains("npm install");
    program(&project, "prisma", "echo prisma \"$@\"");
    project.run("generate").ended(0).says("prisma generate\n");
    project
        .run("generate --generator client --no-hints")
        .ended(0)
        .says("prisma generate --generator client --no-hints\n");
}

// As Prisma 6 does after what changes the database.
#[server_test]
fn a_schema_with_a_generator_is_generated_after_a_change() {
    let database = Database::new("execute_generate");
    let generator = "\ngenerator client {\n  provider = \"prisma-client-js\"\n}\n";
    let project = Folder::new(generator, &[]).on(&database);
    project.run("migrate reset --force").ended(0).complains("warning: not generated: ");
    program(&project, "prisma", "echo prisma \"$@\"");
    for line in ["migrate reset --force", "migrate dev", "db push"] {
        let ran = project.run(line).ended(0);
        ran.says(
            "\nRunning generate... (Use --skip-generate to skip the generators)\nprisma generate\n",
        );
        let ran = project.run(&format!("{line} --skip-generate")).ended(0);
        assert!(!ran.stdout.contains("Running"), "{}", ran.stdout);
    }
    program(&project, "prisma", "exit 1");
    project.run("db push").ended(0).complains("warning: not generated: Command failed");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let project = Folder::new("", &[]);
    project.run("man").ended(0).says(".TH undrift 1");
    project.run("man --output man1").ended(0);
    assert!(project.read("man1/undrift-migrate-dev.1").contains("create\\-only"));
}

/// Puts a program where packages have theirs.
fn program(project: &Folder, name: &str, script: &str) {
    let path = format!("node_modules/.bin/{name}");
    project.write(&path, format!("#!/bin/sh\n{script}\n"));
    let path = project.path(&path);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
