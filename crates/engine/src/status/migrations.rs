//! The folder of migrations against the history table.

use std::collections::{BTreeMap, BTreeSet};

use database::{HistoryRow, HistoryState};
use project::{Due, Migration};
use serde::Serialize;

/// The answer to question 1. Every list holds names of migrations in the order of the folder, or
/// of the history table where the folder does not have them.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Migrations {
    /// Whether the database has a history table.
    pub has_history_table: bool,
    /// Whether there is none though there are tables, so that a deploy would be refused (P3005) until
    /// it is said which migrations the database already holds.
    pub needs_baseline: bool,
    /// Applied.
    pub applied: Vec<String>,
    /// In the folder, not applied.
    pub pending: Vec<String>,
    /// Begun and not finished.
    pub failed: Vec<Failed>,
    /// Applied, and the file has changed since.
    pub edited: Vec<Edited>,
    /// Applied, and not in the folder.
    pub missing: Vec<String>,
    /// Pending, though later ones are applied.
    pub out_of_order: Vec<String>,
}

impl Migrations {
    /// Compares the migrations of the folder with the rows of the history table, oldest first.
    pub(crate) fn compare(folder: &[Migration], rows: Option<&[HistoryRow]>) -> Self {
        let mut found = Self { has_history_table: rows.is_some(), ..Self::default() };
        let rows = rows.unwrap_or_default().iter();
        let rows: Vec<&HistoryRow> =
            rows.filter(|row| row.state() != HistoryState::RolledBack).collect();
        let by_name: BTreeMap<&str, &HistoryRow> =
            rows.iter().map(|row| (row.migration_name.as_str(), *row)).collect();
        let mut only_recorded = BTreeSet::new();
        for due in project::unfold(folder, &|name| by_name.contains_key(name)) {
            let migration = due.migration();
            if let Due::Record(squashed) = due {
                only_recorded.insert(&squashed.name);
            }
            match by_name.get(migration.name.as_str()) {
                None => found.pending.push(migration.name.clone()),
                Some(row) if row.state() != HistoryState::Applied => {}
                Some(row) => {
                    found.applied.push(migration.name.clone());
                    if row.checksum != migration.checksum {
                        found.edited.push(Edited {
                            name: migration.name.clone(),
                            applied_checksum: row.checksum.clone(),
                            checksum: migration.checksum.clone(),
                        });
                    }
                }
            }
        }
        let superseded = folder.iter().flat_map(Migration::superseded);
        let names: BTreeSet<&str> =
            folder.iter().chain(superseded).map(|migration| migration.name.as_str()).collect();
        for row in rows {
            let name = &row.migration_name;
            match row.state() {
                HistoryState::Failed | HistoryState::Interrupted => found.failed.push(Failed {
                    name: name.clone(),
                    started_at: row.started_at.clone(),
                    log: match row.state() {
                        HistoryState::Failed => row.logs.clone().unwrap_or_default(),
                        HistoryState::Interrupted
                        | HistoryState::Applied
                        | HistoryState::RolledBack => String::new(),
                    },
                    is_resumable: row.state() == HistoryState::Interrupted,
                }),
                HistoryState::Applied if !names.contains(name.as_str()) => {
                    found.missing.push(name.clone());
                }
                HistoryState::Applied | HistoryState::RolledBack => {}
            }
        }
        let last = found.applied.iter().chain(&found.missing).max().cloned();
        let is_older = |name: &&String| last.as_ref().is_some_and(|last| *name < last);
        let is_run = |name: &&String| !only_recorded.contains(*name);
        let older = found.pending.iter().filter(is_older).filter(is_run);
        found.out_of_order = older.cloned().collect();
        found
    }

    /// Those of the folder's migrations that are applied; of a squashed one that is not, those that it
    /// supersedes.
    pub(crate) fn applied_in(&self, folder: &[Migration]) -> Vec<Migration> {
        let names: BTreeSet<&str> = self.applied.iter().map(String::as_str).collect();
        let due = project::unfold(folder, &|name| names.contains(name)).into_iter();
        let applied = due.map(Due::migration).filter(|it| names.contains(it.name.as_str()));
        applied.cloned().collect()
    }

    /// Whether the folder and the history table agree, and there is one.
    pub fn is_in_sync(&self) -> bool {
        let Self {
            has_history_table,
            needs_baseline: _,
            applied: _,
            pending,
            failed,
            edited,
            missing,
            out_of_order: _,
        } = self;
        *has_history_table
            && pending.is_empty()
            && failed.is_empty()
            && edited.is_empty()
            && missing.is_empty()
    }
}

/// A migration that was begun and not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// When it was begun, as the server prints it.
    pub started_at: String,
    /// The error that was recorded; empty when it was cut off before it could be.
    pub log: String,
    /// Whether it was cut off between statements that cannot be one transaction, so that the next
    /// deploy goes on with it.
    pub is_resumable: bool,
}

/// A migration whose file changed after it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Edited {
    /// Its name.
    pub name: String,
    /// SHA-256 of the file that was applied, in hex.
    pub applied_checksum: String,
    /// SHA-256 of the file as it is.
    pub checksum: String,
}
