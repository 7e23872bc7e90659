//! Tables of one side only.

use std::collections::BTreeMap;

use super::Rename;
use super::candidates::Assumed;
use super::columns::type_after;
use super::join::{Sides, sides};
use super::names::{likeness, percent};
use super::score::{Candidate, Scale};
use crate::diff::cast;
use crate::kinds::table::{Column, Table};
use crate::{Catalog, Name, Pair};

/// The tables that go and come in each schema, paired.
pub(super) fn candidates(catalogs: Pair<&Catalog>, assumed: &Assumed) -> Vec<Candidate> {
    let Pair { actual, desired } = catalogs;
    let gone: Vec<&Table> = actual
        .tables
        .iter()
        .filter(|table| !desired.tables.contains(&table.name) && table.partition_of.is_none())
        .collect();
    let come: Vec<&Table> =
        desired.tables.iter().filter(|table| !actual.tables.contains(&table.name)).collect();
    if gone.is_empty() || come.is_empty() {
        return Vec::new();
    }
    let weights = weights(catalogs);
    let is_only = gone.len() == 1 && come.len() == 1;
    let mut found = Vec::new();
    for table in &gone {
        for other in come.iter().filter(|other| other.name.schema == table.name.schema) {
            let tables = Pair::new(*table, *other);
            let joined = sides(tables, |name| assumed.table(name));
            if joined == Some(Sides::Other) {
                continue;
            }
            let mut scale = Scale::default();
            scale.weigh(50, joined.is_some(), "it joins the same tables");
            scale.share(65, overlap(tables, &weights, assumed), "the columns are the same");
            scale.share(30, likeness(&table.name.name, &other.name.name), "the names are alike");
            let names = tables.map(|table| table.name.clone());
            scale.share(25, referrers(catalogs, &names, assumed), "the same tables refer to it");
            scale.weigh(10, is_only, "the only table that goes, and the only one that comes");
            found.extend(scale.candidate(Rename::Table(names)));
        }
    }
    found
}

/// How much each column tells by its name: what many tables have, such as `id`, tells little.
fn weights(catalogs: Pair<&Catalog>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::<String, usize>::new();
    for table in catalogs.actual.tables.iter().chain(catalogs.desired.tables.iter()) {
        for column in &table.columns {
            *counts.entry(column.name.clone()).or_default() += 1;
        }
    }
    counts.into_iter().map(|(name, count)| (name, 100 / count.clamp(2, 20))).collect()
}

/// The share of the columns that are on both sides, by what they tell, in percent.
fn overlap(tables: Pair<&Table>, weights: &BTreeMap<String, usize>, assumed: &Assumed) -> u32 {
    /// What a table with nothing but common columns lacks for being told by them.
    const DOUBT: usize = 20;
    let weight = |column: &Column| weights.get(&column.name).copied().unwrap_or(0);
    let fits = |one: &Column, other: &Column| {
        cast(Pair::new(&type_after(&one.r#type, assumed), &other.r#type)).is_none()
    };
    let mut left: Vec<&Column> = tables.desired.columns.iter().collect();
    let mut whole: usize = tables.desired.columns.iter().map(weight).sum();
    let (mut common, mut others) = (0, Vec::new());
    for column in &tables.actual.columns {
        whole += weight(column);
        match left.iter().position(|other| other.name == column.name && fits(column, other)) {
            Some(at) => common += 2 * weight(left.swap_remove(at)),
            None => others.push(column),
        }
    }
    // A column that has another name as well is half a column.
    for column in others {
        let alike =
            |other: &&Column| fits(column, other) && likeness(&column.name, &other.name) > 50;
        if let Some(at) = left.iter().position(alike) {
            common += weight(column).min(weight(left.swap_remove(at)));
        }
    }
    percent(common, whole + DOUBT)
}

/// The share of the tables that refer to the one which now refer to the other, in percent.
fn referrers(catalogs: Pair<&Catalog>, names: &Pair<Name>, assumed: &Assumed) -> u32 {
    let of = |catalog: &Catalog, name: &Name| -> Vec<Name> {
        let refers = |table: &&Table| {
            table.name != *name
                && table.foreign_keys.iter().any(|key| key.referenced_table == *name)
        };
        catalog
            .tables
            .iter()
            .filter(refers)
            .map(|table| assumed.table(&table.name).clone())
            .collect()
    };
    let before = of(catalogs.actual, &names.actual);
    let after = of(catalogs.desired, &names.desired);
    let common = before.iter().filter(|name| after.contains(name)).count();
    percent(2 * common, before.len() + after.len())
}
