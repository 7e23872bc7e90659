//! Functions, procedures and aggregates (`pg_proc`).

mod ddl;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Name, Object};

/// A function, procedure or aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its name and argument types.
    pub signature: Signature,
    /// `function`, `procedure`, `aggregate` or `window`.
    pub routine: String,
    /// The whole definition as the server prints it; of an aggregate, its parts.
    pub definition: String,
    /// `COMMENT ON FUNCTION`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// What tells overloaded functions apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// The name.
    pub name: Name,
    /// The argument types as the server prints them, separated by commas.
    pub arguments: String,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.arguments)
    }
}

impl Object for Function {
    type Id = Signature;
    const KIND: &'static str = "function";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Signature {
        self.signature.clone()
    }

    fn facts(&self) -> Facts {
        let Self { signature: _, routine, definition, comment } = self;
        let mut facts = Facts::default();
        facts.add("routine", routine);
        facts.add("definition", definition);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
