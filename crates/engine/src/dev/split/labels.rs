//! Enum types that lose labels, and what rows get that have them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among renames is to be passed over until it is asked about"
)]

use std::collections::BTreeMap;

use catalog::beside::{BesideType, can_be_beside, free_name, label_cast};
use catalog::kinds::table::Column;
use catalog::rename::Rename;
use catalog::{Name, Pair};

use super::choices::Cutting;
use super::questions::{NULL, map};
use crate::Error;

impl Cutting<'_> {
    /// Enum types that lose labels while columns hold them: made anew, and the columns with them.
    pub(super) fn types(&mut self) -> Result<(), Error> {
        let Pair { actual, desired } = self.change.catalogs;
        for enum_type in desired.enum_types.iter() {
            let name = &enum_type.name;
            let renames: BTreeMap<&str, &str> = self
                .change
                .renames
                .iter()
                .filter_map(|rename| match rename {
                    Rename::Label { enum_type, names } if enum_type == name => {
                        Some((names.actual.as_str(), names.desired.as_str()))
                    }
                    _ => None,
                })
                .collect();
            let former = self.former_type(name);
            let Some(history) = self.change.history.enum_types.get(&former) else { continue };
            let gone: Vec<String> = history
                .labels
                .iter()
                .filter(|label| !enum_type.labels.contains(label))
                .cloned()
                .collect();
            let columns: Vec<(Name, Column)> = actual
                .tables
                .iter()
                .flat_map(|table| table.columns.iter().map(|it| (table.name.clone(), it.clone())))
                .filter(|(_, column)| column.r#type.name == *name)
                .collect();
            if gone.is_empty() || columns.is_empty() {
                continue;
            }
            if let Some((table, column)) = columns.iter().find(|(_, it)| !can_be_beside(it)) {
                self.cut.notes.push(format!(
                    "{}.{} is computed by the server: {} is changed at once",
                    table.name, column.name, name.name
                ));
                continue;
            }
            let mut mapped = BTreeMap::new();
            for label in &gone {
                let new = match renames.get(label.as_str()) {
                    Some(new) => Some((*new).to_owned()),
                    None => self.answer(map(name, label, &enum_type.labels)),
                };
                let Some(new) = new else { continue };
                let is_null = new == NULL && !enum_type.labels.contains(&new);
                if !is_null && !enum_type.labels.contains(&new) {
                    return Err(Error::Answers(format!(
                        "--map {}.{label}={new}: {} will have {}; or say null",
                        name.name,
                        name.name,
                        enum_type.labels.join(", ")
                    )));
                }
                let takes_none = |(table, column): &&(Name, Column)| {
                    !column.r#type.array
                        && self.desired(table, &column.name).is_some_and(|it| !it.nullable)
                };
                if is_null && let Some((table, column)) = columns.iter().find(takes_none) {
                    return Err(Error::Answers(format!(
                        "--map {}.{label}={new}: {}.{} takes no null; name one of {}",
                        name.name,
                        table.name,
                        column.name,
                        enum_type.labels.join(", ")
                    )));
                }
                mapped.insert(label.clone(), (!is_null).then_some(new));
            }
            let is_taken = |text: &str| {
                let other = Name::new(&name.schema, text);
                actual.enum_types.get(&other).is_some() || actual.tables.get(&other).is_some()
            };
            let meanwhile = Name::new(&name.schema, free_name(&name.name, "_new", is_taken));
            for (table, column) in columns {
                let value = label_cast(&column.name, column.r#type.array, &meanwhile, &mapped);
                let mut new = column.clone();
                new.r#type.name = meanwhile.clone();
                self.beside(&table, &column, &new, value);
            }
            let added = enum_type.labels.iter().filter(|label| !history.labels.contains(label));
            let added = added.cloned().collect();
            let names = Pair::new(name.clone(), meanwhile);
            self.cut.types.push((BesideType { names, labels: enum_type.labels.clone() }, added));
        }
        Ok(())
    }

    fn former_type(&self, name: &Name) -> Name {
        let mut renames = self.change.renames.iter();
        let former = renames.find_map(|rename| match rename {
            Rename::EnumType(names) if names.desired == *name => Some(names.actual.clone()),
            _ => None,
        });
        former.unwrap_or_else(|| name.clone())
    }
}
