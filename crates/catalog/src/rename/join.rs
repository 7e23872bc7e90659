//! The tables of implicit many-to-many relations. They are named after both models, and their columns
//! `A` and `B` go by the order of the models' names: a model with another name may change sides.

use super::{Rename, Renames};
use crate::kinds::table::Table;
use crate::{Catalog, Name, Pair};

/// The columns of such a table.
const COLUMNS: Pair<&str> = Pair { actual: "A", desired: "B" };
/// How they change names: the one has another name while the other takes its own.
pub(super) const STEPS: [Pair<&str>; 3] = [
    Pair { actual: "A", desired: "A_" },
    Pair { actual: "B", desired: "A" },
    Pair { actual: "A_", desired: "B" },
];

/// How such a table follows its models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    /// Each column refers to what it referred to.
    Kept,
    /// Each column refers to what the other one referred to.
    Swapped,
    /// It is another relation, or cannot be told.
    Other,
}

/// Returns how two tables go together that both have only these columns; nothing for other tables.
/// `after` tells the name that a table will have.
pub(super) fn sides<'a>(
    tables: Pair<&'a Table>,
    after: impl Fn(&'a Name) -> &'a Name,
) -> Option<Sides> {
    let is_join = |table: &Table| {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        columns == [COLUMNS.actual, COLUMNS.desired]
    };
    if !is_join(tables.actual) || !is_join(tables.desired) {
        return None;
    }
    let refers = |table: &'a Table, column: &str| {
        let key = table.foreign_keys.iter().find(|key| key.columns == [column])?;
        Some(&key.referenced_table)
    };
    let both = |table: &'a Table| {
        Some(Pair::new(refers(table, COLUMNS.actual)?, refers(table, COLUMNS.desired)?))
    };
    let (Some(before), Some(now)) = (both(tables.actual), both(tables.desired)) else {
        return Some(Sides::Other);
    };
    let before = before.map(after);
    Some(if before == now {
        Sides::Kept
    } else if before == Pair::new(now.desired, now.actual) {
        Sides::Swapped
    } else {
        Sides::Other
    })
}

impl Renames {
    /// Adds what the tables of implicit relations need that get another name: where the models change
    /// sides, the columns do. `catalogs` are those before all renames and as they are to be.
    pub fn add_sides(&mut self, catalogs: Pair<&Catalog>) {
        let renamed = |name: &Name| {
            self.0.iter().find_map(|rename| match rename {
                Rename::Table(names) if names.actual == *name => Some(names.desired.clone()),
                Rename::Table(_)
                | Rename::EnumType(_)
                | Rename::Sequence(_)
                | Rename::Column { .. }
                | Rename::Sides(_)
                | Rename::Label { .. } => None,
            })
        };
        let mut swapped = Vec::new();
        for desired in catalogs.desired.tables.iter() {
            let Some(actual) = catalogs.actual.tables.get(&self.table_before(&desired.name)) else {
                continue;
            };
            let mut actual = actual.clone();
            for key in &mut actual.foreign_keys {
                if let Some(name) = renamed(&key.referenced_table) {
                    key.referenced_table = name;
                }
            }
            if sides(Pair::new(&actual, desired), |name| name) == Some(Sides::Swapped) {
                swapped.push(Rename::Sides(desired.name.clone()));
            }
        }
        for rename in swapped {
            self.insert(rename);
        }
    }
}
