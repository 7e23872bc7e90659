//! How values get from one column type to another.
//!
//! Prisma alters a column in place when it holds that PostgreSQL can cast its values, and drops and
//! adds it otherwise. The rules below are the ones it goes by, some of them odd, found by asking it
//! for every pair of types and every length.

use crate::Pair;
use crate::change::Cast;
use crate::kinds::table::ColumnType;

/// Returns how to get from the one type to the other, or nothing when they are the same.
pub(crate) fn cast(types: Pair<&ColumnType>) -> Option<Cast> {
    if same(types) {
        return None;
    }
    let families = types.map(family);
    let is_possible = match types.map(|r#type| r#type.array) {
        Pair { actual: false, desired: false } => scalar(types, families),
        Pair { actual: true, desired: true } => {
            is_text(types.desired) && families.actual != Family::Enum || scalar(types, families)
        }
        Pair { actual: true, desired: false } => {
            families.desired == Family::Text && families.actual != Family::Enum
        }
        Pair { actual: false, desired: true } => false,
    };
    Some(match is_possible {
        false => Cast::Impossible,
        true if is_safe(types, families) => Cast::Safe,
        true => Cast::Risky,
    })
}

/// Whether the types are the same to the schema language: a date or time without a precision is equal
/// to one with any.
fn same(types: Pair<&ColumnType>) -> bool {
    let Pair { actual, desired } = types;
    let any_precision = matches!(family(actual), Family::Timestamp | Family::Time)
        && (actual.arguments.is_empty() || desired.arguments.is_empty());
    let arguments = any_precision || length(actual) == length(desired);
    // Prisma does not look into types that the language has no name for.
    let families = types.map(family);
    if families == Pair::new(Family::Other, Family::Other) {
        return actual.array == desired.array;
    }
    // Of an enum type, an array is to Prisma only another arity.
    if families == Pair::new(Family::Enum, Family::Enum) {
        return actual.name == desired.name;
    }
    let names = match (actual.name.schema.as_str(), desired.name.schema.as_str()) {
        // Written text and what the server calls it: `citext` against `public.citext`.
        ("", _) | (_, "") => return same_text(actual, desired),
        _ => actual.name == desired.name,
    };
    names && arguments && actual.array == desired.array
}

/// Whether two types are the same as SQL text, schema and spaces aside.
fn same_text(actual: &ColumnType, desired: &ColumnType) -> bool {
    let text = |r#type: &ColumnType| {
        let arguments = if r#type.arguments.is_empty() {
            String::new()
        } else {
            format!("({})", r#type.arguments.join(","))
        };
        let name = r#type.name.name.rsplit('.').next().unwrap_or_default();
        format!("{name}{arguments}").replace([' ', '"'], "").to_lowercase()
    };
    text(actual) == text(desired) && actual.array == desired.array
}

/// What stands in parentheses, with PostgreSQL's own default where it has one.
fn length(r#type: &ColumnType) -> Vec<&str> {
    let arguments: Vec<&str> = r#type.arguments.iter().map(String::as_str).collect();
    match (r#type.name.name.as_str(), arguments.as_slice()) {
        ("bpchar" | "bit", []) => vec!["1"],
        _ => arguments,
    }
}

/// Types between which the same rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// `text`, `varchar`, `char`.
    Text,
    Citext,
    Number,
    Oid,
    Money,
    Bits,
    Uuid,
    Xml,
    Inet,
    /// `timestamp`, `timestamptz`, `date`.
    Timestamp,
    /// `time`, `timetz`.
    Time,
    Boolean,
    Bytes,
    Json,
    Enum,
    /// What the schema language has no name for.
    Other,
}

fn family(r#type: &ColumnType) -> Family {
    if r#type.name.name.eq_ignore_ascii_case("citext") {
        return Family::Citext;
    }
    match r#type.name.schema.as_str() {
        "" => return Family::Other,
        "pg_catalog" => {}
        _ => return Family::Enum,
    }
    match r#type.name.name.as_str() {
        "text" | "varchar" | "bpchar" => Family::Text,
        "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" => Family::Number,
        "oid" => Family::Oid,
        "money" => Family::Money,
        "bit" | "varbit" => Family::Bits,
        "uuid" => Family::Uuid,
        "xml" => Family::Xml,
        "inet" => Family::Inet,
        "timestamp" | "timestamptz" | "date" => Family::Timestamp,
        "time" | "timetz" => Family::Time,
        "bool" => Family::Boolean,
        "bytea" => Family::Bytes,
        "json" | "jsonb" => Family::Json,
        _ => Family::Other,
    }
}

fn scalar(types: Pair<&ColumnType>, families: Pair<Family>) -> bool {
    let Pair { actual, desired } = types;
    let between = (actual.name.name.as_str(), desired.name.name.as_str());
    match (families.actual, families.desired) {
        (Family::Enum, _) | (_, Family::Enum) => false,
        (Family::Other | Family::Citext | Family::Money, _) | (_, Family::Other) => true,
        (Family::Text, Family::Text) => true,
        (from, Family::Text) => fits_text(from, actual, desired),
        (Family::Text, Family::Citext) => is_text(actual),
        (Family::Inet, Family::Citext) => true,
        (Family::Number, Family::Number) => true,
        (Family::Oid, Family::Number) => matches!(desired.name.name.as_str(), "int4" | "int8"),
        (Family::Timestamp, Family::Timestamp) => true,
        (Family::Timestamp, Family::Time) => between.0 != "date",
        (Family::Time, Family::Time) => between != ("time", "time"),
        (Family::Json, Family::Json) => true,
        (Family::Bits, Family::Bits) => fits_bits(actual, desired),
        _ => false,
    }
}

