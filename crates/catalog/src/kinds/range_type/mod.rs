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
    /// The type of the bounds.
    #[serde(default)]
    pub subtype: String,
    /// The name of its multirange type, in the same schema; servers before 14 have none.
    #[serde(default)]
    pub multirange: Option<String>,
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
        let Self { name: _, definition, subtype: _, multirange: _, comment } = self;
        let mut facts = Facts::default();
        facts.add("definition", definition);
        facts.maybe("multirange type", self.named_multirange());
        facts.maybe("comment", comment.as_deref());
        facts
    }
}

impl RangeType {
    /// The name of the multirange type if it is not the one that PostgreSQL makes of the range type's.
    fn named_multirange(&self) -> Option<&str> {
        let name = &self.name.name;
        let default = if name.contains("range") {
            name.replacen("range", "multirange", 1)
        } else {
            format!("{name}_multirange")
        };
        self.multirange.as_deref().filter(|multirange| *multirange != default)
    }
}
