//! What every way needs: the packages, a scratch folder, a server, a project.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, ensure};
use server::Password;
use server::private::Cluster;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::package::VERSION;

const SCHEMA: &str = "datasource db {
  provider = \"postgresql\"
  url      = env(\"DATABASE_URL\")
}

model Pet {
  id   Int    @id
  name String
}
";

const MIGRATION: &str = "CREATE TABLE \"Pet\" (
    \"id\" INTEGER NOT NULL,
    \"name\" TEXT NOT NULL,
    CONSTRAINT \"Pet_pkey\" PRIMARY KEY (\"id\")
);
";

pub(super) struct Ground {
    packages: PathBuf,
    folder: TempDir,
    runtime: Runtime,
    cluster: Cluster,
    databases: Cell<usize>,
}

impl Ground {
    /// Starts a server on a port of this machine, which ends with the value.
    pub(super) fn new(packages: &Path) -> anyhow::Result<Self> {
        let missing = || format!("{}: cargo xtask package --url URL", packages.display());
        let packages = packages.canonicalize().with_context(missing)?;
        let folder = tempfile::tempdir()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let (programs, home) = (crate::server_programs()?, folder.path().join("server"));
        let start = Cluster::start_local(&programs, &home, port, Password::new("scratch"));
        let cluster = runtime.block_on(start)?;
        Ok(Self { packages, folder, runtime, cluster, databases: Cell::new(0) })
    }

    /// The folder of the packages.
    pub(super) fn packages(&self) -> &Path {
        &self.packages
    }

    /// A file that must have been packaged.
    pub(super) fn package(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.packages.join(name);
        ensure!(path.exists(), "{} was not packaged", path.display());
        Ok(path)
    }

    /// An empty folder that nothing else uses.
    pub(super) fn scratch(&self) -> anyhow::Result<PathBuf> {
        Ok(tempfile::tempdir_in(self.folder.path())?.keep())
    }

    /// The URL of an empty database, by TCP.
    pub(super) fn database(&self) -> anyhow::Result<String> {
        let number = self.databases.replace(self.databases.get() + 1);
        let name = format!("installs{number}");
        Ok(self.runtime.block_on(self.cluster.fresh_database(&name))?.to_url())
    }

    /// Writes a project with one migration into a folder.
    pub(super) fn project(folder: &Path) -> anyhow::Result<()> {
        Self::migration(folder, "20260101000000_pets", MIGRATION)?;
        Ok(std::fs::write(folder.join("prisma/schema.prisma"), SCHEMA)?)
    }

    /// Writes a migration of a project.
    pub(super) fn migration(folder: &Path, name: &str, script: &str) -> anyhow::Result<()> {
        let folder = folder.join("prisma/migrations").join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(folder.join("migration.sql"), script)?)
    }

    /// The first value that a query returns.
    pub(super) fn ask(&self, url: &str, query: &str) -> anyhow::Result<String> {
        self.runtime.block_on(async {
            let url = project::DatabaseUrl::parse(url)?;
            let session = database::connect(&url, &database::ConnectOptions::default()).await?;
            let rows = session.rows("looking", query).await?;
            let value = rows.first().and_then(|row| row.get(0)).context("no row")?;
            anyhow::Ok(value.to_owned())
        })
    }

    /// The first value that a query of the server's owner returns.
    pub(super) fn ask_server(&self, query: &str) -> anyhow::Result<String> {
        self.ask(&self.cluster.address().to_url(), query)
    }

    /// Runs a statement as the server's owner.
    pub(super) fn administer(&self, statement: &str) -> anyhow::Result<()> {
        self.runtime.block_on(async {
            let url = project::DatabaseUrl::parse(&self.cluster.address().to_url())?;
            let session = database::connect(&url, &database::ConnectOptions::default()).await?;
            Ok(session.run("administering", statement).await?)
        })
    }

    /// Checks that the migration of [`Self::project`] is in a database.
    pub(super) fn is_deployed(&self, url: &str) -> anyhow::Result<()> {
        const QUERY: &str = "SELECT (to_regclass('\"Pet\"') IS NOT NULL AND
            (SELECT bool_and(finished_at IS NOT NULL) FROM \"_prisma_migrations\"))::text";
        ensure!(self.ask(url, QUERY)? == "true", "the migration is not in the database");
        Ok(())
    }
}

/// Runs a command that must end with this exit code, and returns what it said.
pub(super) fn ends(command: &mut Command, code: i32) -> anyhow::Result<String> {
    let Output { status, stdout, stderr } =
        command.output().with_context(|| format!("absent: {}", command.get_program().display()))?;
    let said = [stdout, stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    ensure!(status.code() == Some(code), "{command:?} ended with {status}, not {code}: {said}");
    Ok(said)
}

/// Checks that a program says that it is what was packaged.
pub(super) fn is_itself(command: &mut Command) -> anyhow::Result<serde_json::Value> {
    let said = ends(command.args(["self", "version", "--json"]), 0)?;
    let told: serde_json::Value = serde_json::from_str(&said)?;
    ensure!(told["undrift"] == VERSION && told["commit"].is_string(), "{told}");
    Ok(told)
}
