//! Row security policies (`pg_policy`).

mod ddl;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object, settled};

/// A row security policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The table.
    pub table: Name,
    /// Its name, unique on the table.
    pub name: String,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// Permissive (any may allow) or restrictive (all must allow).
    pub permissive: bool,
    /// The roles it is for, sorted; `public` for all.
    pub roles: Vec<String>,
    /// `USING` as the server prints it.
    #[serde(default)]
    pub using: Option<String>,
    /// `WITH CHECK` as the server prints it.
    #[serde(default)]
    pub with_check: Option<String>,
    /// `COMMENT ON POLICY`.
    #[serde(default)]
    pub comment: Option<String>,
}

/// The id of what has a name of its own on each table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OnTable {
    /// The table.
    pub table: Name,
    /// The name on it.
    pub name: String,
}

impl fmt::Display for OnTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.name, self.table)
    }
}

impl Object for Policy {
    type Id = OnTable;
    const KIND: &'static str = "policy";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> OnTable {
        OnTable { table: self.table.clone(), name: self.name.clone() }
    }

    fn facts(&self) -> Facts {
        let Self { table: _, name: _, command, permissive, roles, using, with_check, comment } =
            self;
        let mut facts = Facts::default();
        facts.add("command", command);
        facts.add("permissive", permissive.to_string());
        facts.list("roles", roles);
        facts.maybe("using", using.as_deref());
        facts.maybe("with_check", with_check.as_deref());
        facts.maybe("comment", comment.as_deref());
        facts
    }

    fn part_of(&self) -> Option<PartOf> {
        Some(PartOf { table: self.table.clone(), column: None })
    }

    fn understood(mut self) -> Self {
        self.using = self.using.take().map(|text| settled(&text));
        self.with_check = self.with_check.take().map(|text| settled(&text));
        self
    }
}
