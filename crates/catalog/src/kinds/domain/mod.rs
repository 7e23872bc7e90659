//! Domains.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::kinds::table::{Check, ColumnType};
use crate::{Name, Object, Qualification, settled, sql};

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its name.
    pub name: Name,
    /// The type it narrows.
    pub r#type: ColumnType,
    /// Whether it takes null.
    pub nullable: bool,
    /// Its default as the server prints it.
    #[serde(default)]
    pub default: Option<String>,
    /// The collation, when it is not the type's.
    #[serde(default)]
    pub collation: Option<Name>,
    /// Its check constraints, by name.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// `COMMENT ON DOMAIN`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Domain {
    type Id = Name;
    const KIND: &'static str = "domain";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, r#type, nullable, default, collation, checks, comment } = self;
        let mut facts = Facts::default();
        facts.add("type", sql::column_type(r#type, &Qualification::Always));
        facts.add("nullable", nullable.to_string());
        facts.maybe("default", default.as_deref());
        facts.maybe("collation", collation.as_ref().map(ToString::to_string));
        for Check { name, definition, unsettled: _, inherited: _, comment } in checks {
            facts.constraint("checks", name, definition, comment.as_deref());
        }
        facts.maybe("comment", comment.as_deref());
        facts
    }

    fn understood(mut self) -> Self {
        for check in &mut self.checks {
            check.definition = settled(&check.definition);
        }
        self
    }
}
