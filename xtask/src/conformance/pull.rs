//! Real databases as text: what we pull against what Prisma pulled, afresh and on top of the
//! application's own schema, warnings included.
//!
//! The corpus was made with changed `datasource` and `generator` blocks, so those are taken from the
//! expected text. Needs PostgreSQL's server programs; databases that need an extension that is not there
//! fail.

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;
use std::sync::Arc;

use ::pull::{KINDS, Keep, Request};
use anyhow::Context as _;
use catalog::{Catalog, Language};
use database::{ConnectOptions, connect, introspect_as_printed};
use project::DatabaseUrl;
use psl::{SchemaFiles, SourceFile};
use server::private::Cluster;

use super::from_empty::schema_files;
use super::{Case, Texts, file_name, folders, prisma_files};

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(folder))
}

async fn all(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let cluster = Cluster::start_shadow(&crate::server_programs()?, None).await?;
    let mut cases = Vec::new();
    for app in folders(&folder.join("apps"))? {
        let name = file_name(&app);
        let read = read(&cluster, &app).await.map_err(|error| format!("{error:#}"));
        for (release, partial_indexes) in RELEASES {
            let output = app.join("prisma-output").join(release);
            let mut add = |kind: &str, expected: anyhow::Result<Expected>, keep: Keep| {
                let Ok(expected) = expected else { return };
                let language = Language { partial_indexes };
                let texts = match &read {
                    Ok(read) => compare(&app, read, &expected, keep, language),
                    Err(error) => Err(anyhow::Error::msg(error.clone())),
                };
                let texts = texts.map_err(|error| format!("{error:#}"));
                cases.push(Case { name: format!("{name}/{release}/{kind}"), texts });
            };
            add("fresh", fresh(&output), Keep::Configuration);
            add("again", again(&output), Keep::Everything);
        }
    }
    cluster.stop().await?;
    Ok(cases)
}

/// What a hosting service makes before the first migration.
const HOSTED: &str = "CREATE SCHEMA extensions; CREATE EXTENSION \"uuid-ossp\" SCHEMA extensions; \
     SET search_path = public, extensions";

/// The releases of the corpus, and whether they write indexes with a condition.
const RELEASES: [(&str, bool); 2] = [("7.9.1", true), ("6.19.0", false)];

/// A database after its history.
struct Read {
    catalog: Catalog,
    schemas: Vec<String>,
    /// Why a migration failed, if one did.
    failed: Option<String>,
}

/// What Prisma pulled.
struct Expected {
    files: BTreeMap<String, String>,
    warnings: String,
}

fn fresh(output: &Path) -> anyhow::Result<Expected> {
    let text = read_to_string(output.join("dbpull_fresh.prisma"))?;
    let warnings = read_to_string(output.join("dbpull_fresh.warnings.txt"))?;
    Ok(Expected { files: BTreeMap::from([("schema.prisma".to_owned(), text)]), warnings })
}

fn again(output: &Path) -> anyhow::Result<Expected> {
    let folder = output.join("dbpull_reintrospect");
    let mut paths = Vec::new();
    prisma_files(&folder, &mut paths);
    anyhow::ensure!(!paths.is_empty(), "not pulled again");
    let mut files = BTreeMap::new();
    for path in paths {
        let text = read_to_string(&path)?;
        files.insert(path.strip_prefix(&folder)?.display().to_string(), text);
    }
    let warnings = read_to_string(output.join("dbpull_reintrospect.warnings.txt"))?;
    Ok(Expected { files, warnings })
}

