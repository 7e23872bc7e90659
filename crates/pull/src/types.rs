//! The type of a column → the type of a field.

use std::collections::BTreeMap;

use catalog::Catalog;
use catalog::kinds::table::{Column, ColumnType};
use psl::schema::ScalarType;
use psl::syntax::Arity;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Family {
    /// A scalar of the language.
    Scalar(ScalarType),
    /// `uuid`: a string whose defaults the language cannot say.
    Uuid,
    /// An enum type, by its position among those of the database.
    Enum(usize),
    /// A type that the language has no name for.
    Unsupported(String),
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldType {
    pub(crate) family: Family,
    pub(crate) arity: Arity,
    /// `VarChar(20)` of `@db.VarChar(20)`, unless it is what the scalar is stored as anyway.
    pub(crate) native: Option<String>,
}

/// PostgreSQL's types by name, the scalar each is for, the native type.
const TYPES: &[(&str, ScalarType, &str)] = &[
    ("int2", ScalarType::Int, "SmallInt"),
    ("int4", ScalarType::Int, "Integer"),
    ("int8", ScalarType::BigInt, "BigInt"),
    ("oid", ScalarType::Int, "Oid"),
    ("float4", ScalarType::Float, "Real"),
    ("float8", ScalarType::Float, "DoublePrecision"),
    ("numeric", ScalarType::Decimal, "Decimal"),
    ("money", ScalarType::Decimal, "Money"),
    ("bool", ScalarType::Boolean, "Boolean"),
    ("text", ScalarType::String, "Text"),
    ("citext", ScalarType::String, "Citext"),
    ("varchar", ScalarType::String, "VarChar"),
    ("bpchar", ScalarType::String, "Char"),
    ("char", ScalarType::String, "Char"),
    ("uuid", ScalarType::String, "Uuid"),
    ("xml", ScalarType::String, "Xml"),
    ("bit", ScalarType::String, "Bit"),
    ("varbit", ScalarType::String, "VarBit"),
    ("inet", ScalarType::String, "Inet"),
    ("date", ScalarType::DateTime, "Date"),
    ("time", ScalarType::DateTime, "Time"),
    ("timetz", ScalarType::DateTime, "Timetz"),
    ("timestamp", ScalarType::DateTime, "Timestamp"),
    ("timestamptz", ScalarType::DateTime, "Timestamptz"),
    ("bytea", ScalarType::Bytes, "ByteA"),
    ("json", ScalarType::Json, "Json"),
    ("jsonb", ScalarType::Json, "JsonB"),
];

/// Types with digits of a second: six when nothing is said.
const TIMES: [&str; 4] = ["time", "timetz", "timestamp", "timestamptz"];

/// Returns the type of the field for a column.
pub(crate) fn of(
    column: &Column,
    catalog: &Catalog,
    enums: &BTreeMap<&catalog::Name, usize>,
) -> FieldType {
    let mut r#type = &column.r#type;
    let mut nullable = column.nullable;
    // A domain is looked through once, as `information_schema` does.
    if !r#type.array
        && let Some(domain) = catalog.domains.get(&r#type.name)
    {
        r#type = &domain.r#type;
        nullable &= domain.nullable;
    }
    let arity = match (r#type.array, nullable) {
        (true, _) => Arity::List,
        (false, true) => Arity::Optional,
        (false, false) => Arity::Required,
    };
    // A domain of arrays prints no arguments.
    let is_array_of_domain = r#type.array && !column.r#type.array;
    let (family, native) = match TYPES.iter().find(|(name, ..)| *name == r#type.name.name) {
        Some((name, scalar, native)) => {
            let arguments = arguments(name, r#type, is_array_of_domain);
            let family = if *name == "uuid" { Family::Uuid } else { Family::Scalar(*scalar) };
            let written = ColumnType {
                name: catalog::Name::new("pg_catalog", *name),
                arguments: arguments.clone(),
                array: false,
            };
            let is_default = catalog::default_type(*scalar) == written;
            let call = match arguments.as_slice() {
                [] => (*native).to_owned(),
                arguments => format!("{native}({})", arguments.join(", ")),
            };
            (family, (!is_default).then_some(call))
        }
        None => (other(r#type, catalog, enums), None),
    };
    FieldType { family, arity, native }
}

/// What stands in parentheses behind a native type.
fn arguments(name: &str, r#type: &ColumnType, is_array_of_domain: bool) -> Vec<String> {
    if is_array_of_domain || name == "money" {
        return Vec::new();
    }
    if r#type.arguments.is_empty() && !r#type.array && TIMES.contains(&name) {
        return vec!["6".to_owned()];
    }
    r#type.arguments.clone()
}

/// A type that is not one of PostgreSQL's common ones.
fn other(
    r#type: &ColumnType,
    catalog: &Catalog,
    enums: &BTreeMap<&catalog::Name, usize>,
) -> Family {
    let name = &r#type.name;
    if let Some(position) = enums.get(name) {
        return Family::Enum(*position);
    }
    let is_base = catalog.schemas.contains(&name.schema)
        && !catalog.enum_types.contains(name)
        && !catalog.domains.contains(name)
        && !catalog.composite_types.contains(name)
        && !catalog.range_types.contains(name)
        && !catalog.tables.contains(name)
        && !catalog.views.contains(name);
    // An array type has a name of its own, but for the types that users make in C.
    let prefix = if r#type.array && !is_base { "_" } else { "" };
    Family::Unsupported(format!("{prefix}{}", name.name))
}
