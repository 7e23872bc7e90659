//! What the tests stand on.

use database::{
    ConnectOptions, DeployError, DeployOptions, DeployReport, Session, Silent, connect, deploy,
};
use project::DatabaseUrl;
use project::Migration;
use server::private::Cluster;
use server::programs::Programs;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use tokio::sync::OnceCell;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

/// The newest programs on the machine, or those of the directory in `UNDRIFT_TEST_PROGRAMS`.
pub(crate) fn programs() -> Programs {
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS");
    server::programs::for_tests(named.as_deref()).unwrap()
}

/// A database of its own for each test.
pub(crate) struct Stand {
    pub(crate) url: DatabaseUrl,
    /// A session of somebody else.
    pub(crate) other: Session,
}

impl Stand {
    pub(crate) async fn new(database: &str) -> Self {
        let start = async || Cluster::start_shadow(&programs(), None).await.unwrap();
        let cluster = CLUSTER.get_or_init(start).await;
        let address = cluster.fresh_database(database).await.unwrap();
        let url = DatabaseUrl::parse(&address.to_url()).unwrap();
        let other = session(&url).await;
        Self { url, other }
    }

    pub(crate) async fn session(&self) -> Session {
        session(&self.url).await
    }

    /// Deploys over a connection of its own.
    pub(crate) async fn deploy(
        &self,
        migrations: &[Migration],
    ) -> Result<DeployReport, Box<DeployError>> {
        self.deploy_with(migrations, &DeployOptions::default()).await
    }

    pub(crate) async fn deploy_with(
        &self,
        migrations: &[Migration],
        options: &DeployOptions,
    ) -> Result<DeployReport, Box<DeployError>> {
        deploy(&self.session().await, migrations, options, &mut Silent).await
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.other.run("testing", sql).await.unwrap();
    }

    /// Ends a session and waits until it is gone; before PostgreSQL 14 the server cannot wait itself.
    pub(crate) async fn end_session(&self, pid: &str) {
        self.run(&format!("SELECT pg_terminate_backend({pid})")).await;
        let left = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
        while self.ask(&left).await != ["0"] {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// The first column of the rows, nulls as `-`.
    pub(crate) async fn ask(&self, sql: &str) -> Vec<String> {
        let rows = self.other.rows("testing", sql).await.unwrap();
        rows.iter().map(|row| row.get(0).unwrap_or("-").to_owned()).collect()
    }

    /// The history as one line for each row: name, steps, whether finished, whether rolled back,
    /// whether there are logs.
    pub(crate) async fn history(&self) -> Vec<String> {
        self.ask(
            "SELECT concat_ws(' ', migration_name, applied_steps_count,
                 CASE WHEN finished_at IS NOT NULL THEN 'finished' END,
                 CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled back' END,
                 CASE WHEN logs IS NOT NULL THEN 'logs' END)
             FROM _prisma_migrations ORDER BY started_at",
        )
        .await
    }

    /// The tables and indexes of `public`, but for the history's.
    pub(crate) async fn relations(&self) -> Vec<String> {
        self.ask(
            "SELECT c.relname || CASE WHEN NOT coalesce(i.indisvalid, true) THEN ' invalid'
                                      ELSE '' END
             FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
             WHERE relnamespace = 'public'::regnamespace AND relname !~ '^_prisma'
             ORDER BY 1",
        )
        .await
    }
}

pub(crate) async fn session(url: &DatabaseUrl) -> Session {
    connect(url, &ConnectOptions::default()).await.unwrap()
}

/// Migrations named `1_m`, `2_m`, ….
pub(crate) fn migrations(scripts: &[&str]) -> Vec<Migration> {
    scripts
        .iter()
        .zip(1..)
        .map(|(script, number)| migration(&format!("{number}_m"), script))
        .collect()
}

/// A migration as it would be read from a folder.
pub(crate) fn migration(name: &str, script: &str) -> Migration {
    Migration {
        name: name.to_owned(),
        path: PathBuf::from(name).join("migration.sql"),
        script: script.to_owned(),
        checksum: format!("{:x}", Sha256::digest(script)),
        supersedes: Vec::new(),
    }
}

/// Waits until a query of `pg_stat_activity` finds something.
pub(crate) async fn wait_for(stand: &Stand, condition: &str) -> i32 {
    for _ in 0..400 {
        let found = stand
            .ask(&format!(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                 AND pid <> pg_backend_pid() AND {condition}"
            ))
            .await;
        if let Some(pid) = found.first() {
            return pid.parse().unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never happened: {condition}");
}
