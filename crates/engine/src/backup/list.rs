//! The backups that there are.

use database::BackupRow;
use project::Project;
use serde::Serialize;

use super::{Backup, Made};
use crate::{Described, Error, Progress, Settings, datasource};

/// The backups of a database.
#[derive(Debug, Clone, Serialize)]
pub struct Backups {
    /// The database.
    pub datasource: Described,
    /// The backups, the newest first.
    pub backups: Vec<Backup>,
}

/// Lists the backups that undrift made of the project's database.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn backups(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Backups, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let datasource = datasource::describe(project, &url);
        progress.datasource(&datasource);
        let session = datasource::connect(&url, settings).await?;
        let rows = database::backups(&session).await?;
        Ok(Backups { datasource, backups: rows.iter().filter_map(read).collect() })
    })
    .await
}

/// Reads what is written down; none if a later undrift wrote it in another way.
pub(super) fn read(row: &BackupRow) -> Option<Backup> {
    let made: Made = serde_json::from_str(&row.what).ok()?;
    Some(Backup {
        id: row.id.clone(),
        state: row.state,
        started_at: row.started_at.clone(),
        finished_at: row.finished_at.clone(),
        age: row.age,
        restore: made.kept.restore(&row.id),
        made,
    })
}
