//! Columns of a table on both sides.

use super::Rename;
use super::candidates::Assumed;
use super::names::likeness;
use super::score::{Candidate, Scale};
use crate::change::Cast;
use crate::diff::cast;
use crate::kinds::index::Index;
use crate::kinds::table::{Column, ColumnType, Default, Table};
use crate::{Catalog, Name, Pair};

/// The columns that go and come in each table, paired.
pub(super) fn candidates(catalogs: Pair<&Catalog>, assumed: &Assumed) -> Vec<Candidate> {
    let mut found = Vec::new();
    for actual in catalogs.actual.tables.iter() {
        let Some(desired) = catalogs.desired.tables.get(&actual.name) else { continue };
        let sides = Sides { catalogs, of: Pair::new(actual, desired), assumed };
        let (gone, come) = (beyond(actual, desired), beyond(desired, actual));
        let is_only = gone.len() == 1 && come.len() == 1;
        for column in &gone {
            found.extend(
                come.iter().filter_map(|other| sides.weigh(Pair::new(column, other), is_only)),
            );
        }
    }
    found
}

/// The columns of a table that the other lacks.
fn beyond<'a>(table: &'a Table, other: &Table) -> Vec<&'a Column> {
    let has = |column: &&Column| !other.columns.iter().any(|it| it.name == column.name);
    table.columns.iter().filter(has).collect()
}

/// The type of a column, with enum types by the names that they will have.
pub(super) fn type_after(r#type: &ColumnType, assumed: &Assumed) -> ColumnType {
    ColumnType { name: assumed.enum_type(&r#type.name).clone(), ..r#type.clone() }
}

/// A table on both sides, with all that is around it.
struct Sides<'a> {
    catalogs: Pair<&'a Catalog>,
    of: Pair<&'a Table>,
    assumed: &'a Assumed,
}

impl Sides<'_> {
    fn weigh(&self, columns: Pair<&Column>, is_only: bool) -> Option<Candidate> {
        let Pair { actual, desired } = columns;
        let before = type_after(&actual.r#type, self.assumed);
        let cast = cast(Pair::new(&before, &desired.r#type));
        let alike = likeness(&actual.name, &desired.name);
        if cast == Some(Cast::Impossible) {
            return None;
        }
        let mut scale = Scale::default();
        scale.weigh(25, cast.is_none(), "same type");
        scale.against(5, cast == Some(Cast::Risky));
        let same_arity = actual.nullable == desired.nullable;
        scale.weigh(
            5,
            same_arity,
            if actual.nullable { "both take null" } else { "both required" },
        );
        let defaults = columns.map(|column| column.default.as_ref());
        scale.weigh(10, is_telling(defaults) && !defaults.differs(), "same default");
        scale.against(5, defaults.differs());
        let references = self.references(columns);
        scale.weigh(30, references == Some(true), "refers to the same table");
        scale.against(30, references == Some(false));
        let keys = self.keys(columns);
        scale.weigh(15, keys == Some(true), "in the same key");
        scale.against(10, keys == Some(false));
        scale.weigh(15, self.same_place(columns), "same place among the columns");
        scale.weigh(15, is_only, "the only column that goes, and the only one that comes");
        scale.share(45, alike, "the names are alike");
        scale.candidate(Rename::Column {
            table: self.of.desired.name.clone(),
            names: columns.map(|column| column.name.clone()),
        })
    }

    /// Whether both refer to the same tables; nothing if neither refers to one.
    fn references(&self, columns: Pair<&Column>) -> Option<bool> {
        let of = |table: &'_ Table, column: &Column| -> Vec<Name> {
            let keys = table.foreign_keys.iter();
            let with = keys.filter(|key| key.columns.contains(&column.name));
            with.map(|key| key.referenced_table.clone()).collect()
        };
        let before = of(self.of.actual, columns.actual);
        let before: Vec<Name> =
            before.iter().map(|table| self.assumed.table(table).clone()).collect();
        let after = of(self.of.desired, columns.desired);
        (!before.is_empty() || !after.is_empty()).then(|| before == after)
    }

    /// Whether both are in keys and indexes of the same form; nothing if neither is in one.
    fn keys(&self, columns: Pair<&Column>) -> Option<bool> {
        let form = |catalog: &Catalog,
                    table: &Table,
                    column: &Column|
         -> Vec<(bool, bool, usize)> {
            let at = |columns: &[String]| columns.iter().position(|name| *name == column.name);
            let key =
                table.primary_key.iter().filter_map(|key| Some((true, true, at(&key.columns)?)));
            let index = |index: &Index| {
                let is_it = |name: &Option<String>| name.as_ref() == Some(&column.name);
                let at = index.keys.iter().position(|key| is_it(&key.column))?;
                Some((false, index.unique, at))
            };
            let own = catalog.indexes.iter().filter(|index| index.table == table.name);
            let mut forms: Vec<_> = key.chain(own.filter_map(index)).collect();
            forms.sort_unstable();
            forms
        };
        let before = form(self.catalogs.actual, self.of.actual, columns.actual);
        let after = form(self.catalogs.desired, self.of.desired, columns.desired);
        (!before.is_empty() || !after.is_empty()).then(|| before == after)
    }

    /// Whether both stand behind the same column, or before the same one, of those on both sides.
    fn same_place(&self, columns: Pair<&Column>) -> bool {
        let stays = |name: &str| {
            let has = |table: &Table| table.columns.iter().any(|column| column.name == name);
            has(self.of.actual) && has(self.of.desired)
        };
        let neighbours = |table: &'_ Table, column: &Column| -> [Option<String>; 2] {
            let at = table.columns.iter().position(|it| it.name == column.name).unwrap_or(0);
            let (before, after) = table.columns.split_at(at);
            let stays = |column: &&Column| stays(&column.name);
            let name = |column: &Column| column.name.clone();
            [before.iter().rfind(stays).map(name), after.iter().find(stays).map(name)]
        };
        neighbours(self.of.actual, columns.actual) == neighbours(self.of.desired, columns.desired)
    }
}

/// Whether a default says something about the column.
fn is_telling(defaults: Pair<Option<&Default>>) -> bool {
    defaults.actual.is_some() && defaults.desired.is_some()
}
