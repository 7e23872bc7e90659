//! Enum types.

use super::TablePairs;
use crate::change::{AlterEnum, Change, EnumColumn, EnumDefault};
use crate::kinds::enum_type::EnumType;
use crate::kinds::table::Column;
use crate::{Catalog, Pair};

/// The types to make.
pub(super) fn created(catalogs: Pair<&Catalog>) -> impl Iterator<Item = Change> {
    let Pair { actual, desired } = catalogs;
    desired
        .enum_types
        .iter()
        .filter(|r#enum| !actual.enum_types.contains(&r#enum.name))
        .map(|r#enum| Change::CreateEnum(r#enum.clone()))
}

/// The types to drop.
pub(super) fn dropped(catalogs: Pair<&Catalog>) -> impl Iterator<Item = Change> {
    let Pair { actual, desired } = catalogs;
    actual
        .enum_types
        .iter()
        .filter(|r#enum| !desired.enum_types.contains(&r#enum.name))
        .map(|r#enum| Change::DropEnum(r#enum.clone()))
}

/// The types with other labels; their order is not looked at.
pub(super) fn altered<'a>(
    catalogs: Pair<&'a Catalog>,
    tables: &'a TablePairs<'a>,
) -> impl Iterator<Item = Change> + 'a {
    catalogs.actual.enum_types.iter().filter_map(move |actual| {
        let desired = catalogs.desired.enum_types.get(&actual.name)?;
        let beyond = |one: &EnumType, other: &EnumType| -> Vec<String> {
            one.labels.iter().filter(|label| !other.labels.contains(label)).cloned().collect()
        };
        let (added, removed) = (beyond(desired, actual), beyond(actual, desired));
        if added.is_empty() && removed.is_empty() {
            return None;
        }
        let types = Pair::new(actual.clone(), desired.clone());
        let (columns, defaults) = if removed.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            (columns(actual, tables), defaults(actual, tables))
        };
        Some(Change::AlterEnum(AlterEnum { types, added, removed, columns, defaults }))
    })
}

/// The columns that will have the type, of those that exist, in the order of the declaration.
fn columns(r#enum: &EnumType, tables: &TablePairs<'_>) -> Vec<EnumColumn> {
    let mut found = Vec::new();
    for table in tables.catalogs.desired.tables.iter() {
        let Some(before) = tables.catalogs.actual.tables.get(&table.name) else { continue };
        let exists = |name: &str| before.columns.iter().any(|column| column.name == name);
        for column in &table.columns {
            if column.r#type.name == r#enum.name && exists(&column.name) {
                found.push(EnumColumn {
                    table: table.name.clone(),
                    column: column.name.clone(),
                    array: column.r#type.array,
                });
            }
        }
    }
    found
}

/// The defaults of columns that have the type and keep it, by column in each table.
fn defaults(r#enum: &EnumType, tables: &TablePairs<'_>) -> Vec<EnumDefault> {
    let mut found = Vec::new();
    for pair in &tables.both {
        let mut columns: Vec<&Column> = pair.actual.columns.iter().collect();
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        for actual in columns {
            let desired = pair.desired.columns.iter().find(|column| column.name == actual.name);
            if let Some(desired) = desired
                && actual.default.is_some()
                && actual.r#type.name == r#enum.name
                && desired.r#type.name == r#enum.name
            {
                let table = pair.actual.name.clone();
                found.push(EnumDefault { table, column: desired.clone() });
            }
        }
    }
    found
}
