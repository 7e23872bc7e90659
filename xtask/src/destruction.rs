//! `cargo xtask destruction`: every command that can destroy data, on every class of environment, by
//! whoever may call it, with its word and without: what happened to the data.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, ensure};
use clap::Args;
use database::{ConnectOptions, Session};
use server::private::Cluster;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// With which build.
#[derive(Args)]
pub(crate) struct Flags {
    /// The build of undrift
    #[arg(long, default_value = "target/debug/undrift")]
    undrift: PathBuf,
    /// Write the table here as well
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A command, and the table whose row it would destroy.
struct Destroyer {
    line: &'static str,
    /// What is added as its word, besides answers to whatever it asks.
    word: &'static str,
    /// Whether the schema no longer has the table.
    without_model: bool,
    /// What is done to the database first.
    prepare: &'static str,
    /// A further migration.
    migration: Option<&'static str>,
    table: &'static str,
}

const PLAIN: Destroyer = Destroyer {
    line: "",
    word: "",
    without_model: false,
    prepare: "",
    migration: None,
    table: "a",
};

const COMMANDS: &[Destroyer] = &[
    Destroyer { line: "migrate reset", word: "--force", ..PLAIN },
    Destroyer { line: "db push", word: "--force-reset", ..PLAIN },
    Destroyer {
        line: "db push --skip-generate",
        word: "--accept-data-loss",
        without_model: true,
        ..PLAIN
    },
    Destroyer {
        line: "migrate dev --name gone --skip-generate",
        without_model: true,
        ..PLAIN
    },
    Destroyer { line: "rollback", ..PLAIN },
    Destroyer {
        line: "drift revert",
        prepare: "CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1)",
        table: "b",
        ..PLAIN
    },
    Destroyer {
        line: "recover --undo",
        word: "--accept-data-loss",
        prepare: "CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1);
                  INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, applied_steps_count)
                  VALUES ('2', 'x', '2_bad', 'division by zero', 0)",
        migration: Some("CREATE TABLE b (id int PRIMARY KEY);\nSELECT 1/0;\n"),
        table: "b",
        ..PLAIN
    },
    // The script is its word, in a file and by hand.
    Destroyer { line: "db execute --file wipe.sql", word: SCRIPT, ..PLAIN },
    Destroyer { line: "db execute --file hidden.sql", word: SCRIPT, ..PLAIN },
];

/// A flag that says nothing: what is run needs no word besides its script.
const SCRIPT: &str = "--quiet";

/// The classes, as `undrift.toml` says them.
const CLASSES: &[(&str, &str)] = &[
    ("local", "class = \"local\""),
    ("dev", "class = \"dev\""),
    ("staging", "class = \"staging\""),
    (
        "staging, allowed",
        "class = \"staging\"\nallow = [\"reset\", \"push-with-loss\", \"rollback\"]",
    ),
    ("production", "class = \"production\""),
    ("production, rollback allowed", "class = \"production\"\nallow = [\"rollback\"]"),
    ("dev, protected", "class = \"dev\"\nprotected = true"),
];

/// Who calls: a name, variables, whether at a terminal, whether with the word.
type Caller = (&'static str, &'static [(&'static str, &'static str)], bool, bool);

