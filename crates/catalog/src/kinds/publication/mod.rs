//! Publications for logical replication.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Its name.
    pub name: String,
    /// `FOR ALL TABLES`.
    #[serde(default)]
    pub all_tables: bool,
    /// Its tables, each with its columns and condition where it has them; sorted.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The schemas of `FOR TABLES IN SCHEMA`, sorted.
    #[serde(default)]
    pub schemas: Vec<String>,
    /// What of the tables is published: `insert`, `update`, `delete`, `truncate`, `generated columns`.
    pub publish: Vec<String>,
    /// Whether changes of partitions are published as those of the partitioned table.
    #[serde(default)]
    pub via_root: bool,
    /// `COMMENT ON PUBLICATION`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Publication {
    type Id = String;
    const KIND: &'static str = "publication";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> String {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, all_tables, tables, schemas, publish, via_root, comment } = self;
        let mut facts = Facts::default();
        facts.flag("all_tables", *all_tables);
        facts.list("tables", tables);
        facts.list("schemas", schemas);
        facts.list("publish", publish);
        facts.flag("via_root", *via_root);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
