//! Sequences (`pg_sequence`).

mod ddl;

use serde::{Deserialize, Serialize};

use crate::drift::PartOf;
use crate::facts::Facts;
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
    /// `UNLOGGED`, which sequences can be since PostgreSQL 15.
    #[serde(default)]
    pub unlogged: bool,
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

    fn facts(&self) -> Facts {
        let Self {
            name: _,
            data_type,
            start,
            increment,
            minimum,
            maximum,
            cache,
            cycle,
            unlogged,
            owned_by,
            comment,
        } = self;
        let mut facts = Facts::default();
        facts.add("data_type", data_type);
        facts.add("start", start.to_string());
        facts.add("increment", increment.to_string());
        facts.add("minimum", minimum.to_string());
        facts.add("maximum", maximum.to_string());
        facts.add("cache", cache.to_string());
        facts.flag("cycle", *cycle);
        facts.flag("unlogged", *unlogged);
        let owner = owned_by.as_ref().map(|owner| format!("{}.{}", owner.table, owner.column));
        facts.maybe("owned_by", owner);
        facts.maybe("comment", comment.as_deref());
        facts
    }

    fn part_of(&self) -> Option<PartOf> {
        let OwningColumn { table, column } = self.owned_by.clone()?;
        Some(PartOf { table, column: Some(column) })
    }
}
