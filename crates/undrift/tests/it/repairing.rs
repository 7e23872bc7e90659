//! `repair`: files of applied migrations that are not as they were applied.

use std::process::Command;

use server_test::server_test;

use crate::stand::{Database, Folder};

const ONE: (&str, &str) =
    ("20260101000000_one", "-- first\nCREATE TABLE a (id int PRIMARY KEY,\n  name text);\n");
const TWO: (&str, &str) = ("20260102000000_two", "CREATE INDEX a_name ON a (name);\n");
const FILE: &str = "prisma/migrations/20260101000000_one/migration.sql";

fn deployed(database: &Database) -> Folder {
    let project = Folder::new("", &[ONE, TWO]).on(database);
    project.run("migrate deploy").ended(0);
    project.run("repair").ended(0).says("Nothing to repair");
    project
}

/// A project whose files are in git.
fn committed(database: &Database) -> Folder {
    let project = deployed(database);
    for arguments in [
        "init -q",
        "add -A",
        "-c user.name=t -c user.email=t@example.org -c commit.gpgsign=false commit -qm one",
    ] {
        git(&project, arguments);
    }
    project
}

fn git(project: &Folder, arguments: &str) {
    let mut git = Command::new("git");
    git.args(arguments.split_whitespace()).current_dir(project.path("."));
    assert!(git.status().unwrap().success(), "git {arguments}");
}

fn meaning(project: &Folder) -> String {
    let shown = project.run("repair --dry-run --json").ended(0).json();
    let meaning = shown.pointer("/problems/0/meaning").and_then(serde_json::Value::as_str);
    meaning.unwrap_or_default().to_owned()
}

#[server_test]
fn line_ends_and_marks_are_put_back() {
    let database = Database::new("repair_encoding");
    let project = deployed(&database);
    for text in [ONE.1.replace('\n', "\r\n"), format!("\u{feff}{}", ONE.1)] {
        project.write(FILE, text);
        project.run("migrate status").ended(1);
        assert_eq!(meaning(&project), "encoding");
        project.run("repair").ended(0).says("as it was applied again");
        assert_eq!(project.read(FILE), ONE.1);
        project.run("migrate status").ended(0);
    }
    // Where the editor or git will have it so, the history can take it; not with a mark, at which
    // PostgreSQL stops.
    project.write(FILE, ONE.1.replace('\n', "\r\n"));
    project.run("repair --rehash").ended(0).says("The history has the sum");
    project.run("migrate status").ended(0);
    let logs = database.ask("SELECT logs FROM _prisma_migrations ORDER BY started_at");
    assert!(logs[0].contains("undrift repair: the file was edited"), "{logs:?}");
    project.write(FILE, format!("\u{feff}{}", ONE.1));
    let shown = project.run("repair --dry-run --json").json();
    assert_eq!(shown["problems"][0]["remedies"], serde_json::json!(["restore"]));
}

#[server_test]
fn an_edit_of_comments_is_told_from_others() {
    let database = Database::new("repair_layout");
    let project = committed(&database);
    project.write(FILE, "CREATE TABLE a (id int PRIMARY KEY, /* who */ name text);\n");
    assert_eq!(meaning(&project), "layout");
    let asked = project.run("repair --json").ended(130).json();
    assert_eq!(asked["error"]["questions"][0]["options"], serde_json::json!(["restore", "rehash"]));
    project.run("repair --rehash").ended(0);
    project.run("migrate status").ended(0);

    // Other words for the same catalog.
    let edited = "CREATE TABLE a (id int, name text);\nALTER TABLE a ADD PRIMARY KEY (id);\n";
    git(
        &project,
        "-c user.name=t -c user.email=t@example.org -c commit.gpgsign=false commit -qam two",
    );
    project.write(FILE, edited);
    assert_eq!(meaning(&project), "same_effect");
    project.run("repair --restore").ended(0);
    assert!(project.read(FILE).contains("/* who */"));

    // Another catalog: no flag makes the history say that it was applied.
    project.write(FILE, edited.replace("name text", "name text, extra int"));
    let shown = project.run("repair --dry-run").ended(0);
    shown.says("it makes something else").says("columns.extra");
    project.run("repair --rehash").ended(1);
    project.run("repair --restore").ended(0);
    project.run("migrate status").ended(0);
}

#[server_test]
fn without_the_file_as_it_was_the_database_is_the_judge() {
    let database = Database::new("repair_unknown");
    let project = deployed(&database);
    project.write(FILE, "CREATE TABLE a (id int, name text, PRIMARY KEY (id));\n");
    assert_eq!(meaning(&project), "as_database");
    project.run("repair --rehash").ended(0);
    project.run("migrate status").ended(0);
    project.write(FILE, "CREATE TABLE a (id int, name text, more int, PRIMARY KEY (id));\n");
    project.run("repair").ended(1).says("To do: put the file back as it was applied (SHA-256 ");
    // A migration that cannot be run at all.
    project.write(FILE, "CREATE TABLE a (id nothing);\n");
    project.run("repair").ended(1).says("cannot be replayed");
}

#[server_test]
fn a_renamed_folder_is_recognised() {
    let database = Database::new("repair_renamed");
    let project = deployed(&database);
    project.remove("prisma/migrations/20260102000000_two");
    project.write("prisma/migrations/20260103000000_second/migration.sql", TWO.1);
    project.run("repair").ended(0).says("is now 20260103000000_second");
    project.run("migrate status").ended(0);
    assert_eq!(database.history()[1], "20260103000000_second applied");
    // Not where the new name would put it before what it needs.
    project.remove("prisma/migrations/20260103000000_second");
    project.write("prisma/migrations/20250101000000_early/migration.sql", TWO.1);
    project.run("repair").ended(1).says("give the folder its name back");
}

#[server_test]
fn a_lost_file_comes_back_from_git() {
    let database = Database::new("repair_lost");
    let project = committed(&database);
    project.remove("prisma/migrations/20260102000000_two");
    project.remove(FILE);
    git(
        &project,
        "-c user.name=t -c user.email=t@example.org -c commit.gpgsign=false commit -qam gone",
    );
    project.run("migrate deploy").ended(1).complains("undrift repair");
    project.run("repair").ended(0);
    assert_eq!(project.read(FILE), ONE.1);
    project.run("migrate status").ended(0);

    let elsewhere = Database::new("repair_lost_for_good");
    let project = deployed(&elsewhere);
    project.remove("prisma/migrations/20260102000000_two");
    project.run("repair").ended(1).says("it is gone").says("neither in git nor under another name");
}
