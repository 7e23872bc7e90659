//! Catalogs as files that can be kept and read again by a later version.

use serde::{Deserialize, Serialize};

use crate::Catalog;

/// The version of the form that [`write`] writes; raised when an older undrift would misread it.
const VERSION: u32 = 3;

/// Why a text is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The text is not JSON, or not that of a snapshot.
    #[error("reading the snapshot: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A later undrift wrote it.
    #[error("reading the snapshot: it has version {found}, this undrift reads up to {VERSION}")]
    Newer {
        /// The version it says it has.
        found: u32,
    },
}

#[derive(Deserialize)]
struct Head {
    undrift_snapshot: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    undrift_snapshot: u32,
    server_version: &'a str,
    catalog: &'a Catalog,
}

#[derive(Deserialize)]
struct Read {
    catalog: Catalog,
}

/// Returns the catalog as indented JSON, with the version of the server it was read from.
#[expect(clippy::expect_used, reason = "the values are ours")]
pub fn write(catalog: &Catalog, server_version: &str) -> String {
    let written = Written { undrift_snapshot: VERSION, server_version, catalog };
    serde_json::to_string_pretty(&written).expect("a catalog has no map whose keys are not texts")
}

/// Returns the catalog of a text that [`write()`] wrote.
///
/// # Errors
/// When the text is something else, or a later version's.
pub fn read(text: &str) -> Result<Catalog, SnapshotError> {
    let Head { undrift_snapshot: found } = serde_json::from_str(text)?;
    if found > VERSION {
        return Err(SnapshotError::Newer { found });
    }
    let Read { catalog } = serde_json::from_str(text)?;
    Ok(catalog)
}
