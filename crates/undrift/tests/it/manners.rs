//! What a program owes to shells, pipes and terminals.

use server_test::server_test;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::stand::{DATASOURCE, Database, Folder, Ran};

const MODEL: &str = "\nmodel A {\n  id Int @id\n}\n";

const COMMANDS: &[&str] = &[
    "",
    "backup",
    "backup list",
    "backup prune",
    "backup restore",
    "baseline",
    "check",
    "drift",
    "drift adopt",
    "drift ignore",
    "drift revert",
    "env",
    "env check",
    "env list",
    "env show",
    "erd",
    "explain",
    "lint",
    "recover",
    "repair",
    "report",
    "rollback",
    "squash",
    "status",
    "migrate",
    "migrate deploy",
    "migrate dev",
    "migrate diff",
    "migrate reset",
    "migrate resolve",
    "db",
    "db execute",
    "db pull",
    "db push",
    "db seed",
    "generate",
    "init",
    "man",
    "migrate status",
    "validate",
    "format",
    "plan",
    "preflight",
    "split",
    "apply",
    "snapshot",
    "local",
    "local start",
    "local stop",
    "local url",
    "local reset",
    "demo",
    "completions",
    "ui",
    "version",
    "self",
    "self version",
];

#[test]
fn every_command_explains_itself_with_examples() {
    let folder = Folder::new("", &[]);
    for command in COMMANDS {
        let ran = folder.run(&format!("{command} --help")).ended(0).says("Examples:\n");
        assert_eq!(ran.stderr, "");
    }
    let without = folder.run("");
    assert!(without.stderr.contains("Usage: undrift"), "{}", without.stderr);
    without.ended(1);
    folder.run("nothing").ended(1).complains("unrecognized subcommand");
}

