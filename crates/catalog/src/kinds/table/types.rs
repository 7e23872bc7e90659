//! The type of a column.

use serde::{Deserialize, Serialize};

use crate::Name;

/// A type as a column has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnType {
    /// The type's name in `pg_type`, of the element for an array: `pg_catalog.int4`, `public.Role`.
    pub name: Name,
    /// What stands in parentheses: `["10", "2"]` for `numeric(10,2)`; empty when nothing does.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Whether it is an array; PostgreSQL does not enforce how many dimensions.
    #[serde(default)]
    pub array: bool,
}

impl ColumnType {
    /// Builds a type of PostgreSQL's own, by its name in `pg_type`.
    pub fn builtin(name: &str, arguments: &[u32]) -> Self {
        Self {
            name: Name::new("pg_catalog", name),
            arguments: arguments.iter().map(u32::to_string).collect(),
            array: false,
        }
    }
}
