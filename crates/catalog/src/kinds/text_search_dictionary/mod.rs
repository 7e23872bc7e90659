//! Text search dictionaries.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Name, Object};

/// A text search dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSearchDictionary {
    /// Its name.
    pub name: Name,
    /// The template it is made from.
    pub template: String,
    /// The template's options as `CREATE TEXT SEARCH DICTIONARY` has them.
    #[serde(default)]
    pub options: Option<String>,
    /// `COMMENT ON TEXT SEARCH DICTIONARY`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for TextSearchDictionary {
    type Id = Name;
    const KIND: &'static str = "text search dictionary";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, template, options, comment } = self;
        let mut facts = Facts::default();
        facts.add("template", template);
        facts.maybe("options", options.as_deref());
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