async fn read(cluster: &Cluster, app: &Path) -> anyhow::Result<Read> {
    let address = cluster.fresh_database("pull").await?;
    let url = DatabaseUrl::parse(&address.to_url()).context("the cluster's own URL")?;
    let session = connect(&url, &ConnectOptions::default()).await?;
    let mut scripts = Vec::new();
    for folder in folders(&app.join("migrations"))? {
        let script = read_to_string(folder.join("migration.sql"));
        scripts.extend(script.ok().map(|script| (file_name(&folder), script)));
    }
    if scripts.iter().any(|(_, script)| script.contains("extensions.")) {
        session.run("preparing the database", HOSTED).await?;
    }
    // The corpus was made so: what fails is passed over.
    let mut failed = None;
    for (name, script) in &scripts {
        if let Err(error) = session.run(name, script).await {
            failed = failed.or(Some(error.to_string()));
            // Of a script with a transaction of its own.
            drop(session.run("rolling back", "ROLLBACK").await);
        }
    }
    let files: SchemaFiles = schema_files(app)
        .map_err(anyhow::Error::msg)?
        .into_iter()
        .map(|(path, text)| SourceFile { path, text: Arc::from(text.as_str()) })
        .collect();
    let datasource = files.load().schema.datasource.as_ref();
    let named = datasource.map(|datasource| datasource.schemas.clone()).unwrap_or_default();
    let schemas = if named.is_empty() { vec!["public".to_owned()] } else { named };
    let catalog = introspect_as_printed(&session, &schemas, KINDS, "public").await?;
    Ok(Read { catalog, schemas, failed })
}

fn compare(
    app: &Path,
    read: &Read,
    expected: &Expected,
    keep: Keep,
    language: Language,
) -> anyhow::Result<Texts> {
    let files = match keep {
        Keep::Configuration => expected.files.clone(),
        Keep::Everything => with_configuration(app, expected)?,
    };
    let files: SchemaFiles = files
        .into_iter()
        .map(|(path, text)| SourceFile { path, text: Arc::from(without_partial_indexes(&text)) })
        .collect();
    let pulled = ::pull::pull(
        &read.catalog,
        Request {
            files: &files,
            keep,
            schemas: &read.schemas,
            has_own_schemas: false,
            language,
            new_file: "schema/introspected.prisma",
        },
    )?;
    let warnings = pulled.warnings.to_string();
    let texts = Texts {
        ours: join(&pulled.files, &warnings),
        prismas: join(&expected.files, &expected.warnings),
    };
    match &read.failed {
        Some(reason) if texts.ours != texts.prismas => anyhow::bail!("{reason}"),
        _ => Ok(texts),
    }
}

/// The application's files with the datasource and the generators of the expected ones.
fn with_configuration(app: &Path, expected: &Expected) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for (path, text) in schema_files(app).map_err(anyhow::Error::msg)? {
        let path = Path::new(&path).strip_prefix(app)?.display().to_string();
        let own = without(&text, |keyword| matches!(keyword, "datasource" | "generator"));
        let theirs = expected.files.get(&path).map(String::as_str).unwrap_or_default();
        let theirs = without(theirs, |keyword| !matches!(keyword, "datasource" | "generator"));
        files.insert(path, format!("{theirs}\n{own}"));
    }
    Ok(files)
}

/// The text without the preview feature that Prisma adds where it finds a partial index.
fn without_partial_indexes(text: &str) -> String {
    let feature = "\"partialIndexes\"";
    text.replace(&format!(", {feature}"), "")
        .replace(&format!("previewFeatures = [{feature}]\n"), "")
}

/// The text without the blocks of certain keywords.
fn without(text: &str, is_unwanted: impl Fn(&str) -> bool) -> String {
    let parsed = psl::parse(psl::FileId(0), text);
    let mut rest = String::new();
    let mut done = 0;
    for block in parsed.document.blocks.iter().filter(|block| is_unwanted(&block.keyword.text)) {
        rest.push_str(text.get(done..block.span.start as usize).unwrap_or_default());
        done = block.span.end as usize;
    }
    rest.push_str(text.get(done..).unwrap_or_default());
    rest
}

fn join(files: &BTreeMap<String, String>, warnings: &str) -> String {
    let mut text = String::new();
    for (path, file) in files {
        text.extend(["// ", path, "\n", file.trim_end(), "\n"]);
    }
    text + warnings.trim_end()
}