const CALLERS: &[Caller] = &[
    ("terminal, no word", &[], true, false),
    ("terminal, word", &[], true, true),
    ("CI, no word", &[("CI", "true")], false, false),
    ("CI, word", &[("CI", "true")], false, true),
    ("agent, no word", &[("CLAUDECODE", "1")], false, false),
    ("agent, word", &[("CLAUDECODE", "1")], false, true),
    (
        "agent, word and consent",
        &[("CLAUDECODE", "1"), ("PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION", "yes")],
        false,
        true,
    ),
];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let undrift = flags.undrift.canonicalize();
    let undrift = undrift.with_context(|| format!("{} is not there", flags.undrift.display()))?;
    ensure!(Path::new("/usr/bin/script").exists(), "script, of bsdutils, is not there");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let cluster = runtime.block_on(Cluster::start_shadow(&crate::server_programs()?, None))?;
    let stand = Stand { undrift, runtime, cluster };
    let mut table = String::from("| command | class |");
    for (caller, ..) in CALLERS {
        write!(table, " {caller} |")?;
    }
    writeln!(table, "\n|---|---|{}", "---|".repeat(CALLERS.len()))?;
    let (mut cells, mut on_production) = (0, Vec::new());
    let mut outcomes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let lines: anyhow::Result<Vec<String>> =
        COMMANDS.iter().map(|command| stand.with_word(command)).collect();
    for (command, with_word) in COMMANDS.iter().zip(&lines?) {
        let name = with_word.trim();
        for (class, settings) in CLASSES {
            write!(table, "| `{name}` | {class} |")?;
            for caller in CALLERS {
                let (title, .., has_word) = caller;
                let line = if *has_word { with_word } else { command.line };
                let what = stand.cell(command, line, settings, caller)?;
                cells += 1;
                *outcomes.entry((*class, what)).or_insert(0) += 1;
                if what == "DESTROYED" && *class == "production" {
                    on_production.push(format!("{name}, {title}"));
                }
                write!(table, " {what} |")?;
            }
            table.push('\n');
            println!("  {name}, {class}");
        }
    }
    println!("{table}");
    for ((class, what), count) in &outcomes {
        println!("  {class}: {what}: {count}");
    }
    let destroyed = match on_production.len() {
        0 => "none".to_owned(),
        some => some.to_string(),
    };
    println!("destruction: {cells} cases, {destroyed} destroyed on production");
    if let Some(output) = &flags.output {
        std::fs::write(output, &table)?;
    }
    for one in &on_production {
        println!("  {one}");
    }
    Ok(if on_production.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Stand {
    undrift: PathBuf,
    runtime: Runtime,
    cluster: Cluster,
}

impl Stand {
    /// A project and a database that a command is to destroy something of.
    fn case(&self, command: &Destroyer) -> anyhow::Result<Case<'_>> {
        let url = self.runtime.block_on(self.cluster.fresh_database("case"))?.to_url();
        let options = ConnectOptions::default();
        let parsed = project::DatabaseUrl::parse(&url)?;
        let session = self.runtime.block_on(database::connect(&parsed, &options))?;
        let case = Case { stand: self, folder: tempfile::tempdir()?, url, session };
        let datasource =
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
        let model = "model a {\n  id Int @id\n}\n";
        case.write("prisma/schema.prisma", &format!("{datasource}{model}"))?;
        case.write("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n")?;
        let init = "-- CreateTable\nCREATE TABLE \"a\" (\n    \"id\" INTEGER NOT NULL,\n\n    CONSTRAINT \"a_pkey\" PRIMARY KEY (\"id\")\n);\n";
        case.write("prisma/migrations/1_init/migration.sql", init)?;
        case.write("wipe.sql", "TRUNCATE a;\n")?;
        case.write("hidden.sql", "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'a'; END $$;\n")?;
        let (code, said) = case.run("migrate deploy", &[], false)?;
        ensure!(code == 0, "{said}");
        let prepare = format!("INSERT INTO a VALUES (1); {}", command.prepare);
        self.runtime.block_on(case.session.run("preparing", &prepare))?;
        if let Some(migration) = command.migration {
            case.write("prisma/migrations/2_bad/migration.sql", migration)?;
        }
        if command.without_model {
            case.write("prisma/schema.prisma", datasource)?;
        }
        Ok(case)
    }

    /// The command with its word and with answers to all that it asks, found out where everything may be
    /// done: there it destroys.
    fn with_word(&self, command: &Destroyer) -> anyhow::Result<String> {
        let case = self.case(command)?;
        case.class("class = \"dev\"")?;
        let mut line = format!("{} {}", command.line, command.word);
        for _ in 0..5 {
            let (_, said) = case.run(&format!("{line} --json"), &[("CI", "true")], false)?;
            if case.is_gone(command.table)? {
                return Ok(line);
            }
            let answers = answers(&said);
            ensure!(!answers.is_empty(), "{line}: nothing is asked, and nothing is gone: {said}");
            line = format!("{line} {answers}");
        }
        anyhow::bail!("{line}: there is no end of questions")
    }

    /// What became of the data in one case.
    fn cell(
        &self,
        command: &Destroyer,
        line: &str,
        settings: &str,
        (_, variables, is_terminal, _): &Caller,
    ) -> anyhow::Result<&'static str> {
        let case = self.case(command)?;
        case.class(settings)?;
        let (code, said) = case.run(line, variables, *is_terminal)?;
        Ok(match (case.is_gone(command.table)?, code) {
            (true, _) => "DESTROYED",
            (false, 0) => "kept, exit 0",
            (false, _) if said.contains("is refused on") => "refused: class",
            (false, _) if said.contains("invoked by") => "refused: agent",
            (false, 130) => "asked",
            (false, _) => "kept",
        })
    }
}

