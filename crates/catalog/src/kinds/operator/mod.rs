//! Operators made by `CREATE OPERATOR`.

mod ddl;

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::facts::Facts;
use crate::kinds::function::Signature;

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its name and the types of its operands, `NONE` for one that is not there.
    pub signature: Signature,
    /// What stands in the parentheses of `CREATE OPERATOR`.
    pub definition: String,
    /// `COMMENT ON OPERATOR`.
    #[serde(default)]
    pub comment: Option<String>,
}

impl Object for Operator {
    type Id = Signature;
    const KIND: &'static str = "operator";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> Signature {
        self.signature.clone()
    }

    fn facts(&self) -> Facts {
        let Self { signature: _, definition, comment } = self;
        let mut facts = Facts::default();
        facts.add("definition", definition);
        facts.maybe("comment", comment.as_deref());
        facts
    }
}
