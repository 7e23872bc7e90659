//! Composite types made by `CREATE TYPE … AS`.

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::kinds::table::ColumnType;
use crate::{Name, Object, Qualification, sql};

/// A composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeType {
    /// Its name.
    pub name: Name,
    /// Its attributes in their order.
    pub attributes: Vec<Attribute>,
    /// `COMMENT ON TYPE`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: ColumnType,
}

impl Object for CompositeType {
    type Id = Name;
    const KIND: &'static str = "composite type";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, attributes, comment } = self;
        let mut facts = Facts::default();
        for Attribute { name, r#type } in attributes {
            facts.named("attributes", name, sql::column_type(r#type, &Qualification::Always));
        }
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
