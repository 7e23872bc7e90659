//! The migrations in the order of time: those of the history table, then those that are still to come.

use std::collections::BTreeSet;

use database::{HistoryRow, HistoryState};
use project::{Migration, Project};
use serde::Serialize;

use crate::status::Migrations;
use crate::{Described, Error, Progress, Settings, datasource};

/// The history of a database, and what of the folder it has not.
#[derive(Debug, Clone, Serialize)]
pub struct Timeline {
    /// The database.
    pub datasource: Described,
    /// Whether it has a history table.
    pub has_history_table: bool,
    /// What happened, oldest first, then what is pending, in the order in which it will be applied.
    pub events: Vec<Event>,
}

/// A migration on a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The migration.
    pub migration: String,
    /// How it stands.
    pub standing: Standing,
    /// When it began, UTC, as the server prints it.
    pub started_at: Option<String>,
    /// When it was done.
    pub finished_at: Option<String>,
    /// How many milliseconds it took, if it ended on the day on which it began.
    pub took_ms: Option<u64>,
    /// When it was marked as rolled back.
    pub rolled_back_at: Option<String>,
    /// Whether it was only recorded: no statement of it was run by a deploy.
    pub only_recorded: bool,
    /// Whether its file changed after it was applied.
    pub is_edited: bool,
    /// Whether the folder has no such migration.
    pub is_missing: bool,
    /// Whether it is pending though later ones are applied.
    pub is_out_of_order: bool,
    /// The error it failed with; empty if there is none. Passwords are blanked out.
    pub log: String,
}

/// How a migration stands on a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is in the database.
    Applied,
    /// It is not, yet.
    Pending,
    /// It failed.
    Failed,
    /// It was cut off, and the next deploy goes on with it.
    Interrupted,
    /// It was taken back.
    RolledBack,
}

/// Reads the history of the project's database. Changes nothing.
///
/// # Errors
/// When the folder cannot be read or the database not be reached.
pub async fn timeline(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Timeline, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        progress.busy("reading the history");
        let folder = project::read_migrations(&project.migrations_folder)?.migrations;
        let session = datasource::connect(&url, settings).await?;
        let rows = database::history(&session).await?;
        Ok(Timeline {
            datasource: datasource::describe(project, &url),
            has_history_table: rows.is_some(),
            events: events(&folder, rows.as_deref()),
        })
    })
    .await
}

fn events(folder: &[Migration], rows: Option<&[HistoryRow]>) -> Vec<Event> {
    let found = Migrations::compare(folder, rows);
    let edited: BTreeSet<&str> = found.edited.iter().map(|it| it.name.as_str()).collect();
    let recorded = |row: &HistoryRow| {
        let standing = match row.state() {
            HistoryState::Applied => Standing::Applied,
            HistoryState::RolledBack => Standing::RolledBack,
            HistoryState::Failed => Standing::Failed,
            HistoryState::Interrupted => Standing::Interrupted,
        };
        let name = &row.migration_name;
        let is_applied = standing == Standing::Applied;
        let log = if standing == Standing::Failed { row.logs.as_deref() } else { None };
        Event {
            migration: name.clone(),
            standing,
            started_at: Some(row.started_at.clone()),
            finished_at: row.finished_at.clone(),
            took_ms: row.finished_at.as_deref().and_then(|end| between(&row.started_at, end)),
            rolled_back_at: row.rolled_back_at.clone(),
            only_recorded: is_applied && row.applied_steps_count == 0,
            is_edited: is_applied && edited.contains(name.as_str()),
            is_missing: is_applied && found.missing.contains(name),
            is_out_of_order: false,
            log: script::without_passwords(log.unwrap_or_default()).into_owned(),
        }
    };
    let pending = found.pending.iter().map(|name| Event {
        migration: name.clone(),
        standing: Standing::Pending,
        started_at: None,
        finished_at: None,
        took_ms: None,
        rolled_back_at: None,
        only_recorded: false,
        is_edited: false,
        is_missing: false,
        is_out_of_order: found.out_of_order.contains(name),
        log: String::new(),
    });
    rows.unwrap_or_default().iter().map(recorded).chain(pending).collect()
}

/// The milliseconds between two times of one day, as the server prints them.
fn between(start: &str, end: &str) -> Option<u64> {
    let of_day = |time: &str| -> Option<u64> {
        let (clock, milliseconds) = time.split_once('.')?;
        let seconds =
            clock.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?));
        Some(seconds? * 1000 + milliseconds.parse::<u64>().ok()?)
    };
    let ((day, start), (end_day, end)) = (start.split_once(' ')?, end.split_once(' ')?);
    (day == end_day).then(|| of_day(end)?.checked_sub(of_day(start)?)).flatten()
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn milliseconds_are_counted_within_a_day() {
        let start = "2026-11-23 10:42:34.203";
        assert_eq!(between(start, "2026-11-23 10:43:35.003"), Some(60_800));
        assert_eq!(between(start, "2026-11-24 10:43:35.003"), None);
        assert_eq!(between(start, "2026-11-23 10:42:34.200"), None);
        assert_eq!(between("?", ""), None);
    }
}
