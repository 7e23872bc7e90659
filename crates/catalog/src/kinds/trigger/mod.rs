//! Triggers on tables and views, without those that enforce constraints.

mod ddl;

use serde::{Deserialize, Serialize};

use super::policy::OnTable;
use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object, settled};

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The table or view.
    pub table: Name,
    /// Its name, unique on the table.
    pub name: String,
    /// The whole definition as the server prints it.
    pub definition: String,
    /// `O` origin, `D` disabled, `R` replica, `A` always.
    pub enabled: String,
    /// The same trigger of each partition of the table, if not all of them have the usual `enabled` and
    /// no comment.
    #[serde(default)]
    pub partitions: Option<Vec<OnPartition>>,
    /// `COMMENT ON TRIGGER`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// The trigger that a partition has from its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnPartition {
    /// The partition.
    pub table: Name,
    /// As for the trigger of the parent.
    pub enabled: String,
    /// `COMMENT ON TRIGGER`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Trigger {
    type Id = OnTable;
    const KIND: &'static str = "trigger";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> OnTable {
        OnTable { table: self.table.clone(), name: self.name.clone() }
    }

    fn facts(&self) -> Facts {
        let Self { table: _, name: _, definition, enabled, partitions, comment } = self;
        let mut facts = Facts::default();
        facts.add("definition", definition);
        facts.add("enabled", enabled);
        for OnPartition { table, enabled: of_partition, comment } in partitions.iter().flatten() {
            if of_partition != enabled {
                facts.particular(format!("enabled on {table}"), of_partition.clone(), Vec::new());
            }
            if let Some(comment) = comment {
                facts.particular(format!("comment on {table}"), comment.clone(), Vec::new());
            }
        }
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
