//! Columns on both sides.

use super::casts::cast;
use crate::Pair;
use crate::change::{AlterColumn, Cast, ColumnDifference, TableClause};
use crate::kinds::table::{Column, ColumnType, Default};
use crate::sql::is_autoincrement;

/// Returns what has to be done to a column, or nothing.
pub(super) fn alter(columns: Pair<&Column>) -> Option<TableClause> {
    let Pair { actual, desired } = columns;
    let cast = cast(columns.map(|column| &column.r#type));
    let differs = ColumnDifference {
        arity: arity(actual) != arity(desired),
        default: !same_default(columns),
        r#type: cast.is_some(),
        autoincrement: is_autoincrement(actual) != is_autoincrement(desired),
    };
    if !differs.any() {
        return None;
    }
    let alter = AlterColumn { columns: Pair::new(actual.clone(), desired.clone()), differs, cast };
    Some(match cast {
        Some(Cast::Impossible) => TableClause::RecreateColumn(alter),
        Some(Cast::Safe | Cast::Risky) | None => TableClause::AlterColumn(alter),
    })
}

#[derive(PartialEq)]
enum Arity {
    Required,
    Optional,
    List,
}

/// The schema language has no lists that can be null, so an array's `NOT NULL` is not looked at.
fn arity(column: &Column) -> Arity {
    match (column.r#type.array, column.nullable) {
        (true, _) => Arity::List,
        (false, true) => Arity::Optional,
        (false, false) => Arity::Required,
    }
}

/// Whether the defaults are the same to the schema language. What a sequence, an identity or a
/// generated column gives is not a default here: the first two are compared as autoincrement, the
/// last cannot be declared.
fn same_default(columns: Pair<&Column>) -> bool {
    if columns.actual.generated.is_some() {
        return true;
    }
    let r#type = &columns.desired.r#type;
    match (&columns.actual.default, &columns.desired.default) {
        (_, Some(Default::NextValue(_))) | (Some(Default::NextValue(_)) | None, None) => true,
        (_, Some(Default::Expression(desired))) if desired.is_empty() => true,
        // Prisma takes a constant date for equal to any other default.
        (Some(actual), Some(desired))
            if is_constant_date(actual, &columns.actual.r#type)
                || is_constant_date(desired, r#type) =>
        {
            true
        }
        (Some(Default::Expression(actual)), Some(Default::Expression(desired))) => {
            actual.eq_ignore_ascii_case(desired)
        }
        (Some(Default::Value(actual)), Some(Default::Value(desired))) => {
            same_constant(actual, desired, r#type)
        }
        (Some(actual), Some(desired)) => actual == desired,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn is_constant_date(default: &Default, r#type: &ColumnType) -> bool {
    matches!(default, Default::Value(_))
        && ["timestamp", "timestamptz", "date", "time", "timetz"].iter().any(|t| r#type.is(t))
}

fn same_constant(actual: &str, desired: &str, r#type: &ColumnType) -> bool {
    if r#type.is("json") || r#type.is("jsonb") {
        let parse = |text| serde_json::from_str::<serde_json::Value>(text).ok();
        if let (Some(actual), Some(desired)) = (parse(actual), parse(desired)) {
            return actual == desired;
        }
    }
    let is_number = ["float4", "float8", "numeric", "money"].iter().any(|name| r#type.is(name));
    actual == desired || is_number && shortest(actual) == shortest(desired)
}

/// `1.50` → `1.5`, `0.0` → `0`: the same number.
fn shortest(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}
