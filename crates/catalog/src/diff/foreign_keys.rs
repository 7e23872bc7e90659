//! Foreign keys.

use super::{TablePairs, casts, is_partition};
use crate::change::Change;
use crate::kinds::table::{ForeignKey, Table};
use crate::{Name, Pair};

/// What has to be done to foreign keys.
pub(super) struct ForeignKeyChanges {
    pub(super) dropped: Vec<Change>,
    pub(super) renamed: Vec<Change>,
    pub(super) added: Vec<Change>,
}

/// Compares the foreign keys of all tables; those that do the same are matched whatever their names.
pub(super) fn diff(tables: &TablePairs<'_>) -> ForeignKeyChanges {
    let mut changes =
        ForeignKeyChanges { dropped: Vec::new(), renamed: Vec::new(), added: Vec::new() };
    let drop = |table: &Table, foreign_key: &ForeignKey| Change::DropForeignKey {
        table: table.name.clone(),
        foreign_key: foreign_key.clone(),
    };
    let add = |table: &Table, foreign_key: &ForeignKey| Change::AddForeignKey {
        table: table.name.clone(),
        foreign_key: foreign_key.clone(),
    };
    let is_partition = |name: &Name| is_partition(tables.catalogs, name);
    for actual in tables.catalogs.actual.tables.iter().filter(|table| !is_partition(&table.name)) {
        let Some(desired) = tables.catalogs.desired.tables.get(&actual.name) else {
            changes.dropped.extend(actual.foreign_keys.iter().map(|key| drop(actual, key)));
            continue;
        };
        let pair = Pair::new(actual, desired);
        for key in actual.foreign_keys.iter().filter(|key| !is_partition(&key.referenced_table)) {
            let same = desired.foreign_keys.iter().find(|other| same(pair, Pair::new(key, other)));
            match same {
                None => changes.dropped.push(drop(actual, key)),
                Some(other) if other.name != key.name => {
                    changes.renamed.push(Change::RenameForeignKey {
                        table: actual.name.clone(),
                        names: Pair::new(key.name.clone(), other.name.clone()),
                        columns: key.columns.clone(),
                    });
                }
                Some(_) => {}
            }
        }
    }
    for desired in tables.catalogs.desired.tables.iter() {
        let actual = tables.catalogs.actual.tables.get(&desired.name);
        for key in &desired.foreign_keys {
            let exists = actual.is_some_and(|actual| {
                let pair = Pair::new(actual, desired);
                actual.foreign_keys.iter().any(|other| same(pair, Pair::new(other, key)))
            });
            if !exists {
                changes.added.push(add(desired, key));
            }
        }
    }
    changes
}

/// Whether two foreign keys do the same. One whose columns change their type is made anew, since
/// PostgreSQL checks that both ends fit.
fn same(tables: Pair<&Table>, keys: Pair<&ForeignKey>) -> bool {
    let Pair { actual, desired } = keys;
    let keeps_type = |name: &String| {
        let columns = tables.map(|table| table.columns.iter().find(|column| column.name == *name));
        match (columns.actual, columns.desired) {
            (Some(actual), Some(desired)) => {
                casts::cast(Pair::new(&actual.r#type, &desired.r#type)).is_none()
            }
            (Some(_) | None, _) => false,
        }
    };
    actual.columns == desired.columns
        && actual.referenced_table == desired.referenced_table
        && actual.referenced_columns == desired.referenced_columns
        && actual.on_delete == desired.on_delete
        && actual.on_update == desired.on_update
        && actual.columns.iter().all(keeps_type)
}
