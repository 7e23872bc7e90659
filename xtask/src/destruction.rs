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

const COMMANDS: &[Destroyer] = &[
    Destroyer {
        line: "migrate reset",
        word: "--force",
        without_model: false,
        prepare: "",
        migration: None,
        table: "a",
    },
    Destroyer {
        line: "db push",
        word: "--force-reset",
        without_model: false,
        prepare: "",
        migration: None,
        table: "a",
    },
    Destroyer {
        line: "db push --skip-generate",
        word: "--accept-data-loss",
        without_model: true,
        prepare: "",
        migration: None,
        table: "a",
    },
    Destroyer {
        line: "migrate dev --name gone --skip-generate",
        word: "",
        without_model: true,
        prepare: "",
        migration: None,
        table: "a",
    },
    Destroyer {
        line: "rollback",
        word: "",
        without_model: false,
        prepare: "",
        migration: None,
        table: "a",
    },
    Destroyer {
        line: "drift revert",
        word: "",
        without_model: false,
        prepare: "CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1)",
        migration: None,
        table: "b",
    },
    Destroyer {
        line: "recover --undo",
        word: "--accept-data-loss",
        without_model: false,
        prepare: "CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1);
                  INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, applied_steps_count)
                  VALUES ('2', 'x', '2_bad', 'division by zero', 0)",
        migration: Some("CREATE TABLE b (id int PRIMARY KEY);\nSELECT 1/0;\n"),
        table: "b",
    },
];

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
    for command in COMMANDS {
        for (class, settings) in CLASSES {
            let name = format!("{} {}", command.line, command.word);
            write!(table, "| `{}` | {class} |", name.trim())?;
            for (caller, variables, is_terminal, has_word) in CALLERS {
                let what = stand.cell(command, settings, variables, *is_terminal, *has_word)?;
                cells += 1;
                if what == "DESTROYED" && *class == "production" {
                    on_production.push(format!("{name}, {caller}"));
                }
                write!(table, " {what} |")?;
            }
            table.push('\n');
            println!("  {name}, {class}");
        }
    }
    println!("{table}");
    println!("destruction: {cells} cases, {} destroyed on production", on_production.len());
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
    /// What became of the data in one case.
    fn cell(
        &self,
        command: &Destroyer,
        settings: &str,
        variables: &[(&str, &str)],
        is_terminal: bool,
        has_word: bool,
    ) -> anyhow::Result<&'static str> {
        let url = self.runtime.block_on(self.cluster.fresh_database("case"))?.to_url();
        let folder = tempfile::tempdir()?;
        let write = |path: &str, text: &str| -> anyhow::Result<()> {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().context("no folder")?)?;
            Ok(std::fs::write(path, text)?)
        };
        let datasource =
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
        let model = "model a {\n  id Int @id\n}\n";
        write("prisma/schema.prisma", &format!("{datasource}{model}"))?;
        write("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n")?;
        let init = "-- CreateTable\nCREATE TABLE \"a\" (\n    \"id\" INTEGER NOT NULL,\n\n    CONSTRAINT \"a_pkey\" PRIMARY KEY (\"id\")\n);\n";
        write("prisma/migrations/1_init/migration.sql", init)?;
        let run = |line: &str, more: &[(&str, &str)], terminal: bool| {
            self.run(folder.path(), &url, line, more, terminal)
        };
        let (code, said) = run("migrate deploy", &[], false)?;
        ensure!(code == 0, "{said}");
        let options = ConnectOptions::default();
        let parsed = project::DatabaseUrl::parse(&url)?;
        let session = self.runtime.block_on(database::connect(&parsed, &options))?;
        let prepare = format!("INSERT INTO a VALUES (1); {}", command.prepare);
        self.runtime.block_on(session.run("preparing", &prepare))?;
        if let Some(migration) = command.migration {
            write("prisma/migrations/2_bad/migration.sql", migration)?;
        }
        if command.without_model {
            write("prisma/schema.prisma", datasource)?;
        }
        let mut line = command.line.to_owned();
        if has_word {
            line = format!("{line} {}", command.word);
            let asked = format!("{line} --json");
            // Whatever is asked where anything may be done is answered.
            write(
                "undrift.toml",
                &format!("[environments.e]\nurl = \"{url}\"\nclass = \"dev\"\n"),
            )?;
            if command.word.is_empty() {
                let (_, said) = run(&asked, &[("CI", "true")], false)?;
                line = format!("{line} {}", answers(&said));
            }
        }
        write("undrift.toml", &format!("[environments.e]\nurl = \"{url}\"\n{settings}\n"))?;
        let (code, said) = run(&line, variables, is_terminal)?;
        let is_gone = self.is_gone(&session, command.table)?;
        Ok(match (is_gone, code) {
            (true, _) => "DESTROYED",
            (false, 0) => "kept, exit 0",
            (false, _) if said.contains("is refused on") => "refused: class",
            (false, _) if said.contains("invoked by") => "refused: agent",
            (false, 130) => "asked",
            (false, _) => "kept",
        })
    }

    fn is_gone(&self, session: &Session, table: &str) -> anyhow::Result<bool> {
        let question = format!("SELECT count(*) FROM public.{table}");
        Ok(match self.runtime.block_on(session.rows("looking", &question)) {
            Ok(rows) => rows.first().and_then(|row| row.get(0)) == Some("0"),
            Err(database::Error::Server { cause, .. }) if cause.sqlstate == "42P01" => true,
            Err(error) => return Err(error.into()),
        })
    }

    fn run(
        &self,
        folder: &Path,
        url: &str,
        line: &str,
        variables: &[(&str, &str)],
        is_terminal: bool,
    ) -> anyhow::Result<(i32, String)> {
        let mut command = if is_terminal {
            // Whoever sits there presses Enter.
            let mut command = Command::new("/usr/bin/script");
            let program = format!("{} {line}", self.undrift.display());
            command.args(["-q", "-e", "-c", &program, "/dev/null"]);
            command
        } else {
            let mut command = Command::new(&self.undrift);
            command.args(line.split_whitespace());
            command
        };
        let all: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let mut child = command
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("UNDRIFT_CACHE", std::env::temp_dir().join("undrift-destruction"))
            .env("DATABASE_URL", url)
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

/// A flag that answers each question, with yes or with the first thing that may be said.
fn answers(json: &str) -> String {
    let start = json.find('{').unwrap_or(0);
    let value: serde_json::Value =
        serde_json::from_str(json.get(start..).unwrap_or_default()).unwrap_or_default();
    let questions = value.pointer("/error/questions").and_then(serde_json::Value::as_array);
    let answer = |question: &serde_json::Value| {
        let id = question.get("id")?.as_str()?;
        let first = question.pointer("/options/0").and_then(serde_json::Value::as_str);
        Some(format!("--answer {id}={}", first.unwrap_or("yes")))
    };
    let all: Vec<String> = questions.into_iter().flatten().filter_map(answer).collect();
    all.join(" ")
}
