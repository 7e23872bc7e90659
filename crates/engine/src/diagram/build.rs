//! A catalog → a diagram in which nothing is marked.

use std::collections::{BTreeMap, BTreeSet};

use catalog::kinds::table::{Column, ForeignKey, Table};
use catalog::{Catalog, Name};

use super::{Diagram, DiagramColumn, DiagramTable, Relation};

impl Diagram {
    /// Draws up a catalog. A partition is left out: its table stands for it.
    pub(super) fn of(catalog: &Catalog, words: &str) -> Self {
        let uniques = uniques(catalog);
        let mut tables = Vec::new();
        let mut relations = Vec::new();
        for table in catalog.tables.iter().filter(|table| table.partition_of.is_none()) {
            let is_unique = |columns: &[String]| {
                let columns = names(columns);
                let key = table.primary_key.as_ref().map(|key| names(&key.columns));
                let indexes = uniques.get(&table.name).into_iter().flatten();
                key.as_ref().into_iter().chain(indexes).any(|unique| *unique == columns)
            };
            tables.push(of_table(table, &is_unique));
            relations.extend(table.foreign_keys.iter().map(|key| relation(table, key, &is_unique)));
        }
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        relations.sort_by(|one, other| (&one.table, &one.name).cmp(&(&other.table, &other.name)));
        Self { of: words.to_owned(), since: None, tables, relations }
    }
}

fn names(columns: &[String]) -> BTreeSet<&str> {
    columns.iter().map(String::as_str).collect()
}

/// The sets of columns of which no two rows have the same, by table.
fn uniques(catalog: &Catalog) -> BTreeMap<&Name, Vec<BTreeSet<&str>>> {
    let mut uniques: BTreeMap<&Name, Vec<BTreeSet<&str>>> = BTreeMap::new();
    for index in catalog.indexes.iter().filter(|it| it.unique && it.predicate.is_none()) {
        let columns = index.keys.iter().map(|key| key.column.as_deref());
        if let Some(columns) = columns.collect::<Option<BTreeSet<&str>>>() {
            uniques.entry(&index.table).or_default().push(columns);
        }
    }
    uniques
}

fn of_table(table: &Table, is_unique: &dyn Fn(&[String]) -> bool) -> DiagramTable {
    let key = table.primary_key.as_ref();
    let column = |column: &Column| DiagramColumn {
        name: column.name.clone(),
        r#type: column.r#type.to_string(),
        nullable: column.nullable,
        is_key: key.is_some_and(|key| key.columns.contains(&column.name)),
        is_unique: is_unique(std::slice::from_ref(&column.name)),
        change: None,
        was: None,
    };
    DiagramTable {
        name: table.name.clone(),
        columns: table.columns.iter().map(column).collect(),
        comment: table.comment.clone(),
        change: None,
    }
}

fn relation(table: &Table, key: &ForeignKey, is_unique: &dyn Fn(&[String]) -> bool) -> Relation {
    let takes_null = |column: &Column| key.columns.contains(&column.name) && column.nullable;
    Relation {
        name: key.name.clone(),
        table: table.name.clone(),
        columns: key.columns.clone(),
        referenced: key.referenced_table.clone(),
        referenced_columns: key.referenced_columns.clone(),
        is_required: !table.columns.iter().any(takes_null),
        is_unique: is_unique(&key.columns),
        change: None,
    }
}
