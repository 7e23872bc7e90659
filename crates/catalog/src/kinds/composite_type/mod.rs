//! Composite types made by `CREATE TYPE … AS`.

pub(crate) mod conversion;
mod ddl;

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
    /// The collation, when it is not the type's.
    #[serde(default)]
    pub collation: Option<Name>,
    /// `COMMENT ON COLUMN`.
    #[serde(default)]
    pub comment: Option<String>,
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
        for Attribute { name, r#type, collation, comment } in attributes {
            let r#type = sql::column_type(r#type, &Qualification::Always);
            let mut particulars = vec![("type", r#type.clone())];
            particulars.extend(collation.as_ref().map(|name| ("collation", name.to_string())));
            particulars.extend(comment.clone().map(|comment| ("comment", comment)));
            facts.particular(format!("attributes.{name}"), r#type, particulars);
        }
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