#[test]
fn completions_are_what_shells_read() {
    let folder = Folder::new("", &[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.run(&format!("completions {shell}")).ended(0).says("from-migrations");
        for word in COMMANDS.iter().filter_map(|command| command.split(' ').next_back()) {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
    let script = folder.run("completions bash").stdout;
    folder.write("undrift.bash", script);
    if let Ok(checked) = Command::new("bash").arg("-n").arg(folder.path("undrift.bash")).output() {
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_accident() {
    let models: Vec<String> =
        (0..3000).map(|n| format!("model M{n} {{\n  id Int @id\n  name String\n}}\n")).collect();
    let folder = Folder::new(&models.concat(), &[]);
    let line = "migrate diff --from-empty --to-schema prisma/schema.prisma --script";
    for line in [line, "completions bash", "--help"] {
        let mut command = folder.command(line);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.stderr, "", "{line}");
        ran.ended(0);
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let folder = Folder::new("", &[]);
    folder.write("bad.prisma", "model A {\n  id Nope @id\n}\n");
    let line = "validate --schema bad.prisma";
    let is_coloured = |ran: &Ran| format!("{}{}", ran.stdout, ran.stderr).contains('\x1b');
    assert!(!is_coloured(&folder.run(line)));
    assert!(is_coloured(&folder.run(&format!("{line} --color always"))));
    assert!(!is_coloured(&folder.run(&format!("{line} --color never"))));
    let folder = folder.with("NO_COLOR", "1");
    assert!(!is_coloured(&folder.run(line)));
}

#[test]
fn the_program_says_what_it_is() {
    let folder = Folder::new("", &[]);
    let json = folder.run("self version --json").ended(0).json();
    assert_eq!(json, folder.run("version --json").ended(0).json());
    assert_eq!(json["undrift"], env!("CARGO_PKG_VERSION"));
    let platform = json["platform"].as_str().unwrap();
    assert!(platform.ends_with(json["target"].as_str().unwrap().split('-').next().unwrap()));
    assert_eq!(json["profile"], if cfg!(debug_assertions) { "debug" } else { "release" });
    let has_server = json["features"].as_array().unwrap().contains(&"embedded".into());
    assert_eq!(has_server, cfg!(feature = "embedded"));
    assert_eq!(has_server, json["embedded_postgresql"].is_string());
    assert_eq!(json["rds_authorities"].as_str().unwrap().len(), "2024-11-23".len());
}

#[server_test]
fn the_quiet_get_results_and_errors_only() {
    let database = Database::new("manners_quiet");
    let project =
        Folder::new(MODEL, &[("1_a", "CREATE TABLE \"A\" (\"id\" INTEGER PRIMARY KEY);\n")])
            .on(&database);
    let ran = project.run("migrate deploy --quiet").ended(0).says("1_a");
    assert!(!ran.stdout.contains("Datasource"), "{}", ran.stdout);
    let ran = project.run("status -q").ended(0);
    assert_eq!(ran.stderr, "");
    assert!(!ran.stdout.contains("migration found"), "{}", ran.stdout);
    let ran = project.run("migrate resolve --applied 9_z --quiet").ended(1).complains("P3017");
    assert!(!ran.stderr.contains("undrift explain"), "{}", ran.stderr);
    project.run("migrate resolve --applied 9_z").ended(1).complains("more: undrift explain P3017");
    project.run("status --quiet --verbose").ended(1).complains("cannot be used with");
}

#[test]
fn codes_are_explained() {
    let folder = Folder::new("", &[]);
    folder.run("explain p3009").ended(0).says("P3009: ").says("Ways out").says("undrift recover");
    folder.run("explain index-blocks-writes").ended(0).says("-- not found\n");
    folder.run("explain").ended(0).says("  P1000 ").says("  migration-behind ");
    folder.run("explain nothing").ended(1).complains("`undrift explain` lists them");
    let json = folder.run("explain drift --json").ended(0).json();
    assert_eq!(json["kind"], "check");
    // Links are for terminals.
    let folder = folder.with("FORCE_HYPERLINK", "1");
    assert!(!folder.run("explain P3009").stdout.contains('\x1b'));
}

#[server_test]
fn nothing_is_needed_of_the_environment() {
    let database = Database::new("manners_environment");
    let project =
        Folder::new(MODEL, &[("1_a", "CREATE TABLE \"A\" (\"id\" INTEGER PRIMARY KEY);\n")])
            .on(&database);
    let mut deploy = project.command("migrate deploy");
    Ran::from(deploy.env_remove("UNDRIFT_CACHE").output().unwrap()).ended(0);
    let cannot_be_made = ["/dev/null/cache", "/proc/cache", "prisma/schema.prisma"];
    for cache in
        [None, Some(""), Some(cannot_be_made[0]), Some(cannot_be_made[1]), Some(cannot_be_made[2])]
    {
        let mut status = project.command("status");
        match cache {
            Some(cache) => status.env("UNDRIFT_CACHE", cache),
            None => status.env_remove("UNDRIFT_CACHE"),
        };
        let ran = Ran::from(status.output().unwrap()).ended(0);
        assert_eq!(ran.stderr, "", "{cache:?}");
    }
    let mut elsewhere = project.command("status");
    let ran =
        Ran::from(elsewhere.env_remove("UNDRIFT_CACHE").env("HOME", "/dev/null").output().unwrap());
    ran.ended(0);
}

#[cfg_attr(feature = "embedded", test)]
#[cfg_attr(not(feature = "embedded"), server_test)]
fn a_project_without_a_url_has_a_database_of_its_own() {
    let project = Folder::new("", &[("1_a", "CREATE TABLE \"A\" (\"id\" INTEGER PRIMARY KEY);\n")]);
    let without_url = "datasource db {\n  provider = \"postgresql\"\n}\n";
    project.write("prisma/schema.prisma", format!("{without_url}{MODEL}"));
    let notice = "no database URL: using the local database in .undrift/local\n";
    project.run("migrate deploy").ended(0).complains(notice).says("1_a");
    project.run("status").ended(0).complains(notice);
    assert_eq!(project.read(".undrift/local/.gitignore"), "*\n");
    let json = project.run("status --json").ended(0).complains(notice).json();
    assert_eq!(json["datasource"]["database"], "app");

    // It serves other programs too, and is used while it does.
    let url = project.run("local start").ended(0).stdout;
    assert_eq!(project.run("local url").ended(0).stdout, url);
    assert_eq!(Database::at(url.trim()).history(), ["1_a applied"]);
    project.run("status").ended(0).complains(notice);
    project.run("local stop").ended(0).says("stopped");
    project.run("local url").ended(1).complains("next: undrift local start");

    // A variable that is not set is taken for forgotten, unless the local database is in use.
    project.write("prisma/schema.prisma", format!("{DATASOURCE}{MODEL}"));
    project.run("status").ended(0).complains(notice);
    project.run("local reset").ended(0);
    for command in ["status", "migrate deploy"] {
        project.run(command).ended(1).complains("Environment variable not found: DATABASE_URL.");
    }
    // Prisma 7 says so too, with the command's name behind it.
    project.write("prisma/schema.prisma", format!("{without_url}{MODEL}"));
    project.write(
        "prisma.config.ts",
        "export default { datasource: { url: process.env.DATABASE_URL } };\n",
    );
    project
        .run("migrate deploy")
        .ended(1)
        .complains("Error: The datasource.url property is required in your Prisma config file.\n")
        .complains(
            "cause: environment variable DATABASE_URL, named at prisma.config.ts:1, is not set",
        )
        .complains("next: set DATABASE_URL, or give --url");
    project.write("prisma.config.ts", "export default { schema: 'prisma/schema.prisma' };\n");
    assert!(!project.path(".undrift/local").exists());
    project.run("migrate deploy").ended(0).complains(notice);
}

#[cfg_attr(feature = "embedded", test)]
#[cfg_attr(not(feature = "embedded"), server_test)]
fn an_interrupted_replay_ends_at_once_with_130() {
    // Unlike any script before it, or its catalog would be remembered.
    let script = format!("SELECT pg_sleep(30); -- {}\n", std::process::id());
    let project = Folder::new("", &[("1_a", &script)]);
    let mut command =
        project.command("migrate diff --from-migrations prisma/migrations --to-empty");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let begun = std::time::Instant::now();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(130);
    ran.complains("Error: interrupted\n");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[cfg_attr(feature = "embedded", test)]
#[cfg_attr(not(feature = "embedded"), server_test)]
fn the_demo_shows_drift() {
    let folder = Folder::new("", &[]);
    folder
        .run("demo try")
        .ended(0)
        .says("applied 20260105090000_users\n")
        .says("Drift: 3 objects are not as the migrations make them\n")
        .says("  + index public.hotfix_title is in no migration\n");
    folder.run("demo try").ended(1).complains("the folder is not empty");
}
