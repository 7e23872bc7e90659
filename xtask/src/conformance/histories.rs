//! Real histories, deployed on a server and asked about.
//!
//! A case agrees when the deploy works, a second one has nothing to do, status finds neither pending
//! migrations nor drift, and the SQL from the database to the schema is the one that Prisma's engine
//! writes. Needs PostgreSQL's server programs; histories that need an extension that is not there fail.

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;

use anyhow::{Context as _, ensure};
use engine::{Cancel, DiffRequest, Pair, Progress, Settings, Source};
use server::private::Cluster;

use super::{Case, Texts, file_name, folders};

struct Silent;

impl Progress for Silent {
    fn busy(&mut self, _doing: &str) {}

    fn notice(&mut self, _text: &str) {}
}

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(folder))
}

async fn all(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let programs = crate::server_programs()?;
    // The shadow database is of the server's own version.
    let path = programs.bin_dir.display().to_string();
    let environment = BTreeMap::from([("PATH".to_owned(), path)]);
    let cluster = Cluster::start_shadow(&programs, None).await?;
    let mut cases = Vec::new();
    for app in folders(&folder.join("apps"))? {
        let expected = app.join("prisma-output/7.9.1/livedb_to_schema.sql");
        let prismas = read_to_string(expected).ok();
        let ours = live(&cluster, &app, &environment, prismas.is_some()).await;
        let texts = ours
            .map(|ours| Texts { ours, prismas: prismas.unwrap_or_default() })
            .map_err(|error| format!("{error:#}"));
        cases.push(Case { name: file_name(&app), texts });
    }
    cluster.stop().await?;
    Ok(cases)
}

/// Deploys an application's history, checks what holds afterwards, and returns the SQL that leads from
/// the database to the schema; nothing if Prisma refuses the schema.
async fn live(
    cluster: &Cluster,
    app: &Path,
    environment: &BTreeMap<String, String>,
    is_schema_valid: bool,
) -> anyhow::Result<String> {
    let schema = ["schema", "schema.prisma"].map(|name| app.join(name));
    let schema = schema.into_iter().find(|path| path.exists()).context("no schema")?;
    // The application's own config points to folders of its own repository.
    let config = tempfile::Builder::new().suffix(".json").tempfile()?;
    let migrations = serde_json::json!({ "migrations": { "path": app.join("migrations") } });
    std::fs::write(config.path(), migrations.to_string())?;
    let url = cluster.fresh_database("history").await?.to_url();
    let settings = Settings {
        current_directory: app.to_owned(),
        environment: environment.clone(),
        schema: Some(schema.clone()),
        config: Some(config.path().to_owned()),
        url: Some(url.clone()),
        ..Settings::default()
    };
    let project = engine::open(&settings)?;
    let request = engine::DeployRequest::default();
    let deploy = async || {
        engine::deploy(&project, &settings, &request, Cancel::default(), &mut Silent).await
    };
    deploy().await?;
    let again = deploy().await?;
    ensure!(again.report.applied.is_empty(), "the second deploy applied something");
    let status = engine::status(&project, &settings, &mut Silent).await?;
    ensure!(
        status.is_database_in_sync(),
        "not in sync: {}",
        serde_json::to_string(&(&status.migrations, &status.drift))?
    );
    if !is_schema_valid {
        return Ok(String::new());
    }
    let request = DiffRequest {
        renames: Vec::new(),
        sources: Pair::new(Source::Url(url), Source::Schema(schema)),
        shadow_database_url: None,
    };
    Ok(engine::diff(Some(&project), &settings, request, &mut Silent, false).await?.script)
}
