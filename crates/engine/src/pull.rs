//! The schema of a database, as `prisma db pull` writes it.

use std::path::{Path, PathBuf};

use catalog::Language;
use database::introspect_as_printed;
use project::{DatabaseUrl, Project, Release};
use psl::Colours;
use pull::{KINDS, Keep, Request};
use serde::Serialize;

use crate::{Error, Progress, Settings, datasource, schema, write_file};

/// What to pull.
#[derive(Debug, Clone, Default)]
pub struct PullRequest {
    /// Whether everything but the datasource and the generators is written anew.
    pub force: bool,
    /// The PostgreSQL schemas to look at instead of those that the schema names.
    pub schemas: Option<Vec<String>>,
}

/// A schema as pulled. Nothing is written before [`Pull::write`].
#[derive(Debug, Clone, Serialize)]
pub struct Pull {
    /// The schema file or folder, as the user would write it.
    pub schema: String,
    /// The files, by path as the user would write it.
    pub files: Vec<PulledFile>,
    /// The files that have nothing in them any more.
    pub removed: Vec<String>,
    /// How many models there are.
    pub models: usize,
    /// What there is to warn of.
    pub warnings: Vec<PullWarning>,
    /// The warnings as Prisma prints them; empty if there are none.
    #[serde(skip)]
    pub warning_text: String,
    #[serde(skip)]
    root: PathBuf,
}

/// A file of a pulled schema.
#[derive(Debug, Clone, Serialize)]
pub struct PulledFile {
    /// Its path.
    pub path: String,
    /// Its text as it can be shown: what is written has the passwords of its URLs.
    pub text: String,
    #[serde(skip)]
    written: String,
}

/// Something that the schema language cannot say, or that was taken from the previous schema.
#[derive(Debug, Clone, Serialize)]
pub struct PullWarning {
    /// What about it.
    pub message: String,
    /// The objects it is about.
    pub items: Vec<String>,
}

/// Reads the database and writes its schema, with what the project's schema says kept.
///
/// # Errors
/// When the project's schema is wrong and is to be kept, the database cannot be reached or read, is
/// empty, or refers to schemas that are not looked at.
pub async fn pull(
    project: &Project,
    settings: &Settings,
    request: &PullRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Pull, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        pull_from(&url, project, settings, request, progress).await
    })
    .await
}

async fn pull_from(
    url: &DatabaseUrl,
    project: &Project,
    settings: &Settings,
    request: &PullRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Pull, Error> {
    let schema = project.display(&project.schema_path);
    if project.schema_files.load().schema.datasource.is_none() {
        return Err(Error::NoDatasource);
    }
    progress.datasource(&datasource::describe(project, url));
    progress.introspecting(&schema);
    let files = &project.schema_files;
    let loaded = files.load();
    if !request.force {
        schema::refuse(&loaded.diagnostics, files, Colours::Never).map_err(refused)?;
    }
    let named = loaded.schema.datasource.as_ref().map(|datasource| datasource.schemas.clone());
    let schemas = request
        .schemas
        .clone()
        .or(named.filter(|named| !named.is_empty()))
        .unwrap_or_else(|| vec![url.schema().to_owned()]);
    progress.busy("reading the database");
    let session = datasource::connect(url, settings).await.map_err(no_database)?;
    let catalog = introspect_as_printed(&session, &schemas, KINDS, url.schema()).await?;
    let new_file = match files.as_ref() {
        [_] => project.schema_path.clone(),
        _ => project.schema_path.join("introspected.prisma"),
    };
    let pulled = ::pull::pull(
        &catalog,
        Request {
            files,
            keep: if request.force { Keep::Configuration } else { Keep::Everything },
            schemas: &schemas,
            has_own_schemas: request.schemas.is_some(),
            language: Language { partial_indexes: project.release == Release::Seven },
            new_file: &project.display(&new_file),
        },
    )
    .map_err(Error::Pull)?;
    if pulled.is_empty {
        return Err(Error::DatabaseEmpty);
    }
    let removed =
        files.iter().map(|file| &file.path).filter(|path| !pulled.files.contains_key(*path));
    Ok(Pull {
        schema,
        removed: removed.cloned().collect(),
        models: pulled.models,
        warnings: pulled
            .warnings
            .iter()
            .map(|(message, items)| PullWarning {
                message: message.trim_end_matches(':').to_owned(),
                items: items.to_vec(),
            })
            .collect(),
        warning_text: pulled.warnings.to_string(),
        files: pulled
            .files
            .into_iter()
            .map(|(path, written)| PulledFile {
                path,
                text: schema::without_passwords(&written),
                written,
            })
            .collect(),
        root: project.root.clone(),
    })
}

/// A schema that is wrong is told in the words of this command.
fn refused(error: Error) -> Error {
    if let Error::Schema { excerpts, count: _ } = error {
        return Error::PreviousSchema { excerpts };
    }
    error
}

/// So is a database that is not there.
fn no_database(error: Error) -> Error {
    match error.database() {
        Some(database::Error::DatabaseMissing { .. }) => Error::NoDatabaseToPull,
        Some(_) | None => error,
    }
}

impl Pull {
    /// Writes the files, each whole or not at all, and removes those with nothing in them.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn write(&self) -> Result<(), Error> {
        for PulledFile { path, text: _, written } in &self.files {
            write_file(&self.root.join(path), written)?;
        }
        for path in &self.removed {
            remove(&self.root.join(path))?;
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    std::fs::remove_file(path).map_err(|cause| Error::File {
        doing: "removing",
        path: path.to_owned(),
        cause,
    })
}
