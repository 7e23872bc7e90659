//! What the tests stand on: a project folder to run undrift in, and a server.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};

use database::{ConnectOptions, Session};
use project::DatabaseUrl;
use server::private::Cluster;
use server::programs::Programs;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::secrets;
pub(crate) use crate::secrets::PASSWORD;

/// A datasource that takes its URL from `DATABASE_URL`.
pub(crate) const DATASOURCE: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#;

/// A folder with a project in it.
pub(crate) struct Folder {
    root: TempDir,
    variables: Vec<(String, String)>,
    /// What the test has written: it may hold secrets.
    written: Mutex<BTreeSet<PathBuf>>,
}

impl Folder {
    /// A project with a schema of these models and these migrations.
    pub(crate) fn new(models: &str, migrations: &[(&str, &str)]) -> Self {
        let folder = Self {
            root: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            written: Mutex::default(),
        };
        folder.write("prisma/schema.prisma", format!("{DATASOURCE}{models}"));
        if !migrations.is_empty() {
            folder.write("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n");
        }
        for (name, script) in migrations {
            folder.write(&format!("prisma/migrations/{name}/migration.sql"), script);
        }
        folder
    }

    /// Sets a variable for what is run here.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The project's database, by a URL with a password. The server lets everybody in, and the password must
    /// not come out anywhere.
    pub(crate) fn on(self, database: &Database) -> Self {
        let secret = format!("postgres:{PASSWORD}@");
        self.with("DATABASE_URL", &database.url.replacen("postgres@", &secret, 1))
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        self.written.lock().unwrap().insert(path);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
    }

    /// undrift in this folder, with nothing of our own environment but the path.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = command_in(self.root.path());
        command
            .args(line.split_whitespace())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs undrift with these arguments.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Ran {
        let ran = Ran::from(self.command(line).output().unwrap());
        let written = self.written.lock().unwrap();
        secrets::search_files(self.root.path(), &|path| written.contains(path));
        ran
    }
}

/// undrift in a folder, with nothing of our own environment but the path.
pub(crate) fn command_in(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undrift"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("UNDRIFT_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit code, or -1 after a signal.
    pub(crate) code: i32,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code().unwrap_or(-1),
        };
        // Whatever a test is about, these never happen.
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains("panicked"), "{all}");
        secrets::search("an output", all.as_bytes());
        ran
    }
}

impl Ran {
    /// Fails unless the command ended with this code.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless this stands in what was written to standard error.
    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in\n{}", self.stderr);
        self
    }

    /// Fails unless this stands in what was written to standard output.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "{text:?} is not in\n{}", self.stdout);
        self
    }

    /// The result as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// Runs what needs a runtime.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.get_or_init(|| Runtime::new().unwrap()).block_on(work)
}

/// The newest PostgreSQL programs on the machine, or those that are named.
pub(crate) fn programs() -> Programs {
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS");
    server::programs::for_tests(named.as_deref()).unwrap()
}

/// A database of its own for each test.
pub(crate) struct Database {
    pub(crate) url: String,
    session: Session,
}

impl Database {
    /// An empty database.
    pub(crate) fn new(name: &str) -> Self {
        let cluster =
            CLUSTER.get_or_init(|| wait(Cluster::start_shadow(&programs(), None)).unwrap());
        let address = wait(cluster.fresh_database(name)).unwrap();
        Self::at(&address.to_url())
    }

    /// A database that is there already.
    pub(crate) fn at(url: &str) -> Self {
        let parsed = DatabaseUrl::parse(url).unwrap();
        // A machine that builds and tests at once is slow.
        let timeout = std::time::Duration::from_mins(1);
        let options = ConnectOptions { timeout, ..ConnectOptions::default() };
        let session = wait(database::connect(&parsed, &options)).unwrap();
        Self { url: url.to_owned(), session }
    }

    /// The connection that the tests look through.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The URL with another user.
    pub(crate) fn url_as(&self, user: &str) -> String {
        self.url.replacen("postgres@", &format!("{user}@"), 1)
    }

    pub(crate) fn run(&self, sql: &str) {
        wait(self.session.run("testing", sql)).unwrap();
    }

    /// Runs what the server is to refuse.
    #[track_caller]
    pub(crate) fn is_refused(&self, sql: &str) {
        assert!(wait(self.session.run("testing", sql)).is_err(), "{sql}");
    }

    /// The first column of the rows, nulls as `-`.
    pub(crate) fn ask(&self, sql: &str) -> Vec<String> {
        let rows = wait(self.session.rows("testing", sql)).unwrap();
        rows.iter().map(|row| row.get(0).unwrap_or("-").to_owned()).collect()
    }

    /// The history: name, and `applied` or what else.
    pub(crate) fn history(&self) -> Vec<String> {
        self.ask(
            "SELECT migration_name || CASE WHEN rolled_back_at IS NOT NULL THEN ' rolled back'
                 WHEN finished_at IS NOT NULL THEN ' applied' ELSE ' begun' END
             FROM _prisma_migrations ORDER BY started_at, migration_name",
        )
    }

    /// The tables of `public` besides the history table.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.ask(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
             AND relkind = 'r' AND relname <> '_prisma_migrations' ORDER BY 1",
        )
    }

    /// Waits until a query of `pg_stat_activity` finds somebody else at it.
    pub(crate) fn wait_for(&self, condition: &str) {
        for _ in 0..600 {
            let sql = format!(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                 AND pid <> pg_backend_pid() AND {condition}"
            );
            if !self.ask(&sql).is_empty() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("never happened: {condition}");
    }
}
