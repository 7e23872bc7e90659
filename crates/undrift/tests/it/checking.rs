//! `undrift check`: what it finds with git, with a shadow and with a database, and every form of report.

use std::process::Command;

use crate::stand::{Database, Folder};
use server_test::server_test;

const INIT: (&str, &str) =
    ("20260101000000_create_posts", "CREATE TABLE \"Post\" (\"id\" INTEGER PRIMARY KEY);\n");
const NEXT: &str = "20260201000000_add_title";
const ADD_TITLE: &str =
    "SET LOCAL lock_timeout = '5s';\nALTER TABLE \"Post\" ADD COLUMN \"title\" TEXT;\n";
const MODEL: &str = "\nmodel Post {\n  id Int @id\n}\n";
const WITH_TITLE: &str = "\nmodel Post {\n  id Int @id\n  title String?\n}\n";

/// A project whose main branch has one migration, on a branch `work`.
fn project(models: &str) -> Folder {
    let folder = Folder::new(models, &[INIT]);
    git(&folder, "init -q -b main");
    commit(&folder);
    git(&folder, "checkout -q -b work");
    folder
}

pub(crate) fn git(folder: &Folder, line: &str) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=t", "-c", "user.email=t@t"]).args(line.split_whitespace());
    let output = git.current_dir(folder.path("")).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
}

pub(crate) fn commit(folder: &Folder) {
    git(folder, "add -A");
    git(folder, "commit -q --allow-empty -m x");
}

fn migration(name: &str) -> String {
    format!("prisma/migrations/{name}/migration.sql")
}

/// What is found: severity, code, and the file below the migrations folder.
#[track_caller]
fn found(folder: &Folder, line: &str, code: i32) -> Vec<String> {
    let json = folder.run(&format!("check {line} --json")).ended(code).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let checks = json.get("checks").unwrap().as_array().unwrap().iter();
    let issues = checks.flat_map(|check| check["issues"].as_array().unwrap());
    issues
        .map(|issue| {
            let path = text(&issue["path"]);
            let path = path.strip_prefix("prisma/migrations/").unwrap_or(&path).to_owned();
            format!("{} {} {path}", text(&issue["severity"]), text(&issue["code"]))
        })
        .collect()
}

/// What came of a check.
fn state(folder: &Folder, line: &str, name: &str) -> String {
    let json = folder.run(&format!("check {line} --json")).json();
    let checks = json.get("checks").unwrap().as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    check["state"].as_str().unwrap().to_owned()
}

#[server_test]
fn a_branch_that_is_right_passes() {
    let folder = project(MODEL);
    assert!(found(&folder, "--base main", 0).is_empty());
    folder.write("prisma/schema.prisma", format!("{}{WITH_TITLE}", crate::stand::DATASOURCE));
    let missing = found(&folder, "--base main", 1);
    assert_eq!(missing, ["error schema-without-migration prisma/schema.prisma"]);
    folder.write(&migration(NEXT), ADD_TITLE);
    let loose = found(&folder, "--base main", 1);
    let expected = [
        format!("error migration-not-committed {NEXT}/migration.sql"),
        "note down-missing prisma/migrations".to_owned(),
    ];
    assert_eq!(loose, expected);
    commit(&folder);
    assert_eq!(found(&folder, "--base main", 0), ["note down-missing prisma/migrations"]);
    let ran = folder.run("check --base main --color never").ended(0);
    ran.says("ok      schema").says("skipped drift").says("(1 judged; compared with main)");
    // The default branch of origin is found out.
    git(&folder, "update-ref refs/remotes/origin/main main");
    let json = folder.run("check --json").ended(0).json();
    assert_eq!(json["base"]["name"], "origin/main");
    assert_eq!(json["base"]["is_found"], true);
}

#[server_test]
fn migrations_of_the_base_are_left_as_they_are() {
    let folder = project(MODEL);
    folder.write(&migration(INIT.0), format!("{}-- a word\n", INIT.1));
    commit(&folder);
    let edited = format!("error migration-edited {}/migration.sql", INIT.0);
    assert_eq!(found(&folder, "--base main", 1), [edited]);
    folder.remove(&format!("prisma/migrations/{}", INIT.0));
    commit(&folder);
    let deleted = found(&folder, "--base main", 1);
    let expected = [
        "error schema-without-migration prisma/schema.prisma".to_owned(),
        format!("error migration-deleted {}/migration.sql", INIT.0),
    ];
    assert_eq!(deleted, expected);
}

