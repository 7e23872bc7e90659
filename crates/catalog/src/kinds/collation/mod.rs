//! Collations made by `CREATE COLLATION`.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Name, Object};

/// A collation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collation {
    /// Its name.
    pub name: Name,
    /// What stands in the parentheses of `CREATE COLLATION`.
    pub definition: String,
    /// `COMMENT ON COLLATION`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Collation {
    type Id = Name;
    const KIND: &'static str = "collation";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, definition, comment } = self;
        let mut facts = Facts::default();
        facts.add("definition", definition);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
