//! Extended statistics made by `CREATE STATISTICS`.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object, settled};

/// What the planner is told to learn of several columns together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Its name.
    pub name: Name,
    /// The table.
    pub table: Name,
    /// The whole definition as the server prints it.
    pub definition: String,
    /// `SET STATISTICS`, when other than by default.
    #[serde(default)]
    pub target: Option<i64>,
    /// `COMMENT ON STATISTICS`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Statistics {
    type Id = Name;
    const KIND: &'static str = "statistics object";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, table, definition, target, comment } = self;
        let mut facts = Facts::default();
        facts.add("table", table.to_string());
        facts.add("definition", definition);
        facts.maybe("target", target.map(|target| target.to_string()));
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
