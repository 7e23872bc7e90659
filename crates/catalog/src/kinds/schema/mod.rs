//! Schemas (`pg_namespace`).

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// `COMMENT ON SCHEMA`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Schema {
    /// Builds a schema of that name and nothing else.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), comment: None }
    }
}

impl Object for Schema {
    type Id = String;
    const KIND: &'static str = "schema";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> String {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, comment } = self;
        let mut facts = Facts::default();
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
