//! What is kept of a backup of each kind, and how it is restored.

use std::fmt;
use std::path::PathBuf;

use project::BackupKind;
use serde::{Deserialize, Serialize};

/// What was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Kept {
    /// Nothing, since nothing would be lost or touched.
    Nothing {
        /// Why.
        reason: String,
    },
    /// Copies of rows.
    Rows {
        /// The copies.
        copies: Vec<CopiedTable>,
    },
    /// A file of `pg_dump`.
    Dump {
        /// Where it is, on the machine that made it.
        file: PathBuf,
        /// Its length.
        bytes: u64,
        /// SHA-256 of it, in hexadecimal.
        sha256: String,
        /// The tables that are in it; all if none is named.
        tables: Vec<String>,
    },
    /// A snapshot.
    Snapshot {
        /// Its identifier.
        identifier: String,
        /// Its ARN, once RDS has told it.
        arn: Option<String>,
        /// What it is of.
        source: Source,
    },
    /// A time.
    PointInTime {
        /// The time to restore to, in UTC.
        time: String,
        /// Until when RDS could restore at that time; a few minutes before.
        latest_restorable: String,
        /// What it is of.
        source: Source,
    },
}

/// What RDS calls a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The identifier of the instance, or of the cluster.
    pub identifier: String,
    /// Whether it is a cluster.
    pub is_cluster: bool,
    /// `postgres`, `aurora-postgresql`.
    pub engine: String,
    /// The region.
    pub region: String,
}

/// The copy of a table, or of a column with the primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedTable {
    /// The schema of the table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column, if it is not the whole table.
    pub column: Option<String>,
    /// The columns that the copy has.
    pub columns: Vec<String>,
    /// The copy's name, in the schema `undrift_backup`.
    pub copy: String,
    /// How many rows it has.
    pub rows: u64,
    /// A sum over all its rows.
    pub checksum: String,
}

impl fmt::Display for CopiedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, table, column, rows, .. } = self;
        match column {
            Some(column) => write!(f, "column {column} of {schema}.{table} with {rows} values"),
            None => write!(f, "table {schema}.{table} with {rows} rows"),
        }
    }
}

impl Kept {
    /// Which kind of backup it is of; none if nothing was kept.
    pub fn kind(&self) -> Option<BackupKind> {
        Some(match self {
            Self::Nothing { .. } => return None,
            Self::Rows { .. } => BackupKind::Rows,
            Self::Dump { tables, .. } if tables.is_empty() => BackupKind::Dump,
            Self::Dump { .. } => BackupKind::DumpTouched,
            Self::Snapshot { .. } => BackupKind::Snapshot,
            Self::PointInTime { .. } => BackupKind::PointInTime,
        })
    }

    /// The commands that restore it. What stands in capitals is to be chosen.
    pub fn restore(&self, id: &str) -> Vec<String> {
        match self {
            Self::Nothing { .. } => Vec::new(),
            Self::Rows { .. } => vec![format!("undrift backup restore {id}")],
            Self::Dump { file, tables, .. } => {
                let mut commands =
                    vec![format!("undrift backup restore {id} --into restored_{id}")];
                if !tables.is_empty() {
                    commands.push(format!("undrift backup restore {id} --in-place"));
                }
                commands.push(format!("pg_restore --list {}", shell(&file.display().to_string())));
                commands
            }
            Self::Snapshot { identifier, source, .. } => {
                let Source { is_cluster, engine, region, .. } = source;
                let new = format!("restored-{id}");
                let aws = if *is_cluster {
                    format!(
                        "aws rds restore-db-cluster-from-snapshot --region {region} --engine {engine} \
                         --snapshot-identifier {identifier} --db-cluster-identifier {new}"
                    )
                } else {
                    format!(
                        "aws rds restore-db-instance-from-db-snapshot --region {region} \
                         --db-snapshot-identifier {identifier} --db-instance-identifier {new}"
                    )
                };
                vec![format!("undrift backup restore {id} --new-instance {new}"), aws]
            }
            Self::PointInTime { time, source, .. } => {
                let Source { identifier, is_cluster, region, .. } = source;
                let new = format!("restored-{id}");
                let aws = if *is_cluster {
                    format!(
                        "aws rds restore-db-cluster-to-point-in-time --region {region} \
                         --source-db-cluster-identifier {identifier} --db-cluster-identifier {new} \
                         --restore-to-time {time}"
                    )
                } else {
                    format!(
                        "aws rds restore-db-instance-to-point-in-time --region {region} \
                         --source-db-instance-identifier {identifier} \
                         --target-db-instance-identifier {new} --restore-time {time}"
                    )
                };
                vec![format!("undrift backup restore {id} --new-instance {new}"), aws]
            }
        }
    }
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// As a person reads it.
impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { reason } => write!(f, "nothing: {reason}"),
            Self::Rows { copies } => {
                let copies: Vec<String> = copies.iter().map(ToString::to_string).collect();
                write!(f, "rows: {}", copies.join(", "))
            }
            Self::Dump { file, bytes, tables, .. } => {
                let what = if tables.is_empty() { "all".to_owned() } else { tables.join(", ") };
                write!(f, "dump of {what}: {} ({bytes} bytes)", file.display())
            }
            Self::Snapshot { identifier, source, .. } => {
                let what = if source.is_cluster { "cluster" } else { "instance" };
                write!(f, "snapshot {identifier} of the {what} {}", source.identifier)
            }
            Self::PointInTime { time, source, .. } => {
                write!(f, "point in time {time} of {}", source.identifier)
            }
        }
    }
}
