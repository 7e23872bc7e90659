//! What a database contains, in a file.

use std::path::Path;

use catalog::Catalog;
use project::{DatabaseUrl, Project};
use serde::Serialize;

use crate::{Error, Progress, Settings, datasource, files::write_file, schema};

/// A snapshot of a database.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The text of the file.
    pub text: String,
    /// What it is about.
    pub summary: SnapshotSummary,
}

/// What a snapshot is about.
#[derive(Debug, Clone, Serialize)]
pub struct SnapshotSummary {
    /// How many objects it holds.
    pub objects: usize,
    /// Where the database is.
    pub address: String,
    /// What tells its content from any other.
    pub fingerprint: String,
}

/// Reads what the project's database contains.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn snapshot(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Snapshot, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        snapshot_of(url, project, settings, progress).await
    })
    .await
}

async fn snapshot_of(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Snapshot, Error> {
    let schemas = match schema::declared(project) {
        Ok(declared) => declared.schemas,
        Err(_) => vec![url.schema().to_owned()],
    };
    progress.busy("reading the database");
    let session = datasource::connect(&url, settings).await?;
    let catalog = datasource::catalog(&session, &schemas).await?;
    let mut objects = 0;
    catalog.visit(|_, _, _| objects += 1);
    Ok(Snapshot {
        text: catalog::snapshot::write(&catalog, &session.server().version),
        summary: SnapshotSummary {
            objects,
            address: url.to_string(),
            fingerprint: catalog.fingerprint(),
        },
    })
}

impl Snapshot {
    /// Writes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        write_file(path, &self.text)
    }
}

/// Reads a snapshot file.
pub(crate) fn read(path: &Path) -> Result<Catalog, Error> {
    let text = std::fs::read_to_string(path).map_err(|cause| Error::File {
        doing: "reading",
        path: path.to_owned(),
        cause,
    })?;
    catalog::snapshot::read(&text)
        .map_err(|error| Error::Snapshot { path: path.to_owned(), problem: error.to_string() })
}
