//! Where migrations are cut.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use database::Session;
use server::programs::Programs;
use tempfile::TempDir;

use crate::case::{Case, GATE};
use crate::proxy::{Cut, Proxy, Side};
use crate::server::{PATIENCE, Server, kill};
use crate::state::State;

/// What happens to a run that waits behind a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `kill -9` of undrift. The server may go on with what it was sent.
    KillProgram,
    /// `pg_terminate_backend`.
    EndSession,
    /// `kill -9` of its process on the server, which all other sessions end with.
    KillBackend,
    /// An immediate stop of the server, which comes again.
    StopServer,
    /// The connection is cut by a proxy. The server may go on with what it was sent.
    CutConnection,
    /// `pg_terminate_backend` in the midst of a statement that goes on for more than one transaction.
    EndSessionWithin,
    /// `kill -9` of undrift in the midst of one.
    KillProgramWithin,
    /// The connection is cut before the server gets a message.
    CutBeforeMessage,
    /// The connection is cut after the server has answered, before undrift hears it.
    CutAfterMessage,
}

impl Fault {
    /// Those at gates.
    pub const AT_GATES: [Self; 5] = [
        Self::KillProgram,
        Self::EndSession,
        Self::KillBackend,
        Self::StopServer,
        Self::CutConnection,
    ];

    /// Those within statements.
    pub const WITHIN: [Self; 2] = [Self::EndSessionWithin, Self::KillProgramWithin];

    /// Those at messages.
    pub const AT_MESSAGES: [Self; 2] = [Self::CutBeforeMessage, Self::CutAfterMessage];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KillProgram => "kill -9 of undrift",
            Self::EndSession => "pg_terminate_backend",
            Self::KillBackend => "kill -9 of the backend",
            Self::StopServer => "stop of the server",
            Self::CutConnection => "cut of the connection",
            Self::EndSessionWithin => "end within a statement",
            Self::KillProgramWithin => "kill within a statement",
            Self::CutBeforeMessage => "cut before a message",
            Self::CutAfterMessage => "cut before an answer",
        })
    }
}

/// How a cut run was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// By itself: it connected again.
    ByItself,
    /// By the next run.
    ByTheNext,
}

/// A server, a program and a folder to cut migrations in.
pub struct Site {
    server: Server,
    undrift: PathBuf,
    folder: TempDir,
    databases: usize,
}

/// A case with its project, a database to be copied, and what an undisturbed run makes of that.
pub struct Prepared {
    project: PathBuf,
    template: String,
    expected: State,
    /// The messages of the undisturbed run, and the first of them that is about the case.
    messages: usize,
    first: usize,
}

impl Prepared {
    /// The numbers of the messages by which the migration is applied.
    pub fn messages(&self) -> std::ops::Range<usize> {
        self.first..self.messages
    }
}

const NAME: &str = "20260102000000_cut";

impl Site {
    /// Starts a server of its own.
    pub fn new(programs: &Programs, undrift: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = Server::start(programs, folder.path())?;
        Ok(Self { server, undrift: undrift.canonicalize()?, folder, databases: 0 })
    }

    /// Writes a project, applies what there is before, and lets the migration run undisturbed.
    pub fn prepare(&mut self, name: &str, case: &Case, script: &str) -> anyhow::Result<Prepared> {
        let project = self.folder.path().join(name);
        let migrations = project.join("prisma/migrations");
        let schema =
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
        std::fs::create_dir_all(migrations.join("20260101000000_before"))?;
        std::fs::write(project.join("prisma/schema.prisma"), schema)?;
        std::fs::write(migrations.join("20260101000000_before/migration.sql"), case.before)?;
        let template = self.fresh(None)?;
        let port = self.server.port();
        self.deploy(&project, &template, port).context("deploying what there is before")?;
        std::fs::create_dir(migrations.join(NAME))?;
        std::fs::write(migrations.join(NAME).join("migration.sql"), script)?;
        let undisturbed = self.fresh(Some(&template))?;
        let proxy = Proxy::start(port, None)?;
        self.deploy(&project, &undisturbed, proxy.port).context("deploying undisturbed")?;
        let queries = proxy.queries();
        let is_write = |query: &String| {
            query.starts_with("BEGIN;")
                || query.contains("INSERT INTO \"public\"._prisma_migrations")
        };
        let first = queries.iter().position(is_write).context("nothing was written")?;
        let expected = State::of(&self.server, &undisturbed, true)?;
        self.forget(&undisturbed)?;
        Ok(Prepared { project, template, expected, messages: queries.len(), first })
    }

