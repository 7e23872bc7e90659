//! Foreign tables. How to log in to their servers is a secret and in no catalog.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::kinds::table::Check;
use crate::{Name, Object};

/// A foreign table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignTable {
    /// Its name.
    pub name: Name,
    /// The foreign server.
    pub server: String,
    /// Its columns in their order.
    pub columns: Vec<ForeignColumn>,
    /// Its check constraints, by name.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// The tables it inherits from or is a partition of, in order.
    #[serde(default)]
    pub inherits: Vec<Name>,
    /// `FOR VALUES …` as the server prints it, when it is a partition.
    #[serde(default)]
    pub bound: Option<String>,
    /// `OPTIONS`, `key=value`, sorted; `key=***` where the key says that the value is a secret.
    #[serde(default)]
    pub options: Vec<String>,
    /// `COMMENT ON FOREIGN TABLE`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// A column of a foreign table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignColumn {
    /// Its name.
    pub name: String,
    /// Its type as the server prints it, with its collation when that is not the type's.
    pub r#type: String,
    /// Whether it takes null.
    pub nullable: bool,
    /// Its default, or what it is generated from, as the server prints it.
    #[serde(default)]
    pub default: Option<String>,
    /// `OPTIONS`, `key=value`, sorted.
    #[serde(default)]
    pub options: Vec<String>,
    /// `COMMENT ON COLUMN`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for ForeignTable {
    type Id = Name;
    const KIND: &'static str = "foreign table";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Name {
        self.name.clone()
    }

    fn facts(&self) -> Facts {
        let Self { name: _, server, columns, checks, inherits, bound, options, comment } = self;
        let mut facts = Facts::default();
        facts.add("server", server);
        for ForeignColumn { name, r#type, nullable, default, options, comment } in columns {
            let mut particulars =
                vec![("type", r#type.clone()), ("nullable", nullable.to_string())];
            particulars.extend(default.clone().map(|default| ("default", default)));
            if !options.is_empty() {
                particulars.push(("options", options.join(", ")));
            }
            particulars.extend(comment.clone().map(|comment| ("comment", comment)));
            facts.particular(format!("columns.{name}"), r#type.clone(), particulars);
        }
        for Check { name, definition, unsettled: _, inherited: _, comment } in checks {
            facts.constraint("checks", name, definition, comment.as_deref());
        }
        facts.list("inherits", &inherits.iter().map(ToString::to_string).collect::<Vec<_>>());
        facts.maybe("bound", bound.as_deref());
        facts.list("options", options);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
