//! How values get from one column type to another.

use crate::Pair;
use crate::change::Cast;
use crate::kinds::table::ColumnType;

/// Returns how to get from the one type to the other, or nothing when they are the same.
pub(super) fn cast(types: Pair<&ColumnType>) -> Option<Cast> {
    if same(types) { None } else { Some(Cast::Impossible) }
}

/// Whether the types are the same to the schema language.
fn same(types: Pair<&ColumnType>) -> bool {
    let Pair { actual, desired } = types;
    actual == desired
}

/// Whether a foreign key survives the change of its column's type.
pub(super) fn same_family(types: Pair<&ColumnType>) -> bool {
    same(types)
}
