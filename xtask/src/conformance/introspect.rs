//! Databases made by Prisma's scripts, looked at by us: nothing must be left to do.
//!
//! Needs PostgreSQL's server programs on the machine. Four of the corpus's applications fail: their
//! scripts need an extension that is not PostgreSQL's own, or a function or type that only their migrations
//! make, or are refused by PostgreSQL.

use std::fs::read_to_string;
use std::path::Path;

use anyhow::Context as _;
use catalog::Pair;
use database::{ConnectOptions, connect, introspect};
use project::DatabaseUrl;
use server::private::Cluster;

use super::from_empty::schema_files;
use super::{Case, Texts, declare, file_name, folders, script};

/// What applications make in their migrations without a word in the schema file.
const EXTENSIONS: &str = "CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; \
     CREATE EXTENSION pgcrypto; CREATE EXTENSION ltree;";

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(folder))
}

async fn all(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let cluster = Cluster::start_shadow(&crate::server_programs()?, None).await?;
    let mut cases = Vec::new();
    for app in folders(&folder.join("apps"))? {
        let made_by = app.join("prisma-output/7.9.1/empty_to_schema.sql");
        let Ok(sql) = read_to_string(made_by) else { continue };
        let name = file_name(&app);
        let ours = left_to_do(&cluster, &app, &sql).await.map_err(|error| format!("{error:#}"));
        let texts = ours.map(|ours| Texts { ours, prismas: script_of_nothing() });
        cases.push(Case { name, texts });
    }
    cluster.stop().await?;
    Ok(cases)
}

/// The script from the database that Prisma's script makes to what the schema declares.
async fn left_to_do(cluster: &Cluster, app: &Path, sql: &str) -> anyhow::Result<String> {
    let declared =
        schema_files(app).and_then(|files| declare(&files)).map_err(anyhow::Error::msg)?;
    let address = cluster.fresh_database("conformance").await?;
    let url = DatabaseUrl::parse(&address.to_url()).context("the cluster's own URL")?;
    let session = connect(&url, &ConnectOptions::default()).await?;
    session.run("preparing the database", EXTENSIONS).await?;
    session.run("making the database", sql).await?;
    let schemas: Vec<String> =
        declared.catalog.schemas.iter().map(|schema| schema.name.clone()).collect();
    let actual = introspect(&session, Some(&schemas)).await?;
    Ok(script(Pair::new(&actual, &declared.catalog), declared.language, declared.names))
}

/// What the planner writes when there is nothing to do.
pub(super) fn script_of_nothing() -> String {
    let nothing = catalog::Catalog::default();
    script(Pair::new(&nothing, &nothing), catalog::Language::WHOLE, catalog::Qualification::Always)
}
