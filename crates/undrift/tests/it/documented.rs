//! The pages of `docs/`: each command in them is run, in order, on a database in the state that the page
//! describes, and ends with the exit code that the page says.
//!
//! `<!-- on: STATE -->` begins with a new project; a comment `# exit N: …` behind a command says how it
//! ends, 0 otherwise. Words in capitals stand for what only the moment tells.

use crate::checking::{commit, git};
use crate::fake_rds::{Behaviour, FakeRds, INSTANCE};
use crate::stand::{Database, Folder};
use server_test::server_test;

const INIT: &str = "20260101000000_init";
const NEXT: &str = "20260102000000_next";
const USER: &str = "\nmodel User {\n  id   Int     @id\n  name String?\n}\n";
const WITHOUT: &str = "\nmodel User {\n  id   Int    @id\n}\n";
const CREATE: &str = "CREATE TABLE \"User\" (\n    \"id\" INTEGER NOT NULL,\n    \"name\" TEXT,\n\n    \
                      CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\")\n);\n";
const DROP: &str = "ALTER TABLE \"User\" DROP COLUMN \"name\";\n";

/// A state that a page begins with.
struct Stand {
    folder: Folder,
    database: Database,
    _rds: Option<FakeRds>,
}

/// A command of a page.
#[derive(Debug)]
struct Step {
    /// The state that it begins with, if it is the first one in it.
    state: Option<String>,
    words: Vec<String>,
    code: i32,
    line: usize,
}

/// Takes the commands out of a page.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut state, mut is_inside) = (None, false);
    for (at, line) in page.lines().enumerate() {
        if let Some(named) = line.strip_prefix("<!-- on: ") {
            state = Some(named.trim_end_matches(" -->").to_owned());
        } else if line.starts_with("```") {
            is_inside = line == "```sh";
        } else if is_inside && line.starts_with("undrift ") {
            let (command, comment) = line.split_once("  #").unwrap_or((line, ""));
            let code = comment.trim().strip_prefix("exit ").map_or(0, |rest| {
                rest.split(':').next().and_then(|code| code.trim().parse().ok()).unwrap()
            });
            steps.push(Step { state: state.take(), words: words(command), code, line: at + 1 });
        } else if is_inside && !line.trim().is_empty() {
            panic!("line {}: not run: {line}", at + 1);
        }
    }
    steps
}

/// The words of a command; those in quotes hold together.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| {
        if at % 2 == 1 {
            vec![part.to_owned()]
        } else {
            part.split_whitespace().map(str::to_owned).collect()
        }
    });
    words.skip(1).collect()
}

fn stand(page: &str, state: &str) -> Stand {
    let name = format!("docs_{}_{state}", page.trim_end_matches(".md").replace('-', "_"));
    let database = Database::new(&name);
    let migrations: &[(&str, &str)] = if state == "unmanaged" { &[] } else { &[(INIT, CREATE)] };
    let folder = Folder::new(USER, migrations).on(&database);
    let text = format!(
        "[environments.production]\nvariable = \"DATABASE_URL\"\nclass = \"production\"\nbackup = \"rows\"\n\
         allow = [\"rollback\"]\ninstance = \"{INSTANCE}\"\n"
    );
    folder.write("undrift.toml", text);
    let pending = |schema: &str, script: &str| {
        folder.write("prisma/schema.prisma", format!("{}{schema}", crate::stand::DATASOURCE));
        folder.write(&format!("prisma/migrations/{NEXT}/migration.sql"), script);
    };
    if state == "branch" {
        git(&folder, "init -q -b main");
        commit(&folder);
        git(&folder, "update-ref refs/remotes/origin/main HEAD");
    }
    if state == "unmanaged" {
        database.run(CREATE);
        return Stand { folder, database, _rds: None };
    }
    folder.run("migrate deploy").ended(0);
    database.run("INSERT INTO \"User\" VALUES (1, 'a'), (2, 'b')");
    let mut rds = None;
    match state {
        "pending" | "rds" | "branch" => {
            let schema = USER.replace("String?\n", "String?\n  age  Int?\n");
            pending(&schema, "ALTER TABLE \"User\" ADD COLUMN     \"age\" INTEGER;\n");
            if state == "branch" {
                git(&folder, "checkout -q -b work");
                commit(&folder);
            }
        }
        "losing" => pending(WITHOUT, DROP),
        "failed" => pending(
            &USER.replace("String?\n", "String? @unique\n"),
            "UPDATE \"User\" SET \"name\" = 'a';\nCREATE UNIQUE INDEX \"User_name_key\" ON \"User\"(\"name\");\n",
        ),
        "applied" | "changed" => {
            pending(WITHOUT, DROP);
            folder.run("migrate deploy").ended(0);
            if state == "changed" {
                folder.run("rollback --yes").ended(0);
                database.run("UPDATE \"User\" SET name = 'c' WHERE id = 1");
            }
        }
        "drifted" => database.run(
            "CREATE INDEX \"User_name_idx\" ON \"User\"(\"name\"); CREATE VIEW names AS SELECT name FROM \"User\";
             CREATE FUNCTION report() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ),
        "edited" => {
            let path = format!("prisma/migrations/{INIT}/migration.sql");
            folder.write(&path, format!("-- a remark\n{CREATE}"));
        }
        state => panic!("no such state: {state}"),
    }
    let mut folder = folder;
    if state == "rds" {
        let fake = FakeRds::start(Behaviour { statuses: vec!["creating"], ..Behaviour::default() });
        folder = fake.of(folder);
        rds = Some(fake);
    }
    Stand { folder, database, _rds: rds }
}

