//! What is known of the place where a migration will run, besides its text.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Name;

use crate::known::Known;

/// What is known besides the text of a migration.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The migration's name as its folder has it; none for a file that is no migration.
    pub migration: Option<&'a str>,
    /// The schema of names that have none.
    pub schema: &'a str,
    /// What the migrations before it make.
    pub known: Known,
    /// The rules that are not asked, in any migration.
    pub allowed: BTreeSet<String>,
    /// How large tables are in the database that it is meant for, if that could be asked.
    pub sizes: BTreeMap<Name, TableSize>,
}

/// How large a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    /// Its rows, as the statistics have them.
    pub rows: u64,
    /// Its bytes on disk, indexes not counted.
    pub bytes: u64,
}

impl TableSize {
    /// Whether all of it is read or written in a moment.
    pub fn is_small(self) -> bool {
        self.rows <= 10_000 && self.bytes <= 8 << 20
    }
}

impl Context<'_> {
    /// Nothing but the text.
    pub fn none() -> Self {
        Self {
            migration: None,
            schema: "public",
            known: Known::default(),
            allowed: BTreeSet::new(),
            sizes: BTreeMap::new(),
        }
    }
}
