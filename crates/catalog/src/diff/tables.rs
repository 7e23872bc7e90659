//! Tables on both sides: primary key and columns.

use std::collections::BTreeMap;

use super::{TablePairs, columns};
use crate::Pair;
use crate::change::{AlterTable, TableClause};
use crate::kinds::table::{Column, PrimaryKey, Table};

/// What has to be done to each table that is on both sides, for those that differ.
pub(super) fn altered(tables: &TablePairs<'_>) -> Vec<AlterTable> {
    tables
        .both
        .iter()
        .map(|pair| AlterTable { table: pair.actual.name.clone(), clauses: clauses(*pair) })
        .filter(|alter| !alter.clauses.is_empty())
        .collect()
}

/// The clauses in Prisma's order: dropped and added columns by name, altered ones as they stand.
fn clauses(tables: Pair<&Table>) -> Vec<TableClause> {
    let by_name = |table: &'_ Table| -> BTreeMap<String, Column> {
        table.columns.iter().map(|column| (column.name.clone(), column.clone())).collect()
    };
    let columns = tables.map(by_name);
    let missing = |from: &BTreeMap<String, Column>, other: &BTreeMap<String, Column>| {
        let missing = from.iter().filter(|(name, _)| !other.contains_key(*name));
        missing.map(|(_, column)| column.clone()).collect::<Vec<_>>()
    };
    let dropped = missing(&columns.actual, &columns.desired);
    let added = missing(&columns.desired, &columns.actual);
    let altered: Vec<TableClause> = tables
        .actual
        .columns
        .iter()
        .filter_map(|actual| columns::alter(Pair::new(actual, columns.desired.get(&actual.name)?)))
        .collect();
    let mut clauses = Vec::new();
    let keys = tables.map(|table| table.primary_key.as_ref());
    let change = key_change(keys, &altered);
    match (change, keys) {
        (KeyChange::Replace, Pair { actual: Some(key), .. }) => {
            clauses.push(TableClause::DropPrimaryKey(key.clone()));
        }
        (KeyChange::Rename, Pair { actual: Some(actual), desired: Some(desired) }) => {
            clauses.push(TableClause::RenamePrimaryKey(Pair::new(actual.clone(), desired.clone())));
        }
        _ => {}
    }
    clauses.extend(dropped.into_iter().map(TableClause::DropColumn));
    clauses.extend(added.into_iter().map(TableClause::AddColumn));
    clauses.extend(altered);
    if let (KeyChange::Replace, Some(key)) = (change, keys.desired) {
        clauses.push(TableClause::AddPrimaryKey(key.clone()));
    }
    clauses
}

#[derive(Debug, Clone, Copy)]
enum KeyChange {
    None,
    Rename,
    Replace,
}

fn key_change(keys: Pair<Option<&PrimaryKey>>, altered: &[TableClause]) -> KeyChange {
    let (actual, desired) = match (keys.actual, keys.desired) {
        (None, None) => return KeyChange::None,
        (None, Some(_)) | (Some(_), None) => return KeyChange::Replace,
        (Some(actual), Some(desired)) => (actual, desired),
    };
    let touched = |key: &PrimaryKey| {
        altered.iter().any(|clause| match clause {
            TableClause::RecreateColumn(column) => {
                key.columns.contains(&column.columns.actual.name)
            }
            TableClause::AlterColumn(column) => {
                column.differs.r#type && key.columns.contains(&column.columns.actual.name)
            }
            TableClause::DropPrimaryKey(_)
            | TableClause::RenamePrimaryKey(_)
            | TableClause::DropColumn(_)
            | TableClause::AddColumn(_)
            | TableClause::AddPrimaryKey(_) => false,
        })
    };
    if actual.columns != desired.columns || touched(actual) {
        KeyChange::Replace
    } else if actual.name != desired.name {
        KeyChange::Rename
    } else {
        KeyChange::None
    }
}
