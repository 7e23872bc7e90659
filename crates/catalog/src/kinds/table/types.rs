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

    /// Builds a type from SQL text that is kept as it is, for types that the schema language does
    /// not know: its name has no schema and the text in place of the name.
    pub fn written(text: &str) -> Self {
        let (name, array) = match text.strip_suffix("[]") {
            Some(element) => (element, true),
            None => (text, false),
        };
        Self { name: Name::new("", name), arguments: Vec::new(), array }
    }

    /// Whether it is one of PostgreSQL's own types with that name in `pg_type`.
    pub fn is(&self, name: &str) -> bool {
        self.name.schema == "pg_catalog" && self.name.name == name
    }
}
