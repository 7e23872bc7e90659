//! `undrift lint`: what it finds, in every form, and what it writes instead.

use std::process::Command;

use crate::stand::{Database, Folder};
use server_test::server_test;

const INIT: (&str, &str) = (
    "20260101000000_init",
    "CREATE TABLE \"Post\" (\"id\" INTEGER NOT NULL, \"title\" VARCHAR(20), \"price\" INTEGER NOT NULL, \
     CONSTRAINT \"Post_pkey\" PRIMARY KEY (\"id\"));\n\
     CREATE INDEX \"Post_title_idx\" ON \"Post\"(\"title\");\n",
);
const NEXT: &str = "20260102000000_index_prices";

const MODELS: &str =
    "\nmodel Post {\n  id Int @id\n  title String? @db.VarChar(20)\n  price Int\n}\n";

fn project(next: &str) -> Folder {
    Folder::new(MODELS, &[INIT, (NEXT, next)])
}

fn text(value: &serde_json::Value, key: &str) -> String {
    value.get(key).and_then(serde_json::Value::as_str).unwrap_or("-").to_owned()
}

/// The rules that find something, with the migration.
fn found(folder: &Folder, line: &str) -> Vec<String> {
    let json = folder.run(&format!("{line} --json")).json();
    let files = json.get("files").unwrap().as_array().unwrap();
    files
        .iter()
        .flat_map(|file| {
            let name = text(file, "migration");
            let findings = file.get("findings").unwrap().as_array().unwrap().iter();
            findings.map(move |it| format!("{name} {} {}", text(it, "severity"), text(it, "rule")))
        })
        .collect()
}

#[test]
fn findings_are_shown_with_their_lines() {
    let folder = project("-- prices\nCREATE INDEX \"Post_price_idx\"\n  ON \"Post\"(\"price\");\n");
    let ran = folder.run("lint --color never").ended(0);
    let path = format!("prisma/migrations/{NEXT}/migration.sql");
    let expected = format!(
        "warning[index-blocks-writes]: Writes on public.Post wait until the index is built\n  -->  {path}:2\n  \
         |\n2 | CREATE INDEX \"Post_price_idx\"\n3 |   ON \"Post\"(\"price\")"
    );
    let ran = ran.says(&expected).says("(--fix)").says("0 errors, 1 warning, 1 note in 2 files");
    assert!(!ran.stdout.contains("init"), "a new table is nobody's concern: {}", ran.stdout);
    folder.run("lint --strict").ended(1);
    let github =
        format!("::warning file={path},line=2,endLine=3,title=index-blocks-writes::Writes on");
    folder.run("lint --github").ended(0).says(&github);
    let sarif = folder.run("lint --sarif").ended(0).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|it| it["ruleId"] == "index-blocks-writes").unwrap();
    assert_eq!(result["level"], "warning");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
    folder.run("lint --rules").ended(0).says("index-blocks-writes");
    folder.run("lint --rules type-change").ended(0).says("ALTER TABLE");
    folder.run("lint --rules nothing").ended(1).complains("there is no rule nothing");
}

#[test]
fn a_script_by_itself_needs_no_project() {
    let folder = Folder::new(MODELS, &[]);
    folder.remove("prisma/schema.prisma");
    folder.write("a.sql", "ALTER SYSTEM SET work_mem = '1GB';");
    folder.run("lint a.sql").ended(1).says("error[rds-forbids]").says("a.sql:1");
    folder.run("lint none.sql").ended(1).complains("none.sql");
    folder.write("b.sql", "ALTER TABLE a ADD b int, DROP COLUMN c;\n");
    let marked =
        "1 | ALTER TABLE a ADD b int, DROP COLUMN c;\n  |                          ^^^^^^^^^^^^^\n";
    folder.run("lint b.sql --color never").ended(0).says(marked);
    let mut command = folder.command("lint - --color never");
    command.stdin(std::fs::File::open(folder.path("a.sql")).unwrap());
    let ran = crate::stand::Ran::from(command.output().unwrap());
    ran.ended(1).says("error[rds-forbids]").says("standard input:1");
}

#[test]
fn a_project_does_without_rules_for_a_reason() {
    let folder = project("TRUNCATE \"Post\";");
    assert_eq!(found(&folder, "lint").len(), 2);
    folder.write("undrift.toml", "[lint.allow]\ndestroys-data = \"a cache\"\n");
    assert_eq!(found(&folder, "lint"), [format!("{NEXT} note no-lock-timeout")]);
    folder.write("undrift.toml", "[lint.allow]\nnothing = \"x\"\n");
    folder.run("lint").ended(1).complains("there is no rule nothing");
}

