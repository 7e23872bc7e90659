//! Enum types.

use super::TablePairs;
use crate::change::{AlterEnum, Change, EnumColumn};
use crate::kinds::enum_type::EnumType;
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
        let columns = if removed.is_empty() { Vec::new() } else { columns(actual, tables) };
        let types = Pair::new(actual.clone(), desired.clone());
        Some(Change::AlterEnum(AlterEnum { types, added, removed, columns }))
    })
}

/// The columns that have the type before and after.
fn columns(r#enum: &EnumType, tables: &TablePairs<'_>) -> Vec<EnumColumn> {
    let mut found = Vec::new();
    for pair in &tables.both {
        for actual in &pair.actual.columns {
            let desired = pair.desired.columns.iter().find(|column| column.name == actual.name);
            let Some(desired) = desired else { continue };
            if actual.r#type.name == r#enum.name && desired.r#type.name == r#enum.name {
                found.push(EnumColumn {
                    table: pair.actual.name.clone(),
                    column: actual.name.clone(),
                    array: desired.r#type.array,
                    defaults: Pair::new(actual.default.clone(), desired.default.clone()),
                    r#type: desired.r#type.clone(),
                });
            }
        }
    }
    found
}
