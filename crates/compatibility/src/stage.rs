//! A state brought about, and a command tried in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use catalog::literal;
use database::Session;
use tempfile::TempDir;

use crate::cases::{Cases, State};
use crate::{Outcome, Release};

/// The history table, as both releases make it.
const HISTORY: &str = "CREATE TABLE _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)";

/// How long a command may take before it counts as waiting for ever.
const PATIENCE: Duration = Duration::from_secs(40);

/// A project in a folder and its database, in one of the states.
pub struct Stage<'a> {
    folder: TempDir,
    session: &'a Session,
    url: String,
}

impl<'a> Stage<'a> {
    /// Brings a state about. The database must be empty.
    ///
    /// # Errors
    /// When files cannot be written, or the database refuses.
    pub async fn set(
        cases: &Cases,
        state: &str,
        release: Release,
        session: &'a Session,
        url: &str,
    ) -> anyhow::Result<Self> {
        let state = cases.states.get(state).context("no such state")?;
        let folder = tempfile::tempdir()?;
        let url = match state.url.as_deref() {
            None => url.to_owned(),
            Some("nowhere") => "postgresql://nobody@127.0.0.1:1/nowhere".to_owned(),
            Some(_) => {
                let name = &session.server().database;
                url.replacen(&format!("/{name}"), &format!("/{name}_absent"), 1)
            }
        };
        let stage = Self { folder, session, url };
        stage.write_project(cases, state, release)?;
        stage.fill_database(cases, state).await?;
        Ok(stage)
    }

    /// The project's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn write_project(&self, cases: &Cases, state: &State, release: Release) -> anyhow::Result<()> {
        if let Some(models) = &state.models {
            let models = cases.models.get(models).context("no such models")?;
            let url = match release {
                Release::Six => "  url      = env(\"DATABASE_URL\")\n",
                Release::Seven => "",
            };
            let datasource = format!("datasource db {{\n  provider = \"postgresql\"\n{url}}}\n\n");
            self.write("prisma/schema.prisma", &format!("{datasource}{models}"))?;
        }
        if release == Release::Seven {
            let config = "export default {\n  schema: 'prisma/schema.prisma',\n  migrations: { path: \
                          'prisma/migrations' },\n  datasource: { url: process.env.DATABASE_URL },\n}\n";
            self.write("prisma.config.ts", config)?;
        }
        if !state.migrations.is_empty() {
            self.write("prisma/migrations/migration_lock.toml", project::LOCK_TEXT)?;
        }
        for name in &state.migrations {
            let script = cases.migrations.get(name).context("no such migration")?;
            self.write(&format!("prisma/migrations/{name}/migration.sql"), script)?;
        }
        for (path, text) in &state.files {
            self.write(path, text)?;
        }
        Ok(())
    }

    async fn fill_database(&self, cases: &Cases, state: &State) -> anyhow::Result<()> {
        if !state.applied.is_empty() {
            self.session.run("setting the stage", HISTORY).await?;
        }
        for name in &state.applied {
            let script = cases.migrations.get(name).context("no such migration")?;
            self.session.run("setting the stage", script).await?;
        }
        let rows = [
            (&state.applied, "finished_at, applied_steps_count", "now(), 1"),
            (&state.failed, "logs", "'ERROR: it failed'"),
            (&state.rolled_back, "logs, rolled_back_at", "'ERROR: it failed', now()"),
        ];
        for (names, columns, values) in rows {
            for name in names {
                let script = cases.migrations.get(name).context("no such migration")?;
                let row = format!(
                    "INSERT INTO _prisma_migrations (id, checksum, migration_name, {columns}) VALUES \
                     ({name}, encode(sha256(convert_to({}, 'UTF8')), 'hex'), {name}, {values})",
                    literal(script),
                    name = literal(name),
                );
                self.session.run("setting the stage", &row).await?;
            }
        }
        Ok(self.session.run("setting the stage", &state.sql).await?)
    }

    fn write(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        Ok(std::fs::write(path, text)?)
    }

    /// Runs a command in the project, which gets its folder, its URL and nothing to read.
    ///
    /// # Errors
    /// When it cannot be started, or the database not be looked at.
    pub async fn run(&self, command: &mut Command) -> anyhow::Result<Outcome> {
        let before = self.look().await?;
        command
            .current_dir(self.folder.path())
            .env("DATABASE_URL", &self.url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let [out, err] = [reader(child.stdout.take()), reader(child.stderr.take())];
        let exit = wait(&mut child)?;
        let printed =
            format!("{}{}", out.join().unwrap_or_default(), err.join().unwrap_or_default());
        let after = self.look().await?;
        Ok(Outcome {
            exit,
            code: code(&printed).filter(|_| exit != Some(0)),
            files: files(&before, &after),
            rows: rows(&before, &after),
            columns: difference(&before.columns, &after.columns),
        })
    }

    async fn look(&self) -> anyhow::Result<Looked> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), self.folder.path(), &mut files)?;
        let columns = "SELECT c.relname || '.' || a.attname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relkind IN ('r', 'v')
                  AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> '_prisma_migrations'";
        let rows = self.session.rows("looking", columns).await?;
        let columns = rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect();
        let there = "SELECT pg_catalog.to_regclass('public._prisma_migrations') IS NOT NULL";
        let has_history = self.session.rows("looking", there).await?;
        let mut rows = BTreeMap::new();
        if has_history.first().and_then(|row| row.get(0)) == Some("t") {
            let history = "SELECT id, migration_name, CASE WHEN rolled_back_at IS NOT NULL THEN \
                 'rolled back' WHEN finished_at IS NOT NULL THEN 'applied' ELSE 'failed' END \
                 FROM _prisma_migrations";
            for row in self.session.rows("looking", history).await? {
                let text = |at| row.get(at).unwrap_or_default();
                let state = format!("{}: {}", untimed(text(1)), text(2));
                rows.insert(text(0).to_owned(), state);
            }
        }
        Ok(Looked { files, rows, columns })
    }
}