fn is_text(r#type: &ColumnType) -> bool {
    r#type.is("text")
}

/// Whether the text of any value fits: of a type with a fixed length of text, only where there is
/// room for it.
fn fits_text(from: Family, actual: &ColumnType, desired: &ColumnType) -> bool {
    let is_char = desired.is("bpchar");
    let room = match length(desired).first() {
        None => return true,
        Some(length) => length.parse::<u32>().unwrap_or(u32::MAX),
    };
    let needed = match (from, actual.name.name.as_str()) {
        (Family::Oid | Family::Inet, _) if is_char => return false,
        (Family::Uuid, _) => 32,
        (Family::Timestamp, "timestamp") => 23,
        (Family::Timestamp, _) => 28,
        (Family::Time, "time") => 14,
        (Family::Time, _) => 19,
        (Family::Boolean, _) if is_char => 4,
        (Family::Bytes, _) => 3,
        (Family::Bits, "bit") => bits(actual).unwrap_or(0),
        _ => 0,
    };
    room >= needed
}

/// The length of a bit string, none when it is unlimited.
fn bits(r#type: &ColumnType) -> Option<u32> {
    length(r#type).first().and_then(|length| length.parse().ok())
}

fn fits_bits(actual: &ColumnType, desired: &ColumnType) -> bool {
    match (actual.name.name.as_str(), desired.name.name.as_str()) {
        ("bit" | "varbit", "varbit") => match (bits(actual), bits(desired)) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(from), Some(to)) => to >= from,
        },
        ("varbit", "bit") => bits(actual).is_none_or(|from| bits(desired) <= Some(from)),
        _ => false,
    }
}

/// Whether Prisma holds that every value of the one type is a value of the other.
fn is_safe(types: Pair<&ColumnType>, families: Pair<Family>) -> bool {
    match (families.actual, families.desired) {
        (_, Family::Text) => is_safe_as_text(types, families.actual),
        (Family::Number | Family::Oid, Family::Number) => is_safe_number(types),
        (Family::Money | Family::Citext, Family::Citext) => true,
        (Family::Money | Family::Citext | Family::Other, _) => false,
        (Family::Bits, Family::Bits) => types.desired.is("varbit"),
        _ => true,
    }
}

fn is_safe_as_text(types: Pair<&ColumnType>, from: Family) -> bool {
    let Pair { actual, desired } = types;
    let first = |r#type: &ColumnType| -> Option<u32> { length(r#type).first()?.parse().ok() };
    let Some(room) = first(desired) else { return true };
    if actual.array && !desired.array {
        return false;
    }
    let is_char = desired.is("bpchar");
    let needed = match (from, actual.name.name.as_str()) {
        (Family::Text, _) | (Family::Bits, "varbit") => first(actual),
        (Family::Citext | Family::Money, _) => return !is_char,
        (Family::Boolean, _) if is_char => Some(5),
        (Family::Number, "int2") => Some(4),
        (Family::Number, "int4") => Some(11),
        (Family::Number, "int8") => Some(20),
        (Family::Number, "float4") => Some(47),
        (Family::Number, "numeric") => {
            digits(actual).map(|(precision, scale)| precision + if scale > 0 { 2 } else { 1 })
        }
        (Family::Number | Family::Xml | Family::Json | Family::Bytes, _) => None,
        _ => Some(0),
    };
    needed.is_some_and(|needed| room >= needed)
}

fn is_safe_number(types: Pair<&ColumnType>) -> bool {
    let Pair { actual, desired } = types;
    let before_point =
        |needed: u32| digits(desired).is_none_or(|(precision, scale)| precision >= scale + needed);
    match (actual.name.name.as_str(), desired.name.name.as_str()) {
        ("int2", "int4" | "int8" | "float4" | "float8")
        | ("int4", "int8" | "float4" | "float8")
        | ("int8" | "float4", "float8")
        | ("int8", "float4")
        | ("oid", _) => true,
        ("int2", "numeric") => before_point(3),
        ("int4", "numeric") => before_point(10),
        ("int8", "numeric") => before_point(19),
        ("numeric", "numeric") => match (digits(actual), digits(desired)) {
            (Some((precision, scale)), Some((_, desired_scale))) => {
                desired_scale >= scale && before_point(precision - scale)
            }
            (Some(_), None) => true,
            (None, _) => false,
        },
        _ => false,
    }
}

/// The precision and scale of a `numeric`, none when it is unlimited.
fn digits(r#type: &ColumnType) -> Option<(u32, u32)> {
    let number = |at: usize| r#type.arguments.get(at).map(|text| text.parse::<u32>());
    let precision = number(0)?.ok()?;
    let scale = number(1).map_or(Some(0), Result::ok)?;
    Some((precision, scale.min(precision)))
}