    /// Drops what was prepared.
    pub fn discard(&self, prepared: &Prepared) -> anyhow::Result<()> {
        self.forget(&prepared.template)
    }

    /// A session that keeps a gate shut.
    fn hold(&self, database: &str, gate: usize) -> anyhow::Result<Session> {
        let holder = self.server.connect(database)?;
        let hold = format!("SELECT pg_advisory_lock({GATE}, {gate})");
        self.server.wait(holder.run("holding a gate", &hold))?;
        Ok(holder)
    }

    /// Lets a fault happen to a run that waits at a gate; `connects_again` is whether it may go on by itself.
    ///
    /// # Errors
    /// When the database is not what an undisturbed run makes it after one more deploy, or the fault could
    /// not be made to happen.
    pub fn cut_at_gate(
        &mut self,
        prepared: &Prepared,
        gate: usize,
        fault: Fault,
        connects_again: bool,
    ) -> anyhow::Result<Outcome> {
        let database = self.fresh(Some(&prepared.template))?;
        let holder = self.hold(&database, gate)?;
        let is_cut = fault == Fault::CutConnection;
        let proxy = is_cut.then(|| Proxy::start(self.server.port(), None)).transpose()?;
        let port = proxy.as_ref().map_or(self.server.port(), |proxy| proxy.port);
        let mut child = self.spawn(&prepared.project, &database, port, connects_again)?;
        let pid = self.arrival(&holder, gate, &mut child)?;
        match fault {
            Fault::KillProgram => kill("KILL", &child.id().to_string())?,
            Fault::EndSession => {
                let end = format!("SELECT pg_terminate_backend({pid})");
                self.server.wait(holder.run("ending a session", &end))?;
            }
            Fault::KillBackend => kill("KILL", &pid)?,
            Fault::StopServer => self.server.crash()?,
            Fault::CutConnection => proxy.iter().for_each(Proxy::cut_all),
            Fault::EndSessionWithin
            | Fault::KillProgramWithin
            | Fault::CutBeforeMessage
            | Fault::CutAfterMessage => bail!("{fault} is not at gates"),
        }
        // With a process that was killed all others end, but not at once.
        let started = Instant::now();
        while fault == Fault::KillBackend && self.server.ask(&holder, "SELECT 1").is_ok() {
            ensure!(started.elapsed() < PATIENCE, "the server took no notice");
            std::thread::sleep(Duration::from_millis(5));
        }
        // With the server the gate is gone.
        drop(self.server.wait(holder.run("opening the gate", "SELECT pg_advisory_unlock_all()")));
        drop(holder);
        self.complete(prepared, &database, child)
    }

