//! `migrate resolve`: what the history says about a migration, put right by hand.

use database::{Cancel, HistoryState, Session};
use project::{DatabaseUrl, Project};
use serde::Serialize;

use crate::deploy::Deployer;
use crate::{Error, Progress, Settings, datasource};

/// What is to be recorded of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// It is in the database.
    Applied(String),
    /// Nothing of it is left in the database.
    RolledBack(String),
}

/// What was recorded.
#[derive(Debug, Clone, Serialize)]
pub struct Resolved {
    /// The database.
    pub datasource: datasource::Described,
    /// The migration.
    pub migration: String,
    /// What it is marked as.
    pub marked: Mark,
}

/// What a migration is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It is in the database.
    Applied,
    /// Nothing of it is left in the database.
    RolledBack,
}

/// Records that a migration is in the database, or that nothing of it is left there. Runs none of it.
///
/// # Errors
/// When there is no such migration, or the history says something else about it.
pub async fn resolve(
    project: &Project,
    settings: &Settings,
    resolution: &Resolution,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Resolved, Error> {
    datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
        let described = datasource::describe(project, &url);
        progress.datasource(&described);
        let session = datasource::connect(&url, settings).await?;
        session.ensure_writable().await?;
        let deployer = Deployer::new(Vec::new(), settings, cancel);
        deployer.lock(&session, progress).await?;
        let outcome = match resolution {
            Resolution::Applied(name) => mark_applied(&session, project, name).await,
            Resolution::RolledBack(name) => mark_rolled_back(&session, name).await,
        };
        let unlocked = deployer.unlock(&session).await;
        outcome?;
        unlocked?;
        let (migration, marked) = match resolution {
            Resolution::Applied(name) => (name.clone(), Mark::Applied),
            Resolution::RolledBack(name) => (name.clone(), Mark::RolledBack),
        };
        Ok(Resolved { datasource: described, migration, marked })
    })
    .await
}

async fn mark_applied(session: &Session, project: &Project, name: &str) -> Result<(), Error> {
    let folder = project::read_migrations(&project.migrations_folder)?;
    // A database that stands among those that were squashed has to do with them.
    let superseded = folder.migrations.iter().flat_map(project::Migration::superseded);
    let mut all = folder.migrations.iter().chain(superseded);
    let Some(migration) = all.find(|migration| migration.name == name) else {
        return Err(refusal(
            "P3017",
            format!(
                "The migration {name} could not be found. Please make sure that the migration \
                 exists, and that you included the whole name of the directory. (example: \
                 \"20201207184859_initial_migration\")"
            ),
        ));
    };
    let rows = if let Some(rows) = database::history(session).await? {
        rows
    } else {
        database::create_history(session).await?;
        Vec::new()
    };
    let is_applied =
        rows.iter().any(|row| row.migration_name == name && row.state() == HistoryState::Applied);
    if is_applied {
        return Err(refusal(
            "P3008",
            format!("The migration `{name}` is already recorded as applied in the database."),
        ));
    }
    if migration.supersedes.is_empty() {
        return Ok(database::mark_applied(session, name, &migration.checksum).await?);
    }
    Ok(database::record_squash(session, migration).await?)
}

async fn mark_rolled_back(session: &Session, name: &str) -> Result<(), Error> {
    // Without a history table nothing was ever applied; Prisma breaks off with an internal error.
    let rows = database::history(session).await?.unwrap_or_default();
    let mut states =
        rows.iter().filter(|row| row.migration_name == name).map(database::HistoryRow::state);
    let Some(first) = states.next() else {
        return Err(refusal(
            "P3011",
            format!(
                "Migration `{name}` cannot be rolled back because it was never applied to the \
                 database. Hint: did you pass in the whole migration name? (example: \
                 \"20201207184859_initial_migration\")"
            ),
        ));
    };
    if first == HistoryState::Applied && states.all(|state| state == HistoryState::Applied) {
        return Err(refusal(
            "P3012",
            format!(
                "Migration `{name}` cannot be rolled back because it is not in a failed state."
            ),
        ));
    }
    database::mark_rolled_back(session, name).await?;
    Ok(())
}

fn refusal(code: &'static str, message: String) -> Error {
    database::Error::Resolve { code, message }.into()
}
