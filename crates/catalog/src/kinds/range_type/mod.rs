//! Range types (`pg_range`); a multirange type comes with each.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Name, Object};

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeType {
    /// Its name.
    pub name: Name,
    /// What stands behind `AS RANGE`.
    pub definition: String,
    /// `COMMENT ON TYPE`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for RangeType {
    type Id = Name;
    const KIND: &'static str = "range type";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, definition, comment } = self;
        let mut facts = Facts::default();
        facts.add("definition", definition);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
