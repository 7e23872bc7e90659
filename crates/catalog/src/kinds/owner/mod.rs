//! Owners other than the usual one, which is whoever applies migrations: it has another name on every
//! server.

mod ddl;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drift::PartOf;
use crate::facts::Facts;
use crate::{Name, Object};

/// That an object belongs to another role than most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The role.
    pub role: String,
    /// The role that most tables of that database belong to.
    pub usual: String,
    /// Whether one of the two roles can act as the other.
    pub tolerated: bool,
    /// `table`, `view`, `sequence`, `function`, `type`, `schema`, and others.
    pub object_kind: String,
    /// The object: `public.users`, `public.f(integer)`.
    pub object: String,
    /// The object as `ALTER` has it: `TABLE public.users`.
    pub target: String,
    /// The object's name, if it is a table or view.
    pub table: Option<Name>,
}

/// Who owns what: `app of table public.users`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OwnerOfObject {
    /// See [`Owner::role`].
    pub role: String,
    /// See [`Owner::object_kind`].
    pub object_kind: String,
    /// See [`Owner::object`].
    pub object: String,
}

impl fmt::Display for OwnerOfObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { role, object_kind, object } = self;
        write!(f, "{role} of {object_kind} {object}")
    }
}

impl Object for Owner {
    type Id = OwnerOfObject;
    const KIND: &'static str = "owner";
    const QUERY: &'static str = include_str!("query.sql");

    fn id(&self) -> OwnerOfObject {
        let Self { role, usual: _, tolerated: _, object_kind, object, target: _, table: _ } = self;
        OwnerOfObject {
            role: role.clone(),
            object_kind: object_kind.clone(),
            object: object.clone(),
        }
    }

    /// All there is to say is in the id.
    fn facts(&self) -> Facts {
        if self.tolerated { Facts::tolerated() } else { Facts::default() }
    }

    fn part_of(&self) -> Option<PartOf> {
        Some(PartOf { table: self.table.clone()?, column: None })
    }
}
