//! What is wrong between the files and the history.

use std::collections::BTreeSet;
use std::path::Path;

use database::{HistoryRow, HistoryState};
use project::Migration;

use super::original::{Origin, Original, in_git, in_text};

/// An applied migration whose file is not the one that was applied.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// Its row of the history.
    pub(super) row: HistoryRow,
    /// What is there instead.
    pub(super) now: Now,
    /// The file as it was applied, if it was found.
    pub(super) original: Option<Original>,
}

/// What is there instead of the file that was applied.
#[derive(Debug, Clone)]
pub(super) enum Now {
    /// Another text.
    Edited(Migration),
    /// The same under another name.
    Renamed(Migration),
    /// Nothing.
    Missing,
}

/// Compares the folder with the history.
pub(super) async fn findings(
    folder: &Path,
    migrations: &[Migration],
    rows: &[HistoryRow],
) -> Vec<Finding> {
    let applied: Vec<&HistoryRow> =
        rows.iter().filter(|row| row.state() == HistoryState::Applied).collect();
    let known: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.state() != HistoryState::RolledBack)
        .map(|row| row.migration_name.as_str())
        .collect();
    let mut findings = Vec::new();
    for row in &applied {
        let is_superseded = applied.iter().any(|other| {
            other.migration_name == row.migration_name && other.started_at > row.started_at
        });
        if is_superseded {
            continue;
        }
        let (name, checksum) = (&row.migration_name, &row.checksum);
        let superseded = migrations.iter().flat_map(Migration::superseded);
        let there = migrations.iter().chain(superseded).find(|it| it.name == *name);
        let (now, original) = match there {
            Some(migration) if migration.checksum == *checksum => continue,
            Some(migration) => {
                let by_encoding = in_text(&migration.script, checksum)
                    .map(|text| Original { text, origin: Origin::Encoding });
                (Now::Edited(migration.clone()), by_encoding)
            }
            None => {
                let unknown = migrations.iter().filter(|it| !known.contains(it.name.as_str()));
                let same: Vec<(&Migration, String)> =
                    unknown.filter_map(|it| Some((it, in_text(&it.script, checksum)?))).collect();
                match same.as_slice() {
                    // Of two with the same text nobody can tell which it is.
                    [(migration, text)] => {
                        let origin = Origin::Folder { name: migration.name.clone() };
                        let original = Original { text: text.clone(), origin };
                        (Now::Renamed((*migration).clone()), Some(original))
                    }
                    _ => (Now::Missing, None),
                }
            }
        };
        let original = match original {
            Some(original) => Some(original),
            None => in_git(folder, name, checksum).await,
        };
        findings.push(Finding { row: (*row).clone(), now, original });
    }
    findings
}
