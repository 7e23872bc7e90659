//! A server that can be stopped without a warning, and comes again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use database::{ConnectOptions, Session};
use project::DatabaseUrl;
use server::private::Cluster;
use server::programs::Programs;
use server::{Address, Password};
use tokio::runtime::Runtime;

/// How long anything may take: the machine may have much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

const PASSWORD: &str = "scratch";

/// The server.
pub(crate) struct Server {
    pub(crate) programs: Programs,
    runtime: Runtime,
    home: PathBuf,
    port: u16,
    cluster: Cluster,
}

impl Server {
    /// Starts one below a folder.
    pub(crate) fn start(programs: &Programs, folder: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let home = folder.join("server");
        let cluster = launch(&runtime, programs, &home, port)?;
        let server = Self { programs: programs.clone(), runtime, home, port, cluster };
        // The machine goes on when the server is killed, and so does its disk.
        for setting in ["fsync = off", "autovacuum = off", "max_connections = 50"] {
            server.run("postgres", &format!("ALTER SYSTEM SET {setting}"))?;
        }
        server.run("postgres", "SELECT pg_reload_conf()")?;
        Ok(server)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn address(&self, database: &str) -> Address {
        self.cluster.address().with_database(database)
    }

    /// Waits for what needs a runtime.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A connection, to be had even while the server comes up again.
    pub(crate) fn connect(&self, database: &str) -> anyhow::Result<Session> {
        let url = DatabaseUrl::parse(&self.address(database).to_url())?;
        let started = Instant::now();
        loop {
            match self.wait(database::connect(&url, &ConnectOptions::default())) {
                Ok(session) => return Ok(session),
                Err(error) if started.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    pub(crate) fn run(&self, database: &str, sql: &str) -> anyhow::Result<()> {
        let session = self.connect(database)?;
        Ok(self.wait(session.run("testing", sql))?)
    }

    /// The first column of the rows.
    pub(crate) fn ask(&self, session: &Session, sql: &str) -> anyhow::Result<Vec<String>> {
        let rows = self.wait(session.rows("testing", sql))?;
        Ok(rows.iter().map(|row| row.get(0).unwrap_or("-").to_owned()).collect())
    }

    /// Stops the server as a failing machine would, and starts it again.
    pub(crate) fn crash(&mut self) -> anyhow::Result<()> {
        let file = self.home.join("data/postmaster.pid");
        let pid = std::fs::read_to_string(&file)?.lines().next().context("a pid")?.to_owned();
        kill("QUIT", &pid)?;
        let started = Instant::now();
        while self.cluster.is_running() {
            ensure!(started.elapsed() < PATIENCE, "the server does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
        let started = Instant::now();
        loop {
            match launch(&self.runtime, &self.programs, &self.home, self.port) {
                Ok(cluster) => {
                    self.cluster = cluster;
                    return Ok(());
                }
                // Its processes may not all be gone.
                Err(_) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => bail!("the server does not start again: {error}"),
            }
        }
    }
}

fn launch(
    runtime: &Runtime,
    programs: &Programs,
    home: &Path,
    port: u16,
) -> anyhow::Result<Cluster> {
    let password = Password::new(PASSWORD);
    Ok(runtime.block_on(Cluster::start_local(programs, home, port, password))?)
}

/// Sends a signal to a process.
pub(crate) fn kill(signal: &str, pid: &str) -> anyhow::Result<()> {
    let status = Command::new("kill").args([&format!("-{signal}"), pid]).status()?;
    ensure!(status.success(), "kill -{signal} {pid}");
    Ok(())
}
