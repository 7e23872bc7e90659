//! Foreign servers. How to log in to them, their user mappings, is a secret and in no catalog.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;

/// A foreign server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignServer {
    /// Its name.
    pub name: String,
    /// Its foreign data wrapper.
    pub wrapper: String,
    /// `TYPE`.
    #[serde(default)]
    pub r#type: Option<String>,
    /// `VERSION`.
    #[serde(default)]
    pub version: Option<String>,
    /// `OPTIONS`, `key=value`, sorted; `key=***` where the key says that the value is a secret.
    #[serde(default)]
    pub options: Vec<String>,
    /// `COMMENT ON SERVER`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for ForeignServer {
    type Id = String;
    const KIND: &'static str = "foreign server";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> String {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, wrapper, r#type, version, options, comment } = self;
        let mut facts = Facts::default();
        facts.add("wrapper", wrapper);
        facts.maybe("type", r#type.as_deref());
        facts.maybe("version", version.as_deref());
        facts.list("options", options);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
