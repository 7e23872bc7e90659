//! The indexes and keys that a column will have in another one's place, made beforehand.

use std::collections::BTreeMap;

use super::{Beside, free_name};
use crate::ddl::write;
use crate::kinds::index::Index;
use crate::kinds::table::{ForeignKey, Table};
use crate::{Catalog, Name, quoted};

/// What is made beforehand, and what it becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twins {
    /// The statements that make indexes and foreign keys, in this order.
    pub make: Vec<String>,
    /// The statements by which they become what they are to be, once the others have gone.
    pub settle: Vec<String>,
}

/// The names that columns have meanwhile, by table and final name.
type Meanwhile<'a> = BTreeMap<(&'a Name, &'a str), &'a str>;

/// Finds what the columns are to have and have not: `desired` is what there is to be in the end,
/// `meanwhile` what there is now.
pub fn twins(desired: &Catalog, meanwhile: &Catalog, besides: &[Beside]) -> Twins {
    let columns: Meanwhile<'_> =
        besides.iter().map(|it| ((&it.table, it.final_name()), it.column.as_str())).collect();
    let mut twins = Twins::default();
    for index in desired.indexes.iter() {
        twins.index(index, meanwhile, &columns);
    }
    let replaces = |table: &Name, column: &String| {
        let is_it = |it: &&Beside| it.table == *table && it.final_name() == column;
        besides.iter().find(is_it).is_some_and(|it| it.leaves().is_some())
    };
    for table in desired.tables.iter() {
        let key = table.primary_key.as_ref();
        if key.is_some_and(|key| key.columns.iter().any(|column| replaces(&table.name, column))) {
            twins.primary_key(table, meanwhile, &columns);
        }
    }
    for table in desired.tables.iter() {
        for key in &table.foreign_keys {
            twins.foreign_key(table, key, meanwhile, &columns);
        }
    }
    twins
}

fn is_plain(table: &Table) -> bool {
    table.partition_key.is_none() && table.partition_of.is_none()
}

impl Twins {
    fn index(&mut self, index: &Index, meanwhile: &Catalog, columns: &Meanwhile<'_>) {
        let is_about = |column: &Option<String>| {
            let column = column.as_ref().map(String::as_str);
            column.is_some_and(|column| columns.contains_key(&(&index.table, column)))
        };
        let Some(table) = meanwhile.tables.get(&index.table) else { return };
        let is_known = index.keys.iter().all(|key| key.expression.is_none())
            && index.predicate.is_none()
            && index.include.is_empty()
            && is_plain(table)
            && index.constraint.as_ref().is_none_or(|it| !it.deferrable && !it.without_overlaps);
        if !is_known || !index.keys.iter().any(|key| is_about(&key.column)) {
            return;
        }
        let mut twin = index.clone();
        for key in &mut twin.keys {
            let column = key.column.as_mut();
            if let Some(column) = column
                && let Some(now) = columns.get(&(&index.table, column.as_str()))
            {
                *column = (*now).to_owned();
            }
        }
        if meanwhile.indexes.get(&index.name).is_some_and(|there| there.keys == twin.keys) {
            return;
        }
        twin.name.name = name_meanwhile(&index.name, meanwhile);
        let (constraint, comment) = (twin.constraint.take(), twin.comment.take());
        drop(comment);
        self.make.push(twin.create_index(false));
        let (on, now, then) =
            (write::name(&index.table), quoted(&twin.name.name), quoted(&index.name.name));
        if constraint.is_some() {
            self.settle
                .push(format!("ALTER TABLE {on} ADD CONSTRAINT {then} UNIQUE USING INDEX {now}"));
        } else if now != then {
            let twin = write::name(&twin.name);
            self.settle.push(format!("ALTER INDEX {twin} RENAME TO {then}"));
        }
    }

    fn primary_key(&mut self, table: &Table, meanwhile: &Catalog, columns: &Meanwhile<'_>) {
        let Some(key) = table.primary_key.as_ref() else { return };
        if !is_plain(table) || key.deferrable || key.without_overlaps || !key.include.is_empty() {
            return;
        }
        let of = |column: &String| {
            let now = columns.get(&(&table.name, column.as_str()));
            quoted(now.copied().unwrap_or(column))
        };
        let listed = key.columns.iter().map(of).collect::<Vec<_>>().join(", ");
        let then = Name::new(&table.name.schema, &key.name);
        let now = quoted(&name_meanwhile(&then, meanwhile));
        let (on, then) = (write::name(&table.name), quoted(&key.name));
        self.make.push(format!("CREATE UNIQUE INDEX {now} ON {on} ({listed})"));
        // Foreign keys lean on indexes: those of keys come first.
        let add = format!("ALTER TABLE {on} ADD CONSTRAINT {then} PRIMARY KEY USING INDEX {now}");
        self.settle.insert(0, add);
    }

    fn foreign_key(
        &mut self,
        table: &Table,
        key: &ForeignKey,
        meanwhile: &Catalog,
        columns: &Meanwhile<'_>,
    ) {
        let Some(there) = meanwhile.tables.get(&table.name) else { return };
        let mut twin = key.clone();
        let mut is_about = false;
        let (own, others) = (&mut twin.columns, &mut twin.referenced_columns);
        for (on, named) in [(&table.name, own), (&key.referenced_table, others)] {
            for column in named.iter_mut() {
                if let Some(now) = columns.get(&(on, column.as_str())) {
                    *column = (*now).to_owned();
                    is_about = true;
                }
            }
        }
        let is_there = there.foreign_keys.iter().any(|other| {
            other.columns == twin.columns
                && other.referenced_table == twin.referenced_table
                && other.referenced_columns == twin.referenced_columns
        });
        if !is_about || is_there || !is_plain(there) || key.inherited || key.deferrable {
            return;
        }
        let is_taken = |name: &str| there.foreign_keys.iter().any(|key| key.name == name);
        if is_taken(&key.name) {
            twin.name = free_name(&key.name, "_new", is_taken);
        }
        let on = write::name(&table.name);
        self.make.push(format!(
            "ALTER TABLE {on} ADD CONSTRAINT {} {}",
            quoted(&twin.name),
            twin.definition()
        ));
        if twin.name != key.name {
            self.settle.push(format!(
                "ALTER TABLE {on} RENAME CONSTRAINT {} TO {}",
                quoted(&twin.name),
                quoted(&key.name)
            ));
        }
    }
}

/// The name itself if it is free, otherwise one beside it.
fn name_meanwhile(name: &Name, meanwhile: &Catalog) -> String {
    let is_taken = |text: &str| {
        let is_key = |table: &Table| {
            table.name.schema == name.schema
                && table.primary_key.as_ref().is_some_and(|key| key.name == text)
        };
        let other = Name::new(&name.schema, text);
        meanwhile.indexes.get(&other).is_some()
            || meanwhile.tables.get(&other).is_some()
            || meanwhile.tables.iter().any(is_key)
    };
    if is_taken(&name.name) {
        return free_name(&name.name, "_new", is_taken);
    }
    name.name.clone()
}
