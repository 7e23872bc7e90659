//! Tables of implicit many-to-many relations.

use crate::database::{Database, ForeignKey, IndexKind, Table};

/// Whether a table is one: two foreign keys in columns `A` and `B`, the first to the table that comes
/// first by name, with the keys that Prisma makes, old or new.
pub(crate) fn is_join_table(table: &Table<'_>, database: &Database<'_>) -> bool {
    let is = |column: usize, name: &str| table.column_name(column).eq_ignore_ascii_case(name);
    let begins_with = |key: &ForeignKey<'_>, name: &str| {
        key.columns.first().is_some_and(|column| is(*column, name))
    };
    let has_key = table.indexes.iter().any(|index| match index.columns.as_slice() {
        [a, b] => index.kind != IndexKind::Plain && is(a.column, "A") && is(b.column, "B"),
        _ => false,
    });
    let has_index = table.indexes.iter().any(|index| match index.columns.as_slice() {
        [b] => index.kind == IndexKind::Plain && is(b.column, "B"),
        _ => false,
    });
    let referenced = |key: &ForeignKey<'_>| {
        database.tables.get(key.referenced_table).map(|table| table.name.name.as_str())
    };
    let [first, second] = table.foreign_keys.as_slice() else { return false };
    table.name.name.starts_with('_')
        && has_key
        && has_index
        && (referenced(first) <= referenced(second)
            && begins_with(first, "A")
            && begins_with(second, "B")
            || referenced(second) <= referenced(first)
                && begins_with(first, "B")
                && begins_with(second, "A"))
}

/// The foreign keys in columns `A` and `B` of such a table.
pub(crate) fn sides<'t, 'a>(table: &'t Table<'a>) -> Option<[&'t ForeignKey<'a>; 2]> {
    let [first, second] = table.foreign_keys.as_slice() else { return None };
    let column = first.columns.first().map_or("", |column| table.column_name(*column));
    Some(if column.eq_ignore_ascii_case("A") { [first, second] } else { [second, first] })
}
