//! Indexes, those of unique constraints included. The index of a primary key belongs to its table.

pub(in crate::kinds) mod ddl;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object, quoted, settled};

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
    /// The index of the partitioned table that it is a part of.
    #[serde(default)]
    pub parent: Option<Name>,
    /// Storage parameters, `key=value`, sorted; also `tablespace=…`, when other than by default.
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
    /// `WITHOUT OVERLAPS` of its last column, from PostgreSQL 18 on.
    #[serde(default)]
    pub without_overlaps: bool,
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

/// As `CREATE INDEX` has it.
impl fmt::Display for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, expression, operator_class, collation, descending, nulls_first } = self;
        match (column, expression) {
            (Some(column), _) => f.write_str(&quoted(column))?,
            (None, Some(expression)) => f.write_str(expression)?,
            (None, None) => {}
        }
        if let Some(Name { schema, name }) = collation {
            write!(f, " COLLATE {}.{}", quoted(schema), quoted(name))?;
        }
        if let Some(class) = operator_class {
            write!(f, " {class}")?;
        }
        f.write_str(match (descending, nulls_first) {
            (false, false) => "",
            (false, true) => " NULLS FIRST",
            (true, true) => " DESC",
            (true, false) => " DESC NULLS LAST",
        })
    }
}

/// As a table constraint has it.
impl fmt::Display for UniqueConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deferrable, initially_deferred, without_overlaps } = self;
        f.write_str("UNIQUE")?;
        if *without_overlaps {
            f.write_str(" WITHOUT OVERLAPS")?;
        }
        if *deferrable {
            f.write_str(" DEFERRABLE")?;
        }
        if *initially_deferred {
            f.write_str(" INITIALLY DEFERRED")?;
        }
        Ok(())
    }
}

impl Object for Index {
    type Id = Name;
    const KIND: &'static str = "index";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self {
            name: _,
            table,
            method,
            unique,
            keys,
            include,
            predicate,
            nulls_not_distinct,
            constraint,
            valid,
            parent,
            options,
            comment,
        } = self;
        let mut facts = Facts::default();
        facts.add("table", table.to_string());
        facts.add("method", method);
        facts.add("unique", unique.to_string());
        facts.list("keys", &keys.iter().map(IndexKey::to_string).collect::<Vec<_>>());
        facts.list("include", include);
        facts.maybe("predicate", predicate.as_deref());
        facts.flag("nulls_not_distinct", *nulls_not_distinct);
        facts.maybe("constraint", constraint.as_ref().map(UniqueConstraint::to_string));
        facts.add("valid", valid.to_string());
        facts.maybe("part_of", parent.as_ref().map(ToString::to_string));
        facts.list("options", options);
        facts.maybe("comment", comment.as_deref());
        facts
    }

    fn part_of(&self) -> Option<PartOf> {
        Some(PartOf { table: self.table.clone(), column: None })
    }

    fn understood(mut self) -> Self {
        self.predicate = self.predicate.take().map(|text| settled(&text));
        for key in &mut self.keys {
            key.expression = key.expression.take().map(|text| settled(&text));
        }
        self
    }
}
