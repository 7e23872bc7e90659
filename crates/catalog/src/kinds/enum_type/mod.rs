//! Enum types (`pg_enum`).

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Name, Object, literal};

/// An enum type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    /// Its name.
    pub name: Name,
    /// Its labels in their order.
    pub labels: Vec<String>,
    /// `COMMENT ON TYPE`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for EnumType {
    type Id = Name;
    const KIND: &'static str = "enum type";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, labels, comment } = self;
        let mut facts = Facts::default();
        let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
        facts.list("labels", &labels);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
