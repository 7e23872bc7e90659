//! Privileges: what `GRANT` and `REVOKE` did to tables, columns, sequences, functions, types and
//! schemas, other than what `ALTER DEFAULT PRIVILEGES` does to every new one.

mod ddl;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object};

/// What one role may do with one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privilege {
    /// The role, or `public` for all.
    pub grantee: String,
    /// `table` for views as well, `column`, `sequence`, `function`, `procedure`, `type`, `schema`.
    pub object_kind: String,
    /// The object: `public.users`, `public.f(integer)`.
    pub object: String,
    /// The object as `GRANT` has it: `TABLE public.users`; of a column, its table. Empty in old
    /// snapshots.
    #[serde(default)]
    pub target: String,
    /// The table or view that the object is, is in, or belongs to.
    #[serde(default)]
    pub table: Option<Name>,
    /// The column, for the privileges on one.
    #[serde(default)]
    pub column: Option<String>,
    /// All it may do: `SELECT`, `INSERT WITH GRANT OPTION`; sorted. Empty when it may less than it
    /// usually may.
    pub privileges: Vec<String>,
    /// What it may do with a new object of the kind, by PostgreSQL's defaults or by
    /// `ALTER DEFAULT PRIVILEGES`, in the same words. Empty in old snapshots.
    #[serde(default)]
    pub usual: Vec<String>,
}

/// Whose privileges on what: `role on table public.users`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GranteeOnObject {
    /// See [`Privilege::grantee`].
    pub grantee: String,
    /// See [`Privilege::object_kind`].
    pub object_kind: String,
    /// See [`Privilege::object`].
    pub object: String,
}

impl fmt::Display for GranteeOnObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grantee, object_kind, object } = self;
        write!(f, "{grantee} on {object_kind} {object}")
    }
}

/// What `GRANT ALL` on a table meant before PostgreSQL 17, which added `MAINTAIN`.
const ALL_OF_TABLE: [&str; 7] =
    ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"];

impl Object for Privilege {
    type Id = GranteeOnObject;
    const KIND: &'static str = "privilege";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> GranteeOnObject {
        let Self { grantee, object_kind, object, .. } = self;
        GranteeOnObject {
            grantee: grantee.clone(),
            object_kind: object_kind.clone(),
            object: object.clone(),
        }
    }

    fn facts(&self) -> Facts {
        let Self {
            grantee: _,
            object_kind: _,
            object: _,
            target: _,
            table: _,
            column: _,
            privileges,
            usual: _,
        } = self;
        let mut facts = Facts::default();
        match privileges.as_slice() {
            [] => facts.add("privileges", "none"),
            privileges => facts.list("privileges", privileges),
        }
        facts
    }

    fn part_of(&self) -> Option<PartOf> {
        let table = self.table.clone()?;
        Some(PartOf { table, column: self.column.clone() })
    }

    /// Says `ALL` for what `GRANT ALL` on a table gives, whatever that is in the server's version.
    fn understood(mut self) -> Self {
        for privileges in [&mut self.privileges, &mut self.usual] {
            let has = |name: &&str| privileges.iter().any(|it| it == name);
            if self.object_kind == "table" && ALL_OF_TABLE.iter().all(has) {
                privileges.retain(|it| !ALL_OF_TABLE.contains(&it.as_str()) && it != "MAINTAIN");
                privileges.insert(0, "ALL".to_owned());
            }
        }
        self
    }
}