#[track_caller]
fn check(page: &str, least: usize) {
    let path = format!("{}/../../docs/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let steps = steps(&text);
    assert!(steps.len() >= least, "{page} has {} commands", steps.len());
    let mut stands: Vec<Stand> = Vec::new();
    for Step { state, words, code, line } in steps {
        if let Some(state) = state {
            stands.push(stand(page, &state));
        }
        let Stand { folder, database, .. } = stands.last().unwrap();
        let name = database.ask("SELECT current_database()").concat();
        let words: Vec<String> = words
            .iter()
            .map(|word| match word.as_str() {
                "ID" => {
                    let list = folder.run("backup list --json").ended(0).json();
                    list.pointer("/backups/0/id").unwrap().as_str().unwrap().to_owned()
                }
                "NEW_DATABASE" => format!("{name}_restored"),
                word => word.replace("=DATABASE", &format!("={name}")),
            })
            .collect();
        let output = folder.command("").args(&words).output().unwrap();
        let ran = crate::stand::Ran::from(output);
        assert_eq!(
            ran.code,
            code,
            "docs/{page}, line {line}: undrift {}\n{}\n{}",
            words.join(" "),
            ran.stdout,
            ran.stderr
        );
    }
}

#[server_test]
fn the_deploy_runbook_is_true() {
    check("deploy-runbook.md", 9);
}

#[server_test]
fn the_rollback_runbook_is_true() {
    check("rollback-runbook.md", 10);
}

#[server_test]
fn the_drift_runbook_is_true() {
    check("drift-runbook.md", 14);
}

#[server_test]
fn the_page_about_rds_is_true() {
    check("rds.md", 9);
}

#[server_test]
fn the_page_about_ci_is_true() {
    check("ci.md", 2);
}

#[server_test]
fn the_page_for_agents_is_true() {
    check("agents.md", 4);
}

/// Every command that stands in the text of a page, with words in capitals for what is to be put in.
#[test]
fn commands_in_the_text_are_commands() {
    let root = format!("{}/../..", env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(format!("{root}/docs")).unwrap().map(|it| it.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|it| it == "md"));
    let project = Folder::new("", &[]);
    let mut seen = std::collections::BTreeSet::new();
    for page in pages.chain([format!("{root}/README.md").into()]) {
        let text = std::fs::read_to_string(&page).unwrap();
        for command in text.split('`').filter(|part| part.starts_with("undrift ")) {
            // Some tell several at once.
            if command.contains(['|', '…', '[', '<', '>', '\n']) || !seen.insert(command.to_owned())
            {
                continue;
            }
            // With --help the words before it are looked at, and nothing is done.
            let output = project.command("").args(words(command)).arg("--help").output().unwrap();
            let ran = crate::stand::Ran::from(output);
            assert_eq!(ran.code, 0, "{}: {command}\n{}", page.display(), ran.stderr);
        }
    }
    assert!(seen.len() > 40, "{}", seen.len());
}
