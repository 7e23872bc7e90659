//! Sequences (`pg_sequence`).

use serde::{Deserialize, Serialize};

use crate::{Name, Object};

/// A sequence; its current value is data and not part of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its name.
    pub name: Name,
    /// `bigint`, `integer` or `smallint`.
    pub data_type: String,
    /// `START WITH`.
    pub start: i64,
    /// `INCREMENT BY`.
    pub increment: i64,
    /// `MINVALUE`.
    pub minimum: i64,
    /// `MAXVALUE`.
    pub maximum: i64,
    /// `CACHE`.
    pub cache: i64,
    /// `CYCLE`.
    pub cycle: bool,
    /// The column it belongs to (`OWNED BY`), dropped together with it.
    #[serde(default)]
    pub owned_by: Option<OwningColumn>,
    /// `COMMENT ON SEQUENCE`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// A column that owns a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwningColumn {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
}

impl Object for Sequence {
    type Id = Name;
    const KIND: &'static str = "sequence";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }
}
