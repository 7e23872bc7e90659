//! Real histories, walked migration by migration on a private server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::{Answers, Cancel, Dialogue, Nobody, Progress, Project, Settings};
use project::Migration;
use server::Address;
use server::private::Cluster;
use tempfile::TempDir;

/// Says nothing.
pub(crate) struct Silent;

impl Progress for Silent {
    fn busy(&mut self, _doing: &str) {}

    fn notice(&mut self, _text: &str) {}
}

/// A project with some migrations of an application, on a database of its own.
pub(crate) struct Walk {
    folder: TempDir,
    pub(crate) address: Address,
    pub(crate) settings: Settings,
    pub(crate) project: Project,
}

impl Walk {
    /// A project without migrations yet, on an empty database.
    pub(crate) async fn new(cluster: &Cluster, application: &Path) -> anyhow::Result<Self> {
        let schema = ["schema", "schema.prisma"].map(|name| application.join(name));
        let schema = schema.into_iter().find(|path| path.exists()).context("no schema")?;
        let folder = tempfile::tempdir()?;
        std::fs::create_dir_all(folder.path().join("prisma/migrations"))?;
        let config = folder.path().join("config.json");
        let migrations = serde_json::json!({ "migrations": { "path": folder.path().join("prisma/migrations") } });
        std::fs::write(&config, migrations.to_string())?;
        let address = cluster.fresh_database("walk").await?;
        let cache = folder.path().join("cache").display().to_string();
        let mut environment = BTreeMap::from([("UNDRIFT_CACHE".to_owned(), cache)]);
        environment.extend(std::env::vars().filter(|(name, _)| name == "PATH"));
        let settings = Settings {
            current_directory: folder.path().to_owned(),
            environment,
            schema: Some(schema),
            config: Some(config),
            url: Some(address.to_url()),
            ..Settings::default()
        };
        let project = engine::open(&settings)?;
        Ok(Self { folder, address, settings, project })
    }

    /// Where its migrations are.
    pub(crate) fn migrations(&self) -> PathBuf {
        self.folder.path().join("prisma/migrations")
    }

    /// The folder of the project.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Adds a migration to the folder.
    pub(crate) fn add(&self, migration: &Migration) -> anyhow::Result<()> {
        let folder = self.migrations().join(&migration.name);
        std::fs::create_dir(&folder)?;
        let from = &migration.path;
        std::fs::copy(from, folder.join("migration.sql"))?;
        Ok(())
    }

    /// Applies what is pending; returns the names.
    pub(crate) async fn deploy(&self) -> anyhow::Result<Vec<String>> {
        let Self { project, settings, .. } = self;
        let deployed = engine::deploy(
            project,
            settings,
            &engine::DeployRequest::default(),
            Cancel::default(),
            &mut Silent,
        )
        .await?;
        Ok(deployed.report.applied.into_iter().map(|applied| applied.name).collect())
    }

    /// Takes the last migration back, whatever data goes.
    pub(crate) async fn roll_back(&self) -> Result<(), engine::Error> {
        let Self { project, settings, address, .. } = self;
        let lost = format!("data-loss={}", address.database);
        let given = ["rollback=yes", "save=no", &lost].map(str::to_owned);
        let mut nobody = Nobody;
        let dialogue = Dialogue::new(Answers::given(&given, None)?, &mut nobody);
        let request = engine::RollbackRequest {
            extent: engine::Extent::Steps(1),
            uses_files: true,
            dry_run: false,
        };
        let cancel = Cancel::default();
        engine::rollback(project, settings, request, dialogue, cancel, &mut Silent).await?;
        Ok(())
    }
}
