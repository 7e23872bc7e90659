//! Enum types of one side only, and the labels of those on both.

use super::Rename;
use super::candidates::Assumed;
use super::names::{likeness, percent};
use super::score::{Candidate, Scale};
use crate::kinds::enum_type::EnumType;
use crate::{Catalog, Name, Pair};

/// The types that go and come in each schema, paired.
pub(super) fn enum_types(catalogs: Pair<&Catalog>, assumed: &Assumed) -> Vec<Candidate> {
    let Pair { actual, desired } = catalogs;
    let gone = actual.enum_types.iter().filter(|it| !desired.enum_types.contains(&it.name));
    let come: Vec<&EnumType> =
        desired.enum_types.iter().filter(|it| !actual.enum_types.contains(&it.name)).collect();
    let mut found = Vec::new();
    for enum_type in gone {
        let fits = |other: &&&EnumType| other.name.schema == enum_type.name.schema;
        for other in come.iter().filter(fits) {
            let names = Pair::new(enum_type.name.clone(), other.name.clone());
            let common =
                enum_type.labels.iter().filter(|label| other.labels.contains(label)).count();
            let labels = percent(2 * common, enum_type.labels.len() + other.labels.len());
            let mut scale = Scale::default();
            scale.share(50, labels, "the labels are the same");
            scale.share(
                30,
                likeness(&names.actual.name, &names.desired.name),
                "the names are alike",
            );
            scale.share(30, users(catalogs, &names, assumed), "the same columns are of it");
            found.extend(scale.candidate(Rename::EnumType(names)));
        }
    }
    found
}

/// The share of the columns of the one type that now are of the other, in percent.
fn users(catalogs: Pair<&Catalog>, names: &Pair<Name>, assumed: &Assumed) -> u32 {
    let of = |catalog: &Catalog, name: &Name| -> Vec<(Name, String)> {
        let columns = catalog
            .tables
            .iter()
            .flat_map(|table| table.columns.iter().map(move |column| (&table.name, column)));
        let of_type = columns.filter(|(_, column)| column.r#type.name == *name);
        of_type.map(|(table, column)| (assumed.table(table).clone(), column.name.clone())).collect()
    };
    let before = of(catalogs.actual, &names.actual);
    let after = of(catalogs.desired, &names.desired);
    let common = before.iter().filter(|column| after.contains(column)).count();
    percent(2 * common, before.len() + after.len())
}

/// The labels that go and come in each type, paired.
pub(super) fn candidates(catalogs: Pair<&Catalog>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for actual in catalogs.actual.enum_types.iter() {
        let Some(desired) = catalogs.desired.enum_types.get(&actual.name) else { continue };
        let types = Pair::new(actual, desired);
        let beyond = |one: &'_ EnumType, other: &EnumType| -> Vec<String> {
            one.labels.iter().filter(|label| !other.labels.contains(label)).cloned().collect()
        };
        let (gone, come) = (beyond(actual, desired), beyond(desired, actual));
        let is_only = gone.len() == 1 && come.len() == 1;
        for label in &gone {
            for other in &come {
                let mut scale = Scale::default();
                scale.weigh(30, is_only, "the only label that goes, and the only one that comes");
                scale.weigh(15, same_place(types, Pair::new(label, other)), "same place");
                scale.share(55, likeness(label, other), "the names are alike");
                found.extend(scale.candidate(Rename::Label {
                    enum_type: actual.name.clone(),
                    names: Pair::new(label.clone(), other.clone()),
                }));
            }
        }
    }
    found
}

/// Whether both stand between the same labels, of those on both sides.
fn same_place(types: Pair<&EnumType>, labels: Pair<&String>) -> bool {
    let Pair { actual, desired } = types;
    let stays = |label: &&String| actual.labels.contains(label) && desired.labels.contains(label);
    let neighbours = |of: &'_ EnumType, label: &String| -> [Option<String>; 2] {
        let at = of.labels.iter().position(|it| it == label).unwrap_or(0);
        let (before, after) = of.labels.split_at(at);
        [before.iter().rfind(stays).cloned(), after.iter().find(stays).cloned()]
    };
    neighbours(actual, labels.actual) == neighbours(desired, labels.desired)
}
