//! Where programs are compared: a scratch folder, a server, and the programs.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use clap::Args;
use server::private::Cluster;
use server::{Address, Password};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A program that undrift is compared with, or undrift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Undrift,
    Prisma,
    Psql,
}

/// Where the programs and the corpus are.
#[derive(Args)]
#[group(id = "place")]
pub(crate) struct Flags {
    /// The release build of undrift
    #[arg(long, default_value = "target/release/undrift")]
    undrift: PathBuf,
    /// The command that runs Prisma
    #[arg(long, default_value = "../shared/oracle/prisma")]
    oracle: PathBuf,
    /// The unpacked corpus, for real histories
    #[arg(long, default_value = "../shared/corpus/unpacked")]
    corpus: PathBuf,
}

pub(crate) struct Place {
    folder: TempDir,
    undrift: PathBuf,
    oracle: Option<PathBuf>,
    psql: Option<PathBuf>,
    corpus: Option<PathBuf>,
    runtime: Runtime,
    cluster: Cluster,
    programs: PathBuf,
    databases: Cell<usize>,
}

impl Place {
    /// Starts a server, which ends with the value.
    pub(crate) fn new(flags: &Flags) -> anyhow::Result<Self> {
        let Flags { undrift, oracle, corpus } = flags;
        ensure!(
            undrift.is_file(),
            "{} is not there: cargo build --release -p undrift --no-default-features",
            undrift.display()
        );
        let folder = tempfile::tempdir()?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs = crate::server_programs()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let home = folder.path().join("server");
        let cluster = runtime.block_on(Cluster::start_local(
            &programs,
            &home,
            port,
            Password::new("scratch"),
        ))?;
        let psql = std::env::split_paths(&path)
            .map(|folder| folder.join("psql"))
            .find(|path| path.is_file());
        Ok(Self {
            folder,
            undrift: undrift.canonicalize()?,
            oracle: oracle.canonicalize().ok(),
            psql,
            corpus: corpus.canonicalize().ok(),
            runtime,
            cluster,
            programs: programs.bin_dir,
            databases: Cell::new(0),
        })
    }

    /// What the figures were measured on.
    pub(crate) fn machine(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let size = std::fs::metadata(&self.undrift).map_or(0, |metadata| metadata.len());
        format!(
            "PostgreSQL {}, {} {} with {cores} cores; the undrift binary has {} MB.",
            self.cluster.major(),
            std::env::consts::OS,
            std::env::consts::ARCH,
            megabytes(size),
        )
    }

    /// Whether Prisma can be run.
    pub(crate) fn has_oracle(&self) -> bool {
        self.oracle.is_some()
    }

    /// The command that runs Prisma, if it can be run.
    pub(crate) fn oracle(&self) -> Option<&Path> {
        self.oracle.as_deref()
    }

    /// What could not be compared with.
    pub(crate) fn absent(&self) -> Vec<&'static str> {
        let parts = [
            (
                self.oracle.is_none(),
                "Prisma's oracle is not there: run its setup, and pass --oracle.",
            ),
            (self.psql.is_none(), "psql is not on the PATH."),
            (self.corpus.is_none(), "The corpus is not there: pass --corpus for real histories."),
        ];
        parts.into_iter().filter_map(|(absent, note)| absent.then_some(note)).collect()
    }

    /// A folder of this name, made if it is not there.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// An empty folder that nothing else uses.
    pub(crate) fn fresh_folder(&self) -> anyhow::Result<PathBuf> {
        Ok(tempfile::tempdir_in(self.folder.path())?.keep())
    }

    /// The URL of an empty database that nothing else uses.
    pub(crate) fn database(&self) -> anyhow::Result<String> {
        Ok(self.address()?.to_url())
    }

    /// The address of an empty database that nothing else uses.
    pub(crate) fn address(&self) -> anyhow::Result<Address> {
        let number = self.databases.replace(self.databases.get() + 1);
        Ok(self.wait(self.cluster.fresh_database(&format!("scratch{number}")))?)
    }

    /// The address of a copy of a database, to which nobody must be connected.
    pub(crate) fn copy(&self, original: &Address) -> anyhow::Result<Address> {
        let address = self.address()?;
        let [copy, original] = [&address, original].map(|it| catalog::quoted(&it.database));
        self.administer(&[
            format!("DROP DATABASE {copy}"),
            format!("CREATE DATABASE {copy} TEMPLATE {original}"),
        ])?;
        Ok(address)
    }

    /// How many databases there have been.
    pub(crate) fn count(&self) -> usize {
        self.databases.get()
    }

    /// Drops the databases from this number on: the disk is finite.
    pub(crate) fn drop_from(&self, first: usize) -> anyhow::Result<()> {
        let drop = |number| format!("DROP DATABASE IF EXISTS scratch{number} WITH (FORCE)");
        self.administer(&(first..self.count()).map(drop).collect::<Vec<_>>())
    }

    fn administer(&self, statements: &[String]) -> anyhow::Result<()> {
        let address = self.cluster.address().with_database("postgres");
        let url = project::DatabaseUrl::parse(&address.to_url())?;
        self.wait(async {
            let session = database::connect(&url, &database::ConnectOptions::default()).await?;
            for statement in statements {
                session.run("administering databases", statement).await?;
            }
            anyhow::Ok(())
        })
    }

    /// Waits for what needs a runtime.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The directory of the server's programs.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// The folder of the corpus with an application in each folder.
    pub(crate) fn applications(&self) -> Option<PathBuf> {
        Some(self.corpus.as_ref()?.join("apps")).filter(|folder| folder.is_dir())
    }

    /// The programs that work on a project, and are there.
    pub(crate) fn projects_programs(&self) -> impl Iterator<Item = Program> {
        let prisma = self.oracle.as_ref().map(|_| Program::Prisma);
        std::iter::once(Program::Undrift).chain(prisma)
    }

    /// A program, run in a folder: undrift with a cache of its own; Prisma 7 where there is a config,
    /// else 6.
    pub(crate) fn run(&self, program: Program, folder: &Path, arguments: &[&str]) -> Command {
        let path = match program {
            Program::Undrift => Some(&self.undrift),
            Program::Prisma => self.oracle.as_ref(),
            Program::Psql => self.psql.as_ref(),
        };
        let mut command = Command::new(path.unwrap_or(&self.undrift));
        command.current_dir(folder).args(arguments);
        command.env("UNDRIFT_CACHE", self.folder.path().join("cache"));
        command
    }

    /// Where psql is, if it is.
    pub(crate) fn psql(&self) -> Option<&Path> {
        self.psql.as_deref()
    }
}

/// Bytes as whole megabytes, rounded.
pub(crate) fn megabytes(bytes: u64) -> u64 {
    (bytes + 500_000) / 1_000_000
}
