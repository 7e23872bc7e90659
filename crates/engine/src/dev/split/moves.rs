//! Columns that may have come from another table.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among changes is to be passed over until it is asked about"
)]

use catalog::beside::Source;
use catalog::kinds::table::{Column, ForeignKey, Table};
use catalog::{Catalog, Change, Name, Pair, TableClause};
use planner::Plan;

/// A column that goes, and a way from its rows to those of another table.
pub(super) struct Origin {
    /// As it is written: `User.name`, or `User.name@Post_author_fkey` where there are several ways.
    pub(super) written: String,
    /// Whether it looks like the new one.
    pub(super) is_likely: bool,
    /// Where the values come from.
    pub(super) source: Source,
}

/// The columns that a plan drops, be it with their tables.
fn dropped(plan: &Plan) -> Vec<(&Name, &Column)> {
    let mut all = Vec::new();
    for change in &plan.changes {
        match change {
            Change::AlterTable(alter) => all.extend(alter.clauses.iter().filter_map(|clause| {
                if let TableClause::DropColumn(column) = clause {
                    Some((&alter.table, column))
                } else {
                    None
                }
            })),
            Change::DropTable(table) => {
                all.extend(table.columns.iter().map(|column| (&table.name, column)));
            }
            _ => {}
        }
    }
    all
}

/// Where the values of a new column may come from, the likely ones first.
pub(super) fn origins(
    plan: &Plan,
    history: &Catalog,
    table: &Name,
    column: &Column,
) -> Vec<Origin> {
    let Some(to) = history.tables.get(table) else { return Vec::new() };
    let mut origins = Vec::new();
    for (from, old) in dropped(plan) {
        let Some(other) = history.tables.get(from).filter(|_| from != table) else { continue };
        let ways = ways(history, other, to);
        for (key, keys, is_one_to_one) in &ways {
            let way = if ways.len() > 1 { format!("@{}", key.name) } else { String::new() };
            origins.push(Origin {
                written: format!("{}.{}{way}", from.name, old.name),
                is_likely: old.name == column.name && old.r#type == column.r#type,
                source: Source::Moved {
                    from: from.clone(),
                    old: old.name.clone(),
                    keys: keys.clone(),
                    is_one_to_one: *is_one_to_one,
                },
            });
        }
    }
    origins.sort_by_key(|origin| !origin.is_likely);
    origins
}

/// The foreign keys between two tables, with the columns by which their rows belong together, and whether
/// a row of the one belongs to one row of the other at most.
fn ways<'a>(
    history: &Catalog,
    from: &'a Table,
    to: &'a Table,
) -> Vec<(&'a ForeignKey, Vec<Pair<String>>, bool)> {
    let pairs = |one: &[String], other: &[String]| -> Vec<Pair<String>> {
        one.iter().zip(other).map(|(one, other)| Pair::new(one.clone(), other.clone())).collect()
    };
    let there = to.foreign_keys.iter().filter(|key| key.referenced_table == from.name);
    let there = there.map(|key| {
        let keys = pairs(&key.referenced_columns, &key.columns);
        (key, keys, is_unique(history, to, &key.columns))
    });
    let here = from.foreign_keys.iter().filter(|key| key.referenced_table == to.name);
    let here = here.map(|key| {
        let keys = pairs(&key.columns, &key.referenced_columns);
        (key, keys, is_unique(history, from, &key.columns))
    });
    there.chain(here).collect()
}

/// Whether no two rows have the same values in these columns.
fn is_unique(history: &Catalog, table: &Table, columns: &[String]) -> bool {
    let is_within = |column: Option<&String>| column.is_some_and(|it| columns.contains(it));
    let key = table.primary_key.as_ref();
    key.is_some_and(|key| key.columns.iter().map(Some).all(is_within))
        || history.indexes.iter().any(|index| {
            index.table == table.name
                && index.unique
                && index.predicate.is_none()
                && index.keys.iter().map(|key| key.column.as_ref()).all(is_within)
        })
}
