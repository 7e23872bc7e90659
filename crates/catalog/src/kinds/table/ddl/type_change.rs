//! The SQL that changes the type of a column, and keeps its values.

use std::fmt::Write as _;

use super::super::{Column, ColumnType, Table};
use super::alter as alter_table;
use super::column::type_clause;
use crate::ddl::{Alteration, Statement, write};
use crate::kinds::composite_type::conversion;
use crate::{Catalog, Pair, quoted};

/// Changes the type of a column, or makes a generated one plain.
pub(super) fn alter(tables: Pair<&Table>, name: &str) -> Option<Alteration> {
    let Pair { actual, desired } = columns(tables, name)?;
    if desired.generated.is_some() && actual.generated != desired.generated {
        // The values are computed anew.
        return None;
    }
    let mut statements = Vec::new();
    if actual.generated.is_some() && desired.generated.is_none() {
        statements.push(clause(tables.desired, name, "DROP EXPRESSION"));
    }
    let retypes = type_clause(actual) != type_clause(desired);
    if retypes {
        statements.push(clause(tables.desired, name, &retype(Pair::new(actual, desired))));
    }
    Some(Alteration { retypes, ..Alteration::of(statements) })
}

/// Moves a column from the old one of a type that is made anew to the new one, along with all else
/// that changes.
pub(crate) fn change_type(
    catalogs: Pair<&Catalog>,
    tables: Pair<&Table>,
    name: &str,
) -> Option<Alteration> {
    let types = columns(tables, name)?.map(|column| &column.r#type);
    let mut alteration = alter(tables, name)?;
    if is_other(types) {
        return Some(alteration);
    }
    let column = columns(tables, name)?.desired;
    let mut moved = format!("TYPE {}", type_clause(column));
    if let Some(function) = conversion::function(catalogs, &column.r#type.name) {
        // Writing to a string cannot fail.
        let _ = write!(moved, " USING {function}({})", quoted(name));
    } else if column.r#type.name.schema != "pg_catalog" {
        // Of a new collation, the type is the same.
        let r#type = write::r#type(&column.r#type);
        let _ = write!(moved, " USING {}::text::{type}", quoted(name));
    }
    if alteration.retypes {
        alteration.statements.pop();
    }
    alteration.statements.push(clause(tables.desired, name, &moved));
    alteration.retypes = true;
    Some(alteration)
}

fn columns<'a>(tables: Pair<&'a Table>, name: &str) -> Option<Pair<&'a Column>> {
    let find = |table: &'a Table| table.columns.iter().find(|column| column.name == name);
    let Pair { actual, desired } = tables.map(find);
    Some(Pair::new(actual?, desired?))
}

fn clause(table: &Table, column: &str, rest: &str) -> Statement {
    alter_table(&table.name, false, &format!("ALTER COLUMN {} {rest}", quoted(column)))
}

/// Whether a type is another one by name, not only the same one made anew or with other arguments.
pub(crate) fn is_other(types: Pair<&ColumnType>) -> bool {
    types.actual.name != types.desired.name || types.actual.array != types.desired.array
}

/// `TYPE`, with what makes new values of the old ones.
fn retype(columns: Pair<&Column>) -> String {
    let mut text = format!("TYPE {}", type_clause(columns.desired));
    let types = columns.map(|column| &column.r#type);
    if is_other(types) {
        let (column, desired) = (quoted(&columns.desired.name), write::r#type(types.desired));
        let through_text = if has_cast(types) { "" } else { "::text" };
        // Writing to a string cannot fail.
        let _ = write!(text, " USING {column}{through_text}::{desired}");
    }
    text
}

/// The types between any two of which PostgreSQL has a cast.
const FAMILIES: &[&[&str]] = &[
    &["int2", "int4", "int8", "float4", "float8", "numeric"],
    &["int4", "bool"],
    &["timestamp", "timestamptz", "date"],
    &["time", "timetz"],
    &["bit", "varbit"],
    &["json", "jsonb"],
    &["inet", "cidr"],
];

/// The casts that have no other way round.
const ONE_WAY: &[(&str, &str)] = &[("timestamp", "time"), ("timestamptz", "time")];

/// Whether PostgreSQL has a cast of its own; all others go through text.
fn has_cast(types: Pair<&ColumnType>) -> bool {
    let is_text = |r#type: &ColumnType| {
        !r#type.array && ["text", "varchar", "bpchar"].iter().any(|name| r#type.is(name))
    };
    let is_in = |family: &[&str], r#type: &ColumnType| family.iter().any(|name| r#type.is(name));
    let Pair { actual, desired } = types;
    is_text(actual)
        || is_text(desired)
        || actual.array == desired.array
            && (FAMILIES.iter().any(|family| is_in(family, actual) && is_in(family, desired))
                || ONE_WAY.iter().any(|(from, to)| actual.is(from) && desired.is(to)))
}