/// A project and its database.
struct Case<'a> {
    stand: &'a Stand,
    folder: TempDir,
    url: String,
    session: Session,
}

impl Case<'_> {
    fn write(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        Ok(std::fs::write(path, text)?)
    }

    /// Says what the database is.
    fn class(&self, settings: &str) -> anyhow::Result<()> {
        let text = format!("[environments.e]\nurl = \"{}\"\n{settings}\n", self.url);
        self.write("undrift.toml", &text)
    }

    fn is_gone(&self, table: &str) -> anyhow::Result<bool> {
        let question = format!("SELECT count(*) FROM public.{table}");
        Ok(match self.stand.runtime.block_on(self.session.rows("looking", &question)) {
            Ok(rows) => rows.first().and_then(|row| row.get(0)) == Some("0"),
            Err(database::Error::Server { cause, .. }) if cause.sqlstate == "42P01" => true,
            Err(error) => return Err(error.into()),
        })
    }

    fn run(
        &self,
        line: &str,
        variables: &[(&str, &str)],
        is_terminal: bool,
    ) -> anyhow::Result<(i32, String)> {
        let mut command = if is_terminal {
            // Whoever sits there presses Enter.
            let mut command = Command::new("/usr/bin/script");
            let program = format!("{} {line}", self.stand.undrift.display());
            command.args(["-q", "-e", "-c", &program, "/dev/null"]);
            command
        } else {
            let mut command = Command::new(&self.stand.undrift);
            command.args(line.split_whitespace());
            command
        };
        let all: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let mut child = command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("UNDRIFT_CACHE", std::env::temp_dir().join("undrift-destruction"))
            .env("DATABASE_URL", &self.url)
            .envs(all)
            .stdin(if is_terminal { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut keys) = child.stdin.take() {
            drop(std::thread::spawn(move || {
                use std::io::Write as _;
                for _ in 0..50 {
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    if keys.write_all(b"\r").is_err() {
                        break;
                    }
                }
            }));
        }
        let output = child.wait_with_output()?;
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let code = output.status.code().or(output.status.signal()).unwrap_or(-1);
        Ok((code, said))
    }
}

/// Flags that answer each question of an error's JSON, so that data goes and no copy of it is kept.
fn answers(said: &str) -> String {
    let start = said.find('{').unwrap_or(0);
    // Warnings follow.
    let mut values = serde_json::Deserializer::from_str(said.get(start..).unwrap_or_default())
        .into_iter::<serde_json::Value>();
    let value = values.next().and_then(Result::ok).unwrap_or_default();
    let questions = value.pointer("/error/questions").and_then(serde_json::Value::as_array);
    let answer = |question: &serde_json::Value| {
        let text = |path: &str| question.pointer(path).and_then(serde_json::Value::as_str);
        let id = text("/id")?;
        let flag = text("/flag").and_then(|flag| flag.strip_prefix("--answer "));
        match flag.and_then(|flag| flag.split_whitespace().next()) {
            Some(answer) => Some(format!("--answer {}", answer.trim_end_matches(','))),
            None if id == "save" => Some("--no-save".to_owned()),
            None => Some(format!("--answer {id}={}", text("/options/0").unwrap_or("yes"))),
        }
    };
    let all: Vec<String> = questions.into_iter().flatten().filter_map(answer).collect();
    all.join(" ")
}