#[server_test]
fn new_migrations_come_behind_those_that_the_base_has_by_now() {
    let folder = project(WITH_TITLE);
    folder.write(&migration(NEXT), ADD_TITLE);
    commit(&folder);
    git(&folder, "checkout -q main");
    folder.write(&migration("20260301000000_create_tags"), "SELECT 1;\n");
    commit(&folder);
    git(&folder, "checkout -q work");
    let behind = format!("error migration-behind {NEXT}/migration.sql");
    assert!(found(&folder, "--base main", 1).contains(&behind));
    // The same name on both sides.
    git(&folder, "checkout -q main");
    folder.write(&migration(NEXT), "SELECT 2;\n");
    commit(&folder);
    git(&folder, "checkout -q work");
    let clashes = format!("error migration-clashes {NEXT}/migration.sql");
    assert!(found(&folder, "--base main", 1).contains(&clashes));
}

#[server_test]
fn data_goes_with_a_word_only() {
    let folder = project(MODEL);
    let drop = "SET LOCAL lock_timeout = '5s';\nALTER TABLE \"Post\" DROP COLUMN \"gone\";\n";
    folder.write(&migration(INIT.0), INIT.1.replace(");", ", \"gone\" TEXT);"));
    commit(&folder);
    git(&folder, "branch -f main");
    let next = "20260201000000_drop_gone";
    folder.write(&migration(next), drop);
    commit(&folder);
    let lost = format!("error destroys-data {next}/migration.sql");
    assert!(found(&folder, "--base main", 1).contains(&lost));
    folder.write(
        &migration(next),
        drop.replace("ALTER", "-- undrift: allow(destroys-data): unread\nALTER"),
    );
    commit(&folder);
    assert!(!found(&folder, "--base main", 0).contains(&lost));
}

#[server_test]
fn downs_are_tried() {
    let folder = project(WITH_TITLE);
    folder.write(&migration(NEXT), ADD_TITLE);
    let down = format!("prisma/migrations/{NEXT}/down.sql");
    folder.write(&down, "ALTER TABLE \"Post\" DROP COLUMN \"title\";\n");
    commit(&folder);
    assert!(found(&folder, "--base main", 0).is_empty());
    folder.write(&down, "SELECT 1;\n");
    commit(&folder);
    let wrong = [format!("error down-wrong {NEXT}/down.sql")];
    assert_eq!(found(&folder, "--base main", 1), wrong);
    // The second time it is remembered.
    assert_eq!(found(&folder, "--base main", 1), wrong);
}

#[server_test]
fn a_database_that_is_asked_tells_of_drift_and_counts() {
    let database = Database::new("check_asked");
    let folder = project(MODEL).on(&database);
    folder.run("migrate deploy").ended(0);
    assert!(found(&folder, "--database", 0).is_empty());
    database
        .run("CREATE INDEX \"by_hand\" ON \"Post\" (\"id\"); INSERT INTO \"Post\" VALUES (1), (2)");
    assert_eq!(found(&folder, "--database", 1), ["error drift prisma/schema.prisma"]);
    database.run("DROP INDEX \"by_hand\"");
    let next = "20260201000000_drop_posts";
    folder.write(&migration(next), "SET LOCAL lock_timeout = '5s';\nDROP TABLE \"Post\";\n");
    commit(&folder);
    let json = folder.run("check --database --json").ended(1).json();
    let checks = json["checks"].as_array().unwrap();
    let loss = checks.iter().find(|check| check["name"] == "data-loss").unwrap();
    assert_eq!(loss["issues"][0]["code"], "data-lost");
    assert!(loss["issues"][0]["message"].as_str().unwrap().contains("2 rows of public.Post"));
    assert_eq!(loss["issues"].as_array().unwrap().len(), 1);
    // What cannot be reached cannot be told, and does not pass.
    let nowhere = "--url postgresql://u:s3cr3t-never-shown@localhost:1/x";
    assert_eq!(state(&folder, nowhere, "drift"), "unknown");
    folder.run(&format!("check {nowhere}")).ended(1).says("unknown drift");
}