#[test]
fn what_the_migrations_before_make_is_known() {
    let wider = "SET LOCAL lock_timeout = '1s';\nALTER TABLE \"Post\" ALTER COLUMN \"title\" TYPE VARCHAR(30);\n";
    assert!(found(&project(wider), "lint").is_empty());
    let narrower = wider.replace("30", "10");
    assert_eq!(found(&project(&narrower), "lint"), [format!("{NEXT} warning type-change")]);
}

#[test]
fn a_branch_is_looked_at_by_itself() {
    let folder = project("DROP TABLE \"Post\";");
    let git = |line: &str| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@t"]).args(line.split_whitespace());
        assert!(git.current_dir(folder.path("")).output().unwrap().status.success(), "{line}");
    };
    git("init -q -b main");
    git("add .");
    git("commit -q -m one");
    git("checkout -q -b work");
    assert!(found(&folder, "lint --base main").is_empty());
    folder.write("prisma/migrations/20260103000000_new/migration.sql", "TRUNCATE \"Other\";");
    let rules = found(&folder, "lint --base main");
    assert!(rules.iter().all(|rule| rule.starts_with("20260103000000_new")), "{rules:?}");
    assert!(rules.contains(&"20260103000000_new warning destroys-data".to_owned()));
    git("add .");
    git("commit -q -m two");
    assert_eq!(found(&folder, "lint --base main"), rules);
    folder.run("lint --base nowhere").ended(1).complains("nowhere");
}

#[server_test]
fn the_size_of_the_tables_counts() {
    let database = Database::new("lint_sizes");
    let folder = project("SELECT 1;").on(&database);
    folder.run("migrate deploy").ended(0);
    folder.write(
        "prisma/migrations/20260103000000_more_prices/migration.sql",
        "SET LOCAL lock_timeout = '1s';\nCREATE INDEX \"p\" ON \"Post\"(\"price\");",
    );
    let told = |severity| [format!("20260103000000_more_prices {severity} index-blocks-writes")];
    assert_eq!(found(&folder, "lint --pending"), told("note"));
    database.run("INSERT INTO \"Post\" SELECT i, 'a', i FROM generate_series(1, 20000) i; ANALYZE");
    assert_eq!(found(&folder, "lint --pending"), told("error"));
    folder.run("lint --pending").ended(1).says("(20000 rows)");
    assert_eq!(found(&folder, "lint"), told("warning"));
}

#[server_test]
fn pending_migrations_are_rewritten_and_make_the_same() {
    let next = "-- CreateIndex\nCREATE UNIQUE INDEX \"Post_price_key\" ON \"Post\"(\"price\");\n\n\
                ALTER TABLE \"Post\" ADD CONSTRAINT \"positive\" CHECK (\"price\" > 0);\n\
                ALTER TABLE \"Post\" ALTER COLUMN \"title\" SET NOT NULL;\n";
    let database = Database::new("lint_fixed");
    let folder = project(next).on(&database);
    let applied = Database::new("lint_applied");
    folder.run(&format!("migrate deploy --url {}", applied.url)).ended(0);
    // Applied there: not to be touched.
    let path = format!("prisma/migrations/{NEXT}/migration.sql");
    let refused = folder.run(&format!("lint {path} --fix --url {}", applied.url)).ended(0);
    refused.says("not rewritten").says("it is applied");
    assert_eq!(folder.read(&path), next);

    folder.run("lint --pending --fix").ended(0).says("rewritten:");
    assert_eq!(
        folder.read(&path),
        "-- CreateIndex\nCREATE UNIQUE INDEX CONCURRENTLY \"Post_price_key\" ON \"Post\"(\"price\");\n"
    );
    let after =
        folder.read(&format!("prisma/migrations/{NEXT}_02_after_post_price_key/migration.sql"));
    assert!(after.contains("CHECK (\"price\" > 0) NOT VALID;"), "{after}");
    let last = folder.read(&format!("prisma/migrations/{NEXT}_03_validate/migration.sql"));
    assert!(last.starts_with("ALTER TABLE \"Post\" VALIDATE CONSTRAINT \"positive\";"), "{last}");
    let rules = found(&folder, "lint");
    assert!(rules.iter().all(|rule| !rule.contains("warning")), "{rules:?}");
    // Both databases are the same, in everything that is compared.
    folder.run("migrate deploy").ended(0);
    let fingerprint = |database: &Database| {
        let line = format!("snapshot -o snapshot.json --json --url {}", database.url);
        folder.run(&line).ended(0).json()["fingerprint"].as_str().unwrap().to_owned()
    };
    assert_eq!(fingerprint(&applied), fingerprint(&database));
}
