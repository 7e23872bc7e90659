//! Event triggers, which fire on commands of definition.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;

/// An event trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTrigger {
    /// Its name.
    pub name: String,
    /// `ddl_command_start`, `ddl_command_end`, `table_rewrite`, `sql_drop` or `login`.
    pub event: String,
    /// `WHEN TAG IN (…)`, sorted; empty for all commands.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The function it calls.
    pub function: String,
    /// `O` origin, `D` disabled, `R` replica, `A` always.
    pub enabled: String,
    /// `COMMENT ON EVENT TRIGGER`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for EventTrigger {
    type Id = String;
    const KIND: &'static str = "event trigger";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> String {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, event, tags, function, enabled, comment } = self;
        let mut facts = Facts::default();
        facts.add("event", event);
        facts.list("tags", tags);
        facts.add("function", function);
        facts.add("enabled", enabled);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
