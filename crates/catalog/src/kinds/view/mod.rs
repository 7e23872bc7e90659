//! Views and materialized views.

mod ddl;
mod definition;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::kinds::table::{Column, yes};
use crate::{Name, Object, settled};

/// A view or materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its name.
    pub name: Name,
    /// Whether it is a materialized view.
    pub materialized: bool,
    /// Whether it can be read; false after `WITH NO DATA`.
    #[serde(default = "yes")]
    pub populated: bool,
    /// Its query as the server prints it.
    pub definition: String,
    /// Its columns in order: their names and types.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Storage parameters and view options, `key=value`, sorted; also `access_method=…` and
    /// `tablespace=…` of a materialized view, when other than by default.
    #[serde(default)]
    pub options: Vec<String>,
    /// What columns of new rows are unless told otherwise, by column, as the server prints it.
    #[serde(default)]
    pub column_defaults: BTreeMap<String, String>,
    /// `COMMENT ON COLUMN`, by column.
    #[serde(default)]
    pub column_comments: BTreeMap<String, String>,
    /// `COMMENT ON VIEW`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl View {
    /// The query for schema and name of every view in the schemas of parameter `$1 text[]`, in the order
    /// in which they were made.
    pub const BY_AGE: &'static str = include_str!("by_age.sql");
}

impl Object for View {
    type Id = Name;
    const KIND: &'static str = "view";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        // The columns are those of the query; what a materialized view holds are data.
        let Self {
            name: _,
            materialized,
            populated: _,
            definition,
            columns: _,
            options,
            column_defaults,
            column_comments,
            comment,
        } = self;
        let mut facts = Facts::default();
        facts.flag("materialized", *materialized);
        facts.add("definition", definition::of_any_version(definition));
        facts.list("options", options);
        for (column, default) in column_defaults {
            facts.named("column_defaults", column, default);
        }
        for (column, comment) in column_comments {
            facts.named("column_comments", column, comment);
        }
        facts.maybe("comment", comment.as_deref());
        facts
    }

    fn understood(mut self) -> Self {
        self.definition = settled(&self.definition);
        self
    }
}