struct Looked {
    /// Path without time and content.
    files: BTreeMap<String, String>,
    /// Id and state.
    rows: BTreeMap<String, String>,
    columns: BTreeSet<String>,
}

fn reader(stream: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read before an error is what there is to see.
            drop(stream.read_to_end(&mut bytes));
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child) -> anyhow::Result<Option<i32>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The first code of an error: `P` and four digits.
fn code(printed: &str) -> Option<String> {
    printed.match_indices('P').find_map(|(at, _)| {
        let code = printed.get(at..at + 5)?;
        let is_code = code.chars().skip(1).all(|char| char.is_ascii_digit());
        let is_word = !printed.get(..at)?.ends_with(|char: char| char.is_alphanumeric());
        (is_code && is_word).then(|| code.to_owned())
    })
}

/// The path or name without the time that a migration's name begins with.
fn untimed(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.split_once('_') {
        // Those of the cases themselves stay as they are.
        Some((time, name))
            if time.len() == 14 && time.starts_with("20") && !time.starts_with("2020") =>
        {
            name
        }
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
        // What undrift writes in addition, as COMPATIBILITY.md says, and what Prisma's launcher needs.
        if name.ends_with("down.sql") || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let content = std::fs::read(&path)?;
            files.insert(untimed(&name), String::from_utf8_lossy(&content).into_owned());
        }
    }
    Ok(())
}

/// The entries that are new or other than before, then those that are gone.
fn changed<'a>(
    before: &'a BTreeMap<String, String>,
    after: &'a BTreeMap<String, String>,
) -> [Vec<(&'a String, &'a String)>; 2] {
    let new = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    [new.collect(), gone.collect()]
}

/// New and changed files by their paths, those that are gone with a word.
fn files(before: &Looked, after: &Looked) -> Vec<String> {
    let [new, gone] = changed(&before.files, &after.files);
    let new = new.into_iter().map(|(path, _)| path.clone());
    new.chain(gone.into_iter().map(|(path, _)| format!("{path} gone"))).collect()
}

/// New and changed rows by name and state, those that are gone with a word.
fn rows(before: &Looked, after: &Looked) -> Vec<String> {
    let [new, gone] = changed(&before.rows, &after.rows);
    let new = new.into_iter().map(|(_, row)| row.clone());
    let mut told: Vec<String> =
        new.chain(gone.into_iter().map(|(_, row)| format!("{row}, gone"))).collect();
    told.sort();
    told
}

fn difference(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let gone = before.difference(after).map(|name| format!("- {name}"));
    let new = after.difference(before).map(|name| format!("+ {name}"));
    gone.chain(new).collect()
}
