//! Kinds of backup, as flags and `undrift.toml` name them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupKind {
    /// A snapshot of the RDS instance or Aurora cluster.
    Snapshot,
    /// The time that RDS can restore to.
    PointInTime,
    /// `pg_dump` of the whole database, in its custom format.
    Dump,
    /// `pg_dump` of the tables that the pending migrations touch.
    DumpTouched,
    /// Copies of the rows and values that the pending migrations take away or change, in the schema
    /// `undrift_backup`.
    Rows,
}

impl BackupKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Snapshot, Self::PointInTime, Self::Dump, Self::DumpTouched, Self::Rows];
}

impl fmt::Display for BackupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Snapshot => "snapshot",
            Self::PointInTime => "point-in-time",
            Self::Dump => "dump",
            Self::DumpTouched => "dump-touched",
            Self::Rows => "rows",
        })
    }
}

impl FromStr for BackupKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.to_string() == text).ok_or_else(|| {
            let all: Vec<String> = Self::ALL.iter().map(ToString::to_string).collect();
            format!("there is no kind of backup {text}; there are {}", all.join(", "))
        })
    }
}
