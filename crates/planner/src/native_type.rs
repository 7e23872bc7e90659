//! Types by the names that the schema language has for them behind `@db.`.

use catalog::kinds::table::ColumnType;

/// By the name in `pg_type`.
const NAMES: &[(&str, &str)] = &[
    ("text", "Text"),
    ("varchar", "VarChar"),
    ("bpchar", "Char"),
    ("uuid", "Uuid"),
    ("inet", "Inet"),
    ("bit", "Bit"),
    ("varbit", "VarBit"),
    ("xml", "Xml"),
    ("int2", "SmallInt"),
    ("int4", "Integer"),
    ("int8", "BigInt"),
    ("oid", "Oid"),
    ("float4", "Real"),
    ("float8", "DoublePrecision"),
    ("numeric", "Decimal"),
    ("money", "Money"),
    ("bool", "Boolean"),
    ("json", "Json"),
    ("jsonb", "JsonB"),
    ("bytea", "ByteA"),
    ("timestamp", "Timestamp"),
    ("timestamptz", "Timestamptz"),
    ("date", "Date"),
    ("time", "Time"),
    ("timetz", "Timetz"),
];

/// Returns the type as the schema language names it, `VarChar(90)`, or PostgreSQL's name of it. That it
/// is an array is not said.
pub(crate) fn native_type(r#type: &ColumnType) -> String {
    let own = r#type.name.name.as_str();
    let name = match r#type.name.schema.as_str() {
        "pg_catalog" => NAMES.iter().find(|(name, _)| *name == own).map_or(own, |(_, name)| name),
        _ if own.eq_ignore_ascii_case("citext") => "Citext",
        _ => own,
    };
    match r#type.arguments.as_slice() {
        [] => name.to_owned(),
        arguments => format!("{name}({})", arguments.join(",")),
    }
}
