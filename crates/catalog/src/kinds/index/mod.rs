//! Indexes, those of unique constraints included. The index of a primary key belongs to its table.

use serde::{Deserialize, Serialize};

use crate::{Name, Object};

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Its name.
    pub name: Name,
    /// The table or materialized view.
    pub table: Name,
    /// The access method: `btree`, `hash`, `gist`, `gin`, `spgist`, `brin`, or of an extension.
    pub method: String,
    /// Whether it allows no two equal keys.
    pub unique: bool,
    /// The key columns, in order.
    pub keys: Vec<IndexKey>,
    /// `INCLUDE`.
    #[serde(default)]
    pub include: Vec<String>,
    /// `WHERE` as the server prints it.
    #[serde(default)]
    pub predicate: Option<String>,
    /// `NULLS NOT DISTINCT`.
    #[serde(default)]
    pub nulls_not_distinct: bool,
    /// The constraint it serves, when it was made as one.
    #[serde(default)]
    pub constraint: Option<UniqueConstraint>,
    /// False for what a broken `CREATE INDEX CONCURRENTLY` leaves behind.
    pub valid: bool,
    /// Storage parameters, `key=value`, sorted.
    #[serde(default)]
    pub options: Vec<String>,
    /// `COMMENT ON INDEX`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// When a unique constraint is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueConstraint {
    /// `DEFERRABLE`.
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`.
    pub initially_deferred: bool,
}

/// A key column of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexKey {
    /// The column, or nothing for an expression.
    #[serde(default)]
    pub column: Option<String>,
    /// The expression as the server prints it, or nothing for a column.
    #[serde(default)]
    pub expression: Option<String>,
    /// The operator class, when it is not the default one of the type.
    #[serde(default)]
    pub operator_class: Option<String>,
    /// The collation, when it is not the column's.
    #[serde(default)]
    pub collation: Option<Name>,
    /// `DESC`.
    #[serde(default)]
    pub descending: bool,
    /// `NULLS FIRST`; the default is true for `DESC` and false otherwise.
    #[serde(default)]
    pub nulls_first: bool,
}

impl Object for Index {
    type Id = Name;
    const KIND: &'static str = "index";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }
}
