//! Names and literals on their way into SQL: the only place where they are quoted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The qualified name of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Name {
    /// The schema that holds the object.
    pub schema: String,
    /// The object's own name.
    pub name: String,
}

impl Name {
    /// Builds a name of its two parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }
}

/// The name as a person reads it, `schema.name`; not for SQL.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// Returns the identifier in double quotes, ready for SQL.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Returns the text as an SQL string literal, for sessions with `standard_conforming_strings` on,
/// which is PostgreSQL's default and what every session of undrift sets.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{literal, quoted};

    #[test]
    fn quotes_inside_are_doubled() {
        assert_eq!(quoted("we\"ird"), "\"we\"\"ird\"");
        assert_eq!(literal("it's"), "'it''s'");
    }
}
