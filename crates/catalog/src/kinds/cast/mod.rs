//! Casts made by `CREATE CAST`.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;

/// A cast between two types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// The two types as the server prints them: `text AS public.role`.
    pub name: String,
    /// What stands behind the types: the function and where the cast is implicit.
    pub definition: String,
    /// `COMMENT ON CAST`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Cast {
    type Id = String;
    const KIND: &'static str = "cast";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> String {
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