#[server_test]
fn what_cannot_be_replayed_or_read_is_found_in_its_place() {
    let folder = project(MODEL);
    folder.write(&migration(NEXT), "SELECT 1;\nALTER TABLE \"Nothing\" ADD COLUMN a INT;\n");
    commit(&folder);
    let json = folder.run("check --base main --json").ended(1).json();
    let checks = json["checks"].as_array().unwrap();
    let replay = checks.iter().find(|check| check["name"] == "replay").unwrap();
    assert_eq!(replay["issues"][0]["code"], "migration-fails");
    assert_eq!(replay["issues"][0]["place"]["line"], 2);
    assert_eq!(state(&folder, "--base main", "schema"), "skipped");
    let broken = "datasource db {\n  provider = \"postgresql\"\n}\nmodel A {\n  id Nope @id\n}\n";
    folder.write("prisma/schema.prisma", broken);
    let json = folder.run("check --base main --json").ended(1).json();
    assert_eq!(json["checks"][0]["issues"][0]["code"], "schema-invalid");
    assert_eq!(json["checks"][0]["issues"][0]["place"]["line"], 5);
    std::fs::create_dir(folder.path("prisma/migrations/20260401000000_empty")).unwrap();
    let without = "error migration-without-script 20260401000000_empty/migration.sql".to_owned();
    assert!(found(&folder, "--base main", 1).contains(&without));
}

#[test]
fn a_base_that_is_not_there_is_told_with_what_to_do() {
    let folder = Folder::new(MODEL, &[INIT]);
    folder.run("check --base main").ended(1).complains("it is not in a git repository");
    git(&folder, "init -q -b main");
    commit(&folder);
    folder.run("check --base origin/main").ended(1).complains("git fetch origin main:");
    folder.run("check --base -x").ended(1);
    for _ in 0..2 {
        commit(&folder);
    }
    git(&folder, "branch other");
    let origin = folder.path("").display().to_string();
    git(&folder, &format!("clone -q --depth 1 --no-single-branch file://{origin} shallow"));
    let mut command = folder.command("check --base origin/nothing");
    command.current_dir(folder.path("shallow"));
    let ran = crate::stand::Ran::from(command.output().unwrap());
    ran.ended(1).complains("the clone is shallow").complains("--unshallow");
}

#[server_test]
fn every_report_is_well_formed() {
    let folder = project(MODEL);
    folder.write(&migration(NEXT), "DROP TABLE \"Post\"; -- <&> \"quoted\", 100%: a|b\n");
    commit(&folder);
    let line = "check --base main";
    let sarif = folder.run(&format!("{line} --sarif")).ended(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{results:?}");
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules.get(at).unwrap()["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(folder.path(uri.as_str().unwrap()).exists(), "{uri}");
    }
    let gitlab = folder.run(&format!("{line} --gitlab")).ended(1).json();
    let gitlab = gitlab.as_array().unwrap();
    assert_eq!(gitlab.len(), results.len());
    let prints: std::collections::BTreeSet<&str> =
        gitlab.iter().map(|it| it["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), gitlab.len(), "fingerprints are unique");
    let github = folder.run(&format!("{line} --github")).ended(1);
    let annotations = github.stdout.lines().filter(|line| line.starts_with("::"));
    assert_eq!(annotations.count(), results.len());
    let junit = folder.run(&format!("{line} --junit")).ended(1);
    junit.says("<testsuites name=\"undrift check\" tests=\"9\"").says("type=\"destroys-data\"");
    let markdown = folder.run(&format!("{line} --markdown")).ended(1);
    let markdown = markdown.says("## ❌ undrift check: does not pass");
    markdown.says("<summary><code>20260201000000&#95;add&#95;title</code> (1 statement)</summary>");
    // A file for the machine, the text for people.
    folder
        .run(&format!("{line} --sarif -o out/undrift.sarif"))
        .ended(1)
        .says("error[destroys-data]");
    let written: serde_json::Value =
        serde_json::from_str(&folder.read("out/undrift.sarif")).unwrap();
    assert_eq!(written["runs"][0]["results"].as_array().unwrap().len(), results.len());
}

#[test]
fn reports_name_files_from_the_root_of_the_repository() {
    let folder = Folder::new(MODEL, &[]);
    git(&folder, "init -q -b main");
    for path in ["prisma/schema.prisma", "undrift.toml"] {
        folder.write(&format!("packages/db/{path}"), "");
    }
    let model = format!("{}{MODEL}", crate::stand::DATASOURCE);
    folder.write("packages/db/prisma/schema.prisma", model);
    folder.write(&format!("packages/db/{}", migration(NEXT)), "TRUNCATE \"Post\";\n");
    for (form, expected) in [
        ("--github", "file=packages/db/prisma/migrations/20260201000000_add_title/migration.sql,"),
        ("--sarif", "\"packages/db/prisma/migrations/20260201000000_add_title/migration.sql\""),
    ] {
        let mut command = folder.command(&format!("lint {form}"));
        command.current_dir(folder.path("packages/db"));
        crate::stand::Ran::from(command.output().unwrap()).ended(0).says(expected);
    }
}
