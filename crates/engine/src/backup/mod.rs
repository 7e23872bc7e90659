//! Backups before a deploy, and how to get back from them.
//!
//! Four kinds: a [snapshot] of RDS or Aurora, or the time that these can restore to; a [dump] by `pg_dump`;
//! copies of [rows] in the database itself. Each is written down in undrift's own table before it is begun
//! and again when it is whole, so that one that was cut off is known as such. A deploy goes on only behind
//! one that is whole.

mod dump;
mod kept;
mod list;
mod prune;
mod restore;
mod rows;
mod snapshot;

use std::path::PathBuf;
use std::time::Duration;

use database::{BackupState, Cancel, Session};
use project::{BackupKind, DatabaseUrl, Environments, Migration, Project};
use serde::{Deserialize, Serialize};

pub use kept::{CopiedTable, Kept, Source};
pub use list::{Backups, backups};
pub use prune::{PruneRequest, Pruned, prune};
pub use restore::{RestoreRequest, RestoreTo, Restored, RestoredTable, restore};

use crate::pending::Pending;
use crate::{Described, Error, Progress, Settings, datasource};

/// How a backup is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRequest {
    /// The kind; none for a snapshot of what is on RDS, and a dump of everything else.
    pub kind: Option<BackupKind>,
    /// Only these tables, of a dump or of rows: as `schema.table`, or `table` in the schema of the URL.
    pub tables: Vec<String>,
    /// Where dumps are written; `.undrift/backups` in the current directory if none is given.
    pub folder: Option<PathBuf>,
    /// How long a snapshot may take.
    pub patience: Duration,
    /// The RDS instance, where the host's name does not tell it.
    pub instance: Option<String>,
}

impl Default for BackupRequest {
    fn default() -> Self {
        Self {
            kind: None,
            tables: Vec::new(),
            folder: None,
            patience: Duration::from_hours(2),
            instance: None,
        }
    }
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Its id.
    pub id: String,
    /// How far it got.
    pub state: BackupState,
    /// When it was begun, in UTC.
    pub started_at: String,
    /// When it was done.
    pub finished_at: Option<String>,
    /// How old it is, in seconds.
    pub age: i64,
    /// What it is.
    #[serde(flatten)]
    pub made: Made,
    /// The commands that restore it.
    pub restore: Vec<String>,
}

/// What is written down about a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The migrations that were pending.
    pub migrations: Vec<String>,
    /// A hash of them.
    pub plan: String,
    /// What was kept; until it is whole, what there is of it.
    pub kept: Kept,
}

/// A backup that was made by itself.
#[derive(Debug, Clone, Serialize)]
pub struct BackedUp {
    /// The database.
    pub datasource: Described,
    /// The backup.
    pub backup: Backup,
}

/// Makes a backup.
///
/// # Errors
/// When the database or RDS cannot be reached, refuses, or the backup is not whole in time.
pub async fn backup(
    project: &Project,
    settings: &Settings,
    request: &BackupRequest,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<BackedUp, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
        let datasource = datasource::describe(project, &url);
        progress.datasource(&datasource);
        let session = datasource::connect(&url, settings).await?;
        let place = Place { url: &url, settings, session: &session, cancel: &cancel };
        let backup = place.take(request, &migrations, progress).await?;
        Ok(BackedUp { datasource, backup })
    })
    .await
}

/// Makes the backup that a deploy is to have: what was asked for, or what the environment in `undrift.toml`
/// says. None where neither does, or nothing is pending.
///
/// # Errors
/// When it could not be made whole.
pub(crate) async fn before_deploy(
    place: &Place<'_>,
    request: Option<&BackupRequest>,
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<Option<Backup>, Error> {
    let environment = environment(place.url, place.settings)?;
    let request = match (request, environment.backup) {
        (Some(request), _) => request.clone(),
        (None, Some(kind)) => BackupRequest { kind: Some(kind), ..BackupRequest::default() },
        (None, None) => return Ok(None),
    };
    let rows = database::history(place.session).await?;
    let pending = Pending::of(migrations, rows.as_deref(), &place.session.server().schema);
    if pending.migrations.is_empty() {
        return Ok(None);
    }
    let backup = place.take(&request, migrations, progress).await?;
    progress.backed_up(&backup);
    Ok(Some(backup))
}

/// What `undrift.toml` says of a database.
pub(crate) fn environment(
    url: &DatabaseUrl,
    settings: &Settings,
) -> Result<project::Environment, Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    Ok(environments.class_of(url))
}

/// Where a backup is made.
pub(crate) struct Place<'a> {
    pub(crate) url: &'a DatabaseUrl,
    pub(crate) settings: &'a Settings,
    pub(crate) session: &'a Session,
    pub(crate) cancel: &'a Cancel,
}

impl Place<'_> {
    /// Makes a backup, and writes down how it went. Nothing is returned but what is whole.
    ///
    /// # Errors
    /// When it could not be made whole.
    pub(crate) async fn take(
        &self,
        request: &BackupRequest,
        migrations: &[Migration],
        progress: &mut (dyn Progress + '_),
    ) -> Result<Backup, Error> {
        let session = self.session;
        session.ensure_writable()?;
        let rows = database::history(session).await?;
        let pending = Pending::of(migrations, rows.as_deref(), &session.server().schema);
        let mut made = Made {
            migrations: pending.migrations.iter().map(|it| it.name.clone()).collect(),
            plan: pending.hash(),
            kept: Kept::Nothing { reason: "it was only begun".to_owned() },
        };
        let kind = match request.kind {
            Some(kind) => kind,
            None if snapshot::is_offered(self) => BackupKind::Snapshot,
            None => BackupKind::Dump,
        };
        let id = match database::begin_backup(session, &json(&made)).await {
            Err(database::Error::Server { cause, .. }) if cause.sqlstate == "42501" => {
                return Err(Error::Unready(self.no_place(&cause.message)));
            }
            begun => begun?,
        };
        let taken = match kind {
            BackupKind::Rows => self.take_rows(&id, request, &pending, progress).await,
            BackupKind::Dump => self.take_dump(&id, request, None, progress).await,
            BackupKind::DumpTouched => self.take_dump(&id, request, Some(&pending), progress).await,
            BackupKind::Snapshot => self.take_snapshot(&id, request, &mut made, progress).await,
            BackupKind::PointInTime => self.mark_time(request, progress).await,
        };
        let (state, outcome) = match taken {
            Ok(kept) => {
                made.kept = kept;
                (BackupState::Done, Ok(()))
            }
            Err(error) => (BackupState::Failed, Err(error)),
        };
        let script = database::finishing_backup(&id, state, &json(&made));
        let written = session.run("writing down how the backup went", &script).await;
        outcome?;
        written?;
        let all = database::backups(session).await?;
        let row = all.into_iter().find(|row| row.id == id);
        let backup = row.and_then(|row| list::read(&row));
        backup.ok_or_else(|| Error::Unready(format!("the backup {id} is gone from undrift_backup")))
    }

    /// Why there is no place for undrift's own table, and what to do.
    fn no_place(&self, cause: &str) -> String {
        let server = self.session.server();
        format!(
            "undrift writes down its backups in the schema undrift_backup, which {} may not make or use \
             ({cause}). Nothing was changed. As the owner of the database:\n  \
             GRANT CREATE ON DATABASE {} TO {};",
            server.user,
            catalog::quoted(&server.database),
            catalog::quoted(&server.user)
        )
    }
}

fn json(made: &Made) -> String {
    // It has texts, numbers and lists alone, which always can be written.
    serde_json::to_string(made).unwrap_or_default()
}
