//! Text search configurations.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Name, Object};

/// A text search configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSearchConfiguration {
    /// Its name.
    pub name: Name,
    /// The parser, and the dictionaries that each type of token is looked up in.
    pub definition: String,
    /// `COMMENT ON TEXT SEARCH CONFIGURATION`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for TextSearchConfiguration {
    type Id = Name;
    const KIND: &'static str = "text search configuration";
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
