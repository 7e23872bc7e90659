//! Extensions (`pg_extension`). What an extension owns is in no catalog.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;

/// An installed extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The schema it was installed in; a schema file may leave it open.
    #[serde(default)]
    pub schema: Option<String>,
    /// Its version; a schema file may leave it open.
    #[serde(default)]
    pub version: Option<String>,
}

impl Object for Extension {
    type Id = String;
    const KIND: &'static str = "extension";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> String {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        // The version is what the server has to offer.
        let Self { name: _, schema, version: _ } = self;
        let mut facts = Facts::default();
        facts.maybe("schema", schema.as_deref());
        facts
    }
}
