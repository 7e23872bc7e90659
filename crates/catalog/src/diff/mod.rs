//! Two catalogs → the changes that turn the first into the second, as far as the schema language
//! goes.
//!
//! This is the comparison that Prisma makes, in Prisma's order, with one difference: what the schema
//! language cannot express (partial and expression indexes, checks, partitions, triggers, views,
//! functions, …) is never dropped or altered. The comparison of everything is [`drift`](crate::drift).

mod casts;
mod columns;
mod enums;
mod foreign_keys;
mod indexes;
mod tables;

pub(crate) use casts::cast;

use crate::change::Change;
use crate::declare::Language;
use crate::kinds::{index::Index, schema::Schema, table::Table};
use crate::{Catalog, Pair};

/// Returns the changes, in the order in which they can be applied: of what the language can say, the
/// rest is left as it is.
pub fn diff(catalogs: Pair<&Catalog>, language: Language) -> Vec<Change> {
    let tables = TablePairs::new(catalogs);
    let altered = tables::altered(&tables);
    let mut changes = Vec::new();
    changes.extend(created_schemas(catalogs));
    changes.extend(extensions(catalogs));
    changes.extend(enums::created(catalogs));
    changes.extend(enums::altered(catalogs, &tables));
    let foreign_keys = foreign_keys::diff(&tables);
    let indexes = indexes::diff(&tables, &altered, language);
    changes.extend(foreign_keys.dropped);
    changes.extend(indexes.dropped);
    for alter in altered {
        let table = alter.table.clone();
        changes.push(Change::AlterTable(alter));
        let replaced = indexes.replaced.iter().filter(|index| index.table == table);
        changes.extend(replaced.map(|index| Change::DropIndex((*index).clone())));
    }
    changes.extend(tables.dropped.iter().map(|table| Change::DropTable((*table).clone())));
    changes.extend(enums::dropped(catalogs));
    changes.extend(tables.created.iter().map(|table| Change::CreateTable((*table).clone())));
    changes.extend(indexes.created);
    changes.extend(foreign_keys.renamed);
    changes.extend(foreign_keys.added);
    changes.extend(indexes.renamed);
    changes
}

/// The tables of both sides, matched by name, each list in the order of its catalog.
pub(crate) struct TablePairs<'a> {
    pub(crate) catalogs: Pair<&'a Catalog>,
    pub(crate) both: Vec<Pair<&'a Table>>,
    pub(crate) created: Vec<&'a Table>,
    pub(crate) dropped: Vec<&'a Table>,
    indexes: Pair<std::collections::BTreeMap<&'a crate::Name, Vec<&'a Index>>>,
}

impl<'a> TablePairs<'a> {
    fn new(catalogs: Pair<&'a Catalog>) -> Self {
        let Pair { actual, desired } = catalogs;
        Self {
            catalogs,
            both: actual
                .tables
                .iter()
                .filter_map(|table| Some(Pair::new(table, desired.tables.get(&table.name)?)))
                .collect(),
            created: desired.tables.iter().filter(|t| !actual.tables.contains(&t.name)).collect(),
            dropped: actual
                .tables
                .iter()
                .filter(|t| !desired.tables.contains(&t.name) && !is_partition(catalogs, &t.name))
                .collect(),
            indexes: catalogs.map(|catalog| {
                let mut by_table = std::collections::BTreeMap::<_, Vec<_>>::new();
                for index in catalog.indexes.iter() {
                    by_table.entry(&index.table).or_default().push(index);
                }
                by_table
            }),
        }
    }

    /// The indexes of a table on both sides.
    pub(crate) fn indexes_of(&self, table: &crate::Name) -> Pair<&[&'a Index]> {
        self.indexes.as_ref().map(|side| side.get(table).map(Vec::as_slice).unwrap_or_default())
    }
}

/// Whether a table is a partition that the desired side does not name: what the language has no word
/// for, and a part of the table that it does name.
fn is_partition(catalogs: Pair<&Catalog>, name: &crate::Name) -> bool {
    catalogs.actual.tables.get(name).is_some_and(|table| table.partition_of.is_some())
        && !catalogs.desired.tables.contains(name)
}

/// The schemas to make: of those that are missing, the ones that something is to be in.
fn created_schemas(catalogs: Pair<&Catalog>) -> impl Iterator<Item = Change> {
    let Pair { actual, desired } = catalogs;
    let is_missing = |schema: &&Schema| !actual.schemas.contains(&schema.name);
    let is_used = |schema: &&Schema| {
        desired.tables.iter().any(|table| table.name.schema == schema.name)
            || desired.enum_types.iter().any(|r#enum| r#enum.name.schema == schema.name)
    };
    desired
        .schemas
        .iter()
        .filter(is_missing)
        .filter(is_used)
        .map(|schema| Change::CreateSchema(schema.name.clone()))
}

/// Extensions are compared only when the desired side names some; none is ever dropped, since
/// columns and functions that the schema language does not see may need it.
fn extensions(catalogs: Pair<&Catalog>) -> impl Iterator<Item = Change> {
    catalogs.desired.extensions.iter().filter_map(move |desired| {
        let Some(actual) = catalogs.actual.extensions.get(&desired.name) else {
            return Some(Change::CreateExtension(desired.clone()));
        };
        let differs = |actual: &Option<String>, desired: &Option<String>| {
            desired.is_some() && actual != desired
        };
        (differs(&actual.version, &desired.version) || differs(&actual.schema, &desired.schema))
            .then(|| Change::AlterExtension(Pair::new(actual.clone(), desired.clone())))
    })
}
