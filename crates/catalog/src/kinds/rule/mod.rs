//! Rewrite rules made by `CREATE RULE`, without those that make views.

mod ddl;

use serde::{Deserialize, Serialize};

use super::policy::OnTable;
use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object, settled};

/// A rewrite rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The table or view.
    pub table: Name,
    /// Its name, unique on the table.
    pub name: String,
    /// The whole definition as the server prints it.
    pub definition: String,
    /// `O` origin, `D` disabled, `R` replica, `A` always.
    pub enabled: String,
    /// `COMMENT ON RULE`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Rule {
    type Id = OnTable;
    const KIND: &'static str = "rule";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> OnTable {
        OnTable { table: self.table.clone(), name: self.name.clone() }
    }

    fn facts(&self) -> Facts {
        let Self { table: _, name: _, definition, enabled, comment } = self;
        let mut facts = Facts::default();
        facts.add("definition", definition);
        facts.add("enabled", enabled);
        facts.maybe("comment", comment.as_deref());
        facts
    }

    fn part_of(&self) -> Option<PartOf> {
        Some(PartOf { table: self.table.clone(), column: None })
    }

    fn understood(mut self) -> Self {
        self.definition = settled(&self.definition);
        self
    }
}