    /// Lets a fault happen to a run within the statement behind a gate, which must be one that waits for
    /// everybody's transactions: `… CONCURRENTLY`.
    ///
    /// # Errors
    /// As [`Site::cut_at_gate`].
    pub fn cut_within(
        &mut self,
        prepared: &Prepared,
        gate: usize,
        fault: Fault,
        connects_again: bool,
    ) -> anyhow::Result<Outcome> {
        let database = self.fresh(Some(&prepared.template))?;
        let holder = self.hold(&database, gate)?;
        let port = self.server.port();
        let mut child = self.spawn(&prepared.project, &database, port, connects_again)?;
        let pid = self.arrival(&holder, gate, &mut child)?;
        let reader = self.server.connect(&database)?;
        // What the run itself has locked before the gate cannot be read; the snapshot is in the way as well.
        let read = "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '200ms';
            DO $$ DECLARE r regclass; BEGIN
                FOR r IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'm')
                         AND relnamespace = 'public'::regnamespace AND relname !~ '^_prisma' LOOP
                    BEGIN
                        EXECUTE format('SELECT count(*) FROM %s', r);
                    EXCEPTION WHEN lock_not_available THEN NULL;
                    END;
                END LOOP; END $$";
        self.server.wait(reader.run("reading everything", read))?;
        self.server.wait(holder.run("opening the gate", "SELECT pg_advisory_unlock_all()"))?;
        let waiting = format!(
            "SELECT 1 FROM pg_stat_activity WHERE pid = {pid} AND wait_event_type = 'Lock'
             AND query ~* 'CONCURRENTLY'"
        );
        let started = Instant::now();
        while self.server.ask(&holder, &waiting)?.is_empty() {
            ensure!(started.elapsed() < PATIENCE, "the statement never waited");
            std::thread::sleep(Duration::from_millis(10));
        }
        if fault == Fault::KillProgramWithin {
            kill("KILL", &child.id().to_string())?;
        } else {
            let end = format!("SELECT pg_terminate_backend({pid})");
            self.server.wait(holder.run("ending a session", &end))?;
        }
        std::thread::sleep(Duration::from_millis(50));
        self.server.wait(reader.run("done reading", "ROLLBACK"))?;
        drop((holder, reader));
        self.complete(prepared, &database, child)
    }

    /// Cuts the connection at one of the messages of a run.
    ///
    /// # Errors
    /// As [`Site::cut_at_gate`].
    pub fn cut_at_message(
        &mut self,
        prepared: &Prepared,
        message: usize,
        fault: Fault,
        connects_again: bool,
    ) -> anyhow::Result<Outcome> {
        let side = match fault {
            Fault::CutBeforeMessage => Side::Before,
            Fault::CutAfterMessage => Side::After,
            Fault::KillProgram
            | Fault::EndSession
            | Fault::KillBackend
            | Fault::StopServer
            | Fault::EndSessionWithin
            | Fault::KillProgramWithin
            | Fault::CutConnection => bail!("{fault} is not at messages"),
        };
        let database = self.fresh(Some(&prepared.template))?;
        let proxy = Proxy::start(self.server.port(), Some(Cut { message, side }))?;
        let child = self.spawn(&prepared.project, &database, proxy.port, connects_again)?;
        let outcome = self.complete(prepared, &database, child)?;
        ensure!(proxy.queries().len() > message, "the run had ended before");
        Ok(outcome)
    }

    /// Waits for a run, deploys once more unless it went on by itself, and judges; every fourth time by
    /// undrift's catalog, too.
    fn complete(
        &mut self,
        prepared: &Prepared,
        database: &str,
        child: Child,
    ) -> anyhow::Result<Outcome> {
        let first = child.wait_with_output()?;
        let told = String::from_utf8_lossy(&first.stderr).into_owned();
        // It may be on its way up again.
        drop(self.server.connect(database)?);
        if !first.status.success() {
            self.deploy(&prepared.project, database, self.server.port())
                .with_context(|| format!("deploying again, after: {told}"))?;
        }
        let state = State::of(&self.server, database, self.databases.is_multiple_of(4))?;
        state.ensure_is(&prepared.expected).with_context(|| format!("after: {told}"))?;
        self.forget(database)?;
        Ok(if first.status.success() { Outcome::ByItself } else { Outcome::ByTheNext })
    }

    /// The process on the server that has come to a gate.
    fn arrival(&self, holder: &Session, gate: usize, child: &mut Child) -> anyhow::Result<String> {
        let question = format!(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
             AND classid = {GATE} AND objid = {gate}
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        );
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let [pid] = self.server.ask(holder, &question)?.as_slice() {
                return Ok(pid.clone());
            }
            if let Some(status) = child.try_wait()? {
                bail!("the run ended before it came to the gate: {status}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the run never came to the gate")
    }

    fn command(&self, project: &Path, database: &str, port: u16) -> Command {
        let mut address = self.server.address(database);
        address.port = port;
        let mut command = Command::new(&self.undrift);
        command
            .current_dir(project)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("UNDRIFT_CACHE", self.folder.path().join("cache"))
            .env("DATABASE_URL", format!("{}?sslmode=disable", address.to_url()))
            .args(["migrate", "deploy", "--migration-lock-timeout", "1min"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn spawn(
        &self,
        project: &Path,
        database: &str,
        port: u16,
        connects_again: bool,
    ) -> anyhow::Result<Child> {
        let mut command = self.command(project, database, port);
        let patience = if connects_again { "1min" } else { "0" };
        Ok(command.args(["--reconnect-timeout", patience]).spawn()?)
    }

    fn deploy(&self, project: &Path, database: &str, port: u16) -> anyhow::Result<()> {
        let ran = self.command(project, database, port).output()?;
        ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        Ok(())
    }

    /// A new database, a copy of another if one is given.
    fn fresh(&mut self, template: Option<&str>) -> anyhow::Result<String> {
        self.databases += 1;
        let name = format!("cut_{}", self.databases);
        let template = template.unwrap_or("template1");
        self.server.run("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(name)
    }

    fn forget(&self, database: &str) -> anyhow::Result<()> {
        self.server.run("postgres", &format!("DROP DATABASE {database} WITH (FORCE)"))
    }
}
