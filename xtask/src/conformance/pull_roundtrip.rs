//! Databases of every sort as text and back: between a database and the schema that is pulled from it
//! there must be nothing to do.
//!
//! Needs PostgreSQL's server programs on the machine.

use std::fs::read_to_string;
use std::path::Path;
use std::sync::Arc;

use ::pull::{KINDS, Keep, Request};
use anyhow::Context as _;
use catalog::{Language, Pair};
use database::{ConnectOptions, connect, introspect, introspect_as_printed};
use project::DatabaseUrl;
use psl::{SchemaFiles, SourceFile};
use server::private::Cluster;

use super::introspect::script_of_nothing;
use super::{Case, Texts, declare, file_name, folders, script};

/// What a schema says of itself before anything is pulled.
const CONFIGURATION: &str = "generator client {\n  provider = \"prisma-client\"\n}\n\n\
     datasource db {\n  provider = \"postgresql\"\n}\n";

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(folder))
}

async fn all(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let cluster = Cluster::start_shadow(&crate::server_programs()?, None).await?;
    let mut cases = Vec::new();
    for group in folders(&folder.join("pairs"))? {
        for pair in folders(&group)? {
            for side in ["a", "b"] {
                let left = left_to_do(&cluster, &pair.join(format!("{side}.sql"))).await;
                let texts = left.map_err(|error| format!("{error:#}"));
                let texts = texts.map(|ours| Texts { ours, prismas: script_of_nothing() });
                let name = format!("{}/{}/{side}", file_name(&group), file_name(&pair));
                cases.push(Case { name, texts });
            }
        }
    }
    cluster.stop().await?;
    Ok(cases)
}

/// The script from a database to the schema that is pulled from it.
async fn left_to_do(cluster: &Cluster, made_by: &Path) -> anyhow::Result<String> {
    let address = cluster.fresh_database("roundtrip").await?;
    let url = DatabaseUrl::parse(&address.to_url()).context("the cluster's own URL")?;
    let session = connect(&url, &ConnectOptions::default()).await?;
    crate::judge::make(&session, &read_to_string(made_by)?).await?;
    let mut actual = introspect(&session, None).await?;
    // The language has no models without fields, so that Prisma drops the tables, as we do.
    actual.tables.retain(|table| !table.columns.is_empty());
    let schemas: Vec<String> = actual.schemas.iter().map(|schema| schema.name.clone()).collect();
    let printed = introspect_as_printed(&session, &schemas, KINDS, "public").await?;
    let file = SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(CONFIGURATION) };
    let request = Request {
        files: &SchemaFiles::from(vec![file]),
        keep: Keep::Configuration,
        schemas: &schemas,
        has_own_schemas: true,
        language: Language::WHOLE,
        new_file: "schema.prisma",
    };
    let pulled = ::pull::pull(&printed, request)?;
    let files: Vec<(String, String)> = pulled.files.into_iter().collect();
    let declared = declare(&files).map_err(anyhow::Error::msg)?;
    Ok(script(Pair::new(&actual, &declared.catalog), declared.language, declared.names))
}
