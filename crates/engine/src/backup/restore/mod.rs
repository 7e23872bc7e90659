//! Getting back from a backup.

mod instance;
mod rows;

use catalog::quoted;
use database::{BackupState, Cancel, Session};
use project::{DatabaseUrl, Project};
use serde::Serialize;

use super::{Backup, Kept, Place, dump, list};
use crate::questions::Dialogue;
use crate::{Described, Error, Progress, Settings, datasource};

/// What is to be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreRequest {
    /// The backup.
    pub id: String,
    /// Where to.
    pub to: RestoreTo,
    /// Of copied rows: only those of this table.
    pub table: Option<String>,
    /// Of copied rows: whether values that are other than in the copy are overwritten.
    pub overwrite: bool,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// Where a backup is restored to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreTo {
    /// Wherever a backup of its kind goes by itself; a dump goes nowhere by itself.
    Default,
    /// Of a dump: a new database with this name on the same server.
    Database(String),
    /// Of a dump: an empty database.
    Url(String),
    /// Of a dump: the database it is of, where nothing of it must be there.
    InPlace,
    /// Of a snapshot or point in time: a new instance or cluster with this name.
    Instance(String),
}

/// What was restored.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The database that the backup is of.
    pub datasource: Described,
    /// The backup.
    pub backup: Backup,
    /// Where it went, in words; none where nothing was done.
    pub to: Option<String>,
    /// What was done with copied tables.
    pub tables: Vec<RestoredTable>,
    /// The backup that was made of what was overwritten.
    pub overwritten: Option<String>,
    /// What can be done next.
    pub next: Vec<String>,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// What was done with a copied table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoredTable {
    /// What was copied.
    pub of: String,
    /// How many rows that were not there are back.
    pub rows: u64,
    /// How many values that were null are back.
    pub values: u64,
    /// How many rows have other values than the copy.
    pub differing: u64,
    /// Whether these were overwritten.
    pub overwritten: bool,
}

/// Restores a backup. What is there stays, unless it is asked for and answered that it may be overwritten;
/// then a backup is made of it first.
///
/// # Errors
/// When there is no such backup, it is not whole, there is no place for it, a question is not answered,
/// or the server refuses. Nothing was changed then, besides a new database that is not whole.
pub async fn restore(
    project: &Project,
    settings: &Settings,
    request: &RestoreRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Restored, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let datasource = datasource::describe(project, &url);
        progress.datasource(&datasource);
        let session = datasource::connect(&url, settings).await?;
        let place = Place { url: &url, settings, session: &session, cancel: &cancel };
        let backup = find(&session, &request.id).await?;
        let mut restored = Restored {
            datasource,
            to: None,
            tables: Vec::new(),
            overwritten: None,
            next: Vec::new(),
            dry_run: request.dry_run,
            backup,
        };
        let kept = restored.backup.made.kept.clone();
        match &kept {
            Kept::Nothing { reason } => {
                return Err(Error::Unready(format!("there is nothing to restore: {reason}")));
            }
            Kept::Rows { copies } => {
                place.restore_rows(copies, request, &mut dialogue, &mut restored, progress).await?;
            }
            Kept::Dump { file, bytes, sha256, .. } => {
                dump::ensure_whole(file, *bytes, sha256)?;
                let to = place.restore_dump(file, request, progress).await?;
                restored.next.push(format!("look at it: {}", to.1));
                restored.to = Some(to.0);
            }
            Kept::Snapshot { .. } | Kept::PointInTime { .. } => {
                place.restore_instance(&kept, request, &mut restored, progress).await?;
            }
        }
        Ok(restored)
    })
    .await
}

/// The backup with an id, if it is whole.
async fn find(session: &Session, id: &str) -> Result<Backup, Error> {
    let rows = database::backups(session).await?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(|| {
        Error::Usage(format!("there is no backup {id} of this database: undrift backup list"))
    })?;
    let backup = list::read(row).ok_or_else(|| {
        Error::Unready(format!("the backup {id} was made by a later undrift, which restores it"))
    })?;
    match backup.state {
        BackupState::Done => Ok(backup),
        BackupState::Running | BackupState::Failed => Err(Error::Unready(format!(
            "the backup {id} is not whole: it was interrupted or failed"
        ))),
    }
}

impl Place<'_> {
    /// Restores a dump; returns where to, and how to look at it.
    async fn restore_dump(
        &self,
        file: &std::path::Path,
        request: &RestoreRequest,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(String, String), Error> {
        let id = &request.id;
        match &request.to {
            RestoreTo::Default | RestoreTo::Instance(_) => Err(Error::Usage(format!(
                "say where the dump goes; what is there is never overwritten:\n  \
                 undrift backup restore {id} --into NEW_DATABASE   on the same server, for whoever may create one\n  \
                 undrift backup restore {id} --to-url URL          into an empty database anywhere\n  \
                 undrift backup restore {id} --in-place            where nothing that is in it is there"
            ))),
            RestoreTo::Database(name) => {
                let target = self.url.with_database(name);
                if !request.dry_run {
                    progress.busy(&format!("making the database {name}"));
                    let create = format!("CREATE DATABASE {} TEMPLATE template0", quoted(name));
                    self.session.run("making a database", &create).await?;
                    progress.busy(&format!("restoring into {name}"));
                    dump::put_back(file, &target, true, self).await?;
                }
                Ok((format!("the database {name}"), format!("undrift drift --against {target}")))
            }
            RestoreTo::Url(url) => {
                let target = DatabaseUrl::parse(url).map_err(project::Error::from)?;
                let session = datasource::connect(&target, self.settings).await?;
                let there = database::introspect(&session, None).await?;
                if !there.tables.is_empty() {
                    return Err(Error::Unready(format!(
                        "{target} is not empty, and nothing was changed: a dump goes into an empty database"
                    )));
                }
                if !request.dry_run {
                    progress.busy(&format!("restoring into {target}"));
                    dump::put_back(file, &target, false, self).await?;
                }
                Ok((target.to_string(), format!("undrift drift --against {target}")))
            }
            RestoreTo::InPlace => {
                self.session.ensure_writable()?;
                if !request.dry_run {
                    progress.busy("restoring");
                    dump::put_back(file, self.url, true, self).await?;
                }
                Ok((self.url.to_string(), "undrift status".to_owned()))
            }
        }
    }
}
