//! Indexes.

use super::TablePairs;
use crate::Pair;
use crate::change::{AlterTable, Change, TableClause};
use crate::declare::Language;
use crate::kinds::index::{Index, IndexKey};

/// What has to be done to indexes.
pub(super) struct IndexChanges<'a> {
    pub(super) dropped: Vec<Change>,
    /// Unique indexes that a new primary key replaces: they go once it is there, so that the columns
    /// are unique all the time.
    pub(super) replaced: Vec<&'a Index>,
    pub(super) renamed: Vec<Change>,
    pub(super) created: Vec<Change>,
}

/// Compares the indexes of all tables; those that do the same are matched whatever their names. An
/// index of a column that is dropped and added again goes with it and is made anew.
pub(super) fn diff<'a>(
    tables: &TablePairs<'a>,
    altered: &[AlterTable],
    language: Language,
) -> IndexChanges<'a> {
    let mut changes = IndexChanges {
        dropped: Vec::new(),
        replaced: Vec::new(),
        renamed: Vec::new(),
        created: Vec::new(),
    };
    for table in &tables.both {
        let indexes = tables.indexes_of(&table.actual.name);
        for actual in indexes.actual.iter().filter(|index| is_expressible(index, language)) {
            let same =
                indexes.desired.iter().find(|desired| same(Pair::new(actual, desired), language));
            // Which of several that do the same was renamed cannot be told.
            let is_single = has_no_twin(actual, indexes.actual);
            match same {
                None if is_replaced(actual, altered) => {
                    changes.replaced.push(actual);
                }
                None => changes.dropped.push(Change::DropIndex((*actual).clone())),
                Some(desired) if is_single && desired.name != actual.name => changes
                    .renamed
                    .push(Change::RenameIndex(Pair::new((*actual).clone(), (*desired).clone()))),
                Some(_) => {}
            }
        }
    }
    let recreated: Vec<_> = altered
        .iter()
        .flat_map(|alter| alter.clauses.iter().map(move |clause| (&alter.table, clause)))
        .filter_map(|(table, clause)| match clause {
            TableClause::RecreateColumn(column) => Some((table, &column.columns.desired.name)),
            TableClause::DropPrimaryKey(_)
            | TableClause::RenamePrimaryKey(_)
            | TableClause::DropColumn(_)
            | TableClause::AddColumn(_)
            | TableClause::AlterColumn(_)
            | TableClause::AddPrimaryKey(_) => None,
        })
        .collect();
    let create = |index: &&Index| Change::CreateIndex((*index).clone());
    for table in &tables.created {
        let indexes = tables.indexes_of(&table.name).desired;
        changes.created.extend(indexes.iter().map(create));
    }
    for table in &tables.both {
        let indexes = tables.indexes_of(&table.actual.name);
        // An index of that name is there already, though the language cannot say all that it is.
        let beyond = |actual: &Index, desired: &Index| {
            actual.name == desired.name && !is_expressible(actual, language)
        };
        let counterpart = |desired: &Index| {
            indexes.actual.iter().find(|actual| {
                same(Pair::new(actual, desired), language) || beyond(actual, desired)
            })
        };
        let goes_with_column = |desired: &Index| {
            recreated.iter().any(|(table, column)| {
                **table == desired.table
                    && desired.keys.iter().any(|key| key.column.as_ref() == Some(*column))
            })
        };
        let is_due = |desired: &&&Index| match counterpart(desired) {
            None => true,
            Some(actual) => goes_with_column(desired) && has_no_twin(actual, indexes.actual),
        };
        changes.created.extend(indexes.desired.iter().filter(is_due).map(create));
    }
    changes
}

/// Whether the table, which has no primary key yet, gets one of the index's columns.
fn is_replaced(index: &Index, altered: &[AlterTable]) -> bool {
    let columns = || index.keys.iter().filter_map(|key| key.column.as_ref());
    let drops_key = |clause: &TableClause| matches!(clause, TableClause::DropPrimaryKey(_));
    let adds_key = |clause: &TableClause| matches!(clause, TableClause::AddPrimaryKey(key) if key.columns.iter().eq(columns()));
    index.unique
        && altered
            .iter()
            .filter(|alter| alter.table == index.table)
            .any(|alter| !alter.clauses.iter().any(drops_key) && alter.clauses.iter().any(adds_key))
}

/// Whether the schema language could declare such an index.
fn is_expressible(index: &Index, language: Language) -> bool {
    let Index { keys, include, nulls_not_distinct, method, predicate, .. } = index;
    keys.iter().all(|key| key.column.is_some())
        && include.is_empty()
        && (predicate.is_none() || language.partial_indexes)
        && !nulls_not_distinct
        && matches!(method.as_str(), "btree" | "hash" | "gist" | "gin" | "spgist" | "brin")
}

/// Whether no other index has the same columns. Which of several goes with which on the other side
/// cannot be told.
fn has_no_twin(index: &Index, others: &[&Index]) -> bool {
    let columns = |index: &'_ Index| -> Vec<Option<String>> {
        index.keys.iter().map(|key| key.column.clone()).collect()
    };
    let is_twin =
        |other: &&&Index| other.unique == index.unique && columns(other) == columns(index);
    others.iter().filter(is_twin).count() == 1
}

/// Whether two indexes do the same, as far as the language can tell.
fn same(indexes: Pair<&Index>, language: Language) -> bool {
    let Pair { actual, desired } = indexes;
    actual.unique == desired.unique
        && actual.method == desired.method
        && (actual.predicate == desired.predicate || !language.partial_indexes)
        && actual.keys.len() == desired.keys.len()
        && actual
            .keys
            .iter()
            .zip(&desired.keys)
            .all(|(actual, desired)| same_key(Pair::new(actual, desired), &indexes.desired.method))
}

fn same_key(keys: Pair<&IndexKey>, method: &str) -> bool {
    let Pair { actual, desired } = keys;
    let class = keys
        .map(|key| key.operator_class.as_deref().filter(|class| !is_default_class(class, method)));
    actual.column == desired.column && actual.descending == desired.descending && !class.differs()
}

/// Whether an operator class is what PostgreSQL takes when none is given.
fn is_default_class(class: &str, method: &str) -> bool {
    match method {
        "gin" => matches!(class, "array_ops" | "jsonb_ops" | "tsvector_ops"),
        "spgist" => matches!(class, "text_ops" | "quad_point_ops" | "poly_ops" | "range_ops"),
        "brin" => class.ends_with("_minmax_ops") || class.ends_with("_inclusion_ops"),
        _ => false,
    }
}
