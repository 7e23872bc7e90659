//! Fields → columns: types and defaults.

use std::fmt::Write as _;

use psl::schema::{Arity, DefaultValue, NativeType, ScalarField, ScalarFieldType, ScalarType};

use super::Context;
use crate::Name;
use crate::kinds::table::{Column, ColumnType, Default};

/// Returns the column of a field.
pub(super) fn declare(context: &Context<'_>, table: &Name, field: &ScalarField) -> Column {
    let r#type = column_type(context, field);
    let default = field.default.as_ref().and_then(|value| match value {
        DefaultValue::AutoIncrement => Some(Default::NextValue(Name::new(
            table.schema.clone(),
            sequence_name(&table.name, &field.database_name),
        ))),
        DefaultValue::Literal(_)
        | DefaultValue::EnumLabel(_)
        | DefaultValue::List(_)
        | DefaultValue::Now
        | DefaultValue::DbGenerated(_)
        | DefaultValue::ByClient(_) => default(value, &r#type),
    });
    Column {
        name: field.database_name.clone(),
        nullable: field.arity != Arity::Required,
        r#type,
        default,
        default_expression: None,
        identity: None,
        identity_options: Vec::new(),
        generated: None,
        collation: None,
        inherited: false,
        options: Vec::new(),
        comment: None,
    }
}

/// Returns the name that PostgreSQL gives to the sequence of a `serial` column: the longer of the two
/// parts is cut until the whole has no more than 63 bytes.
pub(crate) fn sequence_name(table: &str, column: &str) -> String {
    const ROOM: usize = 63 - "__seq".len();
    let (mut table, mut column) = (table, column);
    while table.len() + column.len() > ROOM {
        let longer = if table.len() > column.len() { &mut table } else { &mut column };
        let end = longer.char_indices().next_back().map_or(0, |(at, _)| at);
        *longer = longer.get(..end).unwrap_or_default();
    }
    format!("{table}_{column}_seq")
}

/// Returns the type of a field's column.
pub(super) fn column_type(context: &Context<'_>, field: &ScalarField) -> ColumnType {
    let mut r#type = match (&field.r#type, &field.native_type) {
        (_, Some(native)) => native_type(native),
        (ScalarFieldType::Scalar(scalar), None) => default_type(*scalar),
        (ScalarFieldType::Enum(name), None) => {
            let name = context.schema.r#enum(name).map_or_else(
                || context.name(None, name),
                |found| context.name(found.schema.as_deref(), &found.database_name),
            );
            ColumnType { name, arguments: Vec::new(), array: false }
        }
        (ScalarFieldType::Unsupported(text), None) => ColumnType::written(text),
    };
    r#type.array |= field.arity == Arity::List;
    r#type
}

/// Returns what a scalar is stored as when no native type is asked for.
pub fn default_type(scalar: ScalarType) -> ColumnType {
    match scalar {
        ScalarType::String => ColumnType::builtin("text", &[]),
        ScalarType::Boolean => ColumnType::builtin("bool", &[]),
        ScalarType::Int => ColumnType::builtin("int4", &[]),
        ScalarType::BigInt => ColumnType::builtin("int8", &[]),
        ScalarType::Float => ColumnType::builtin("float8", &[]),
        ScalarType::Decimal => ColumnType::builtin("numeric", &[65, 30]),
        ScalarType::DateTime => ColumnType::builtin("timestamp", &[3]),
        ScalarType::Json => ColumnType::builtin("jsonb", &[]),
        ScalarType::Bytes => ColumnType::builtin("bytea", &[]),
    }
}

/// What `@db.X` asks for, by the name in `pg_type`.
fn native_type(native: &NativeType) -> ColumnType {
    let name = match native.name.as_str() {
        "SmallInt" => "int2",
        "Integer" => "int4",
        "BigInt" => "int8",
        "Decimal" => "numeric",
        "Real" => "float4",
        "DoublePrecision" => "float8",
        "Char" => "bpchar",
        "Boolean" => "bool",
        "ByteA" => "bytea",
        // An extension's type, in whatever schema that was installed.
        "Citext" => return ColumnType::written("citext"),
        other => &other.to_lowercase(),
    };
    ColumnType::builtin(name, &native.arguments)
}

fn default(value: &DefaultValue, r#type: &ColumnType) -> Option<Default> {
    match value {
        DefaultValue::Literal(text) => Some(Default::Value(constant(text, r#type))),
        DefaultValue::EnumLabel(label) => Some(Default::Value(label.clone())),
        DefaultValue::List(values) => {
            let constants = values.iter().map(|value| match value {
                DefaultValue::Literal(text) => Some(constant(text, r#type)),
                DefaultValue::EnumLabel(label) => Some(label.clone()),
                DefaultValue::List(_)
                | DefaultValue::AutoIncrement
                | DefaultValue::Now
                | DefaultValue::DbGenerated(_)
                | DefaultValue::ByClient(_) => None,
            });
            Some(Default::List(constants.collect()))
        }
        DefaultValue::Now => Some(Default::Now),
        DefaultValue::DbGenerated(text) => {
            Some(Default::Expression(text.clone().unwrap_or_default()))
        }
        DefaultValue::ByClient(_) | DefaultValue::AutoIncrement => None,
    }
}

/// The text of a constant as PostgreSQL takes it, from how the schema language writes it.
fn constant(text: &str, r#type: &ColumnType) -> String {
    match r#type.name.name.as_str() {
        "bytea" => hexadecimal(text),
        "int2" | "int4" | "int8" | "oid" => {
            text.parse::<i64>().map_or_else(|_| text.to_owned(), |number| number.to_string())
        }
        "timestamp" | "timestamptz" | "date" | "time" | "timetz" => timestamp(text),
        _ => text.to_owned(),
    }
}

/// Base64, as the schema language writes bytes, to PostgreSQL's hex format.
fn hexadecimal(base64: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut hex = String::from("\\x");
    let (mut bits, mut count) = (0_u32, 0);
    for byte in base64.bytes() {
        let Some(value) = ALPHABET.iter().position(|letter| *letter == byte) else { continue };
        bits = (bits << 6) | u32::try_from(value).unwrap_or(0);
        count += 6;
        if count >= 8 {
            count -= 8;
            // Writing to a string cannot fail.
            let _ = write!(hex, "{:02x}", (bits >> count) & 0xff);
        }
    }
    hex
}

/// `2020-01-02T03:04:05.000Z` → `2020-01-02 03:04:05 +00:00`.
fn timestamp(text: &str) -> String {
    let Some((date, time)) = text.split_once('T') else { return text.to_owned() };
    let (time, offset) = match time.strip_suffix('Z') {
        Some(time) => (time, "+00:00"),
        None => match time.rfind(['+', '-']) {
            Some(at) => time.split_at(at),
            None => (time, "+00:00"),
        },
    };
    let time = match time.split_once('.') {
        Some((seconds, fraction)) if fraction.bytes().all(|digit| digit == b'0') => seconds,
        _ => time,
    };
    format!("{date} {time} {offset}")
}
