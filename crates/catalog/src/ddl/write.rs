//! Words of SQL that several kinds share.

use std::fmt::Display;

use super::{Address, Element, LockMode, Part, Statement};
use crate::kinds::table::ColumnType;
use crate::{Name, Qualification, literal, quoted};

/// The name with its schema, in double quotes.
pub(crate) fn name(name: &Name) -> String {
    Qualification::Always.name(name)
}

/// A name that stands for its own in the schema of another.
pub(crate) fn beside(other: &Name, name: &str) -> Name {
    Name::new(other.schema.clone(), name)
}

/// The types that the manual calls otherwise than `pg_type`.
const TYPE_NAMES: &[(&str, &str)] = &[
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("bool", "boolean"),
];

/// A type as PostgreSQL reads it back to the same: unlike the SQL for Prisma's eyes, `bpchar` without
/// a length is not `char`, which has length 1.
pub(crate) fn r#type(r#type: &ColumnType) -> String {
    let ColumnType { name: type_name, arguments, array } = r#type;
    let text = match type_name.schema.as_str() {
        "" => type_name.name.clone(),
        "pg_catalog" => {
            let known = TYPE_NAMES.iter().find(|(internal, _)| *internal == type_name.name);
            match (known, type_name.name.as_str()) {
                (Some((_, manual)), _) => (*manual).to_owned(),
                (None, "bit") if arguments.is_empty() => quoted("bit"),
                (None, "char") => quoted("char"),
                (None, other) => other.to_owned(),
            }
        }
        _ => name(type_name),
    };
    let arguments = match arguments.as_slice() {
        [] => String::new(),
        [fields]
            if type_name.name == "interval"
                && !fields.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            format!(" {fields}")
        }
        arguments => format!("({})", arguments.join(",")),
    };
    format!("{text}{arguments}{}", if *array { "[]" } else { "" })
}

/// The clause for a collation, with a space before it.
pub(crate) fn collate(collation: Option<&Name>) -> String {
    collation.map_or_else(String::new, |collation| format!(" COLLATE {}", name(collation)))
}

/// A storage parameter `key=value` as `SET (…)` and `WITH (…)` have it.
pub(crate) fn parameter(option: &str) -> String {
    match option.split_once('=') {
        Some((key, value)) => format!("{} = {}", parameter_name(key), literal(value)),
        None => parameter_name(option),
    }
}

/// The name of a storage parameter, which may have a namespace.
pub(crate) fn parameter_name(key: &str) -> String {
    key.split('.').map(quoted).collect::<Vec<_>>().join(".")
}

/// The `OPTIONS (…)` of a foreign object, with a space before them; nothing when there are none.
pub(crate) fn foreign_options(options: &[String]) -> String {
    let option = |option: &String| {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        format!("{} {}", quoted(key), literal(value))
    };
    listed("OPTIONS", &options.iter().map(option).collect::<Vec<_>>())
}

/// Why a foreign object cannot be made, when one of its options is a secret that no catalog holds.
pub(crate) fn hidden_option(options: &[String]) -> Option<&'static str> {
    let is_hidden = options.iter().any(|option| option.ends_with("=***"));
    is_hidden.then_some("one of its options is a secret that is not read")
}

/// The key of `key=value`.
pub(crate) fn key(option: &str) -> &str {
    option.split_once('=').map_or(option, |(key, _)| key)
}

/// The element of a comment, if there is one; `on` is what stands behind `COMMENT ON`.
pub(crate) fn comment(of: &Address, on: String, comment: Option<&str>) -> Option<Element> {
    let text = comment?;
    let set = Statement::new(format!("COMMENT ON {on} IS {}", literal(text)));
    let unset = Statement::new(format!("COMMENT ON {on} IS NULL"));
    let part = Part::Comment(on);
    let mut element = Element::setting(&of.object(), part, set, unset);
    element.within = vec![of.clone()];
    Some(element)
}

/// The address of a schema.
pub(crate) fn schema(name: &Name) -> Address {
    Address::whole(crate::Kind::Schema, &name.schema)
}

/// The slot of a relation's name: tables, views, indexes and sequences share one set of names.
pub(crate) fn relation_slot(name: &Name) -> String {
    format!("relation {name}")
}

/// The slot of a type's name, which tables have as well.
pub(crate) fn type_slot(name: &Name) -> String {
    format!("type {name}")
}

/// A role as `GRANT` and policies have it; `public` is all roles.
pub(crate) fn role(role: &str) -> String {
    if role == "public" { "PUBLIC".to_owned() } else { quoted(role) }
}

/// When a trigger or rule fires, if other than by default.
pub(crate) fn enabled(of: &Address, table: &Name, what: &str, enabled: &str) -> Option<Element> {
    let address = of.with(Part::Setting("enabled".to_owned()));
    (enabled != "O").then(|| firing(address, table, &name(table), what, enabled))
}

/// When the trigger or rule `what` of a table fires; `relation` is the table with `ONLY` or without.
pub(crate) fn firing(
    address: Address,
    table: &Name,
    relation: &str,
    what: &str,
    enabled: &str,
) -> Element {
    let verb = match enabled {
        "D" => "DISABLE",
        "R" => "ENABLE REPLICA",
        "A" => "ENABLE ALWAYS",
        _ => "ENABLE",
    };
    let alter = |verb: &str| {
        Statement::new(format!("ALTER TABLE {relation} {verb} {what}"))
            .locking(LockMode::ShareRowExclusive, table)
    };
    Element::setting(&address.object(), address.part, alter(verb), alter("ENABLE"))
}

/// What a type is called while another one takes its name.
pub(crate) fn old(of: &Name) -> Name {
    Name::new(of.schema.clone(), format!("{}_old", of.name))
}

/// A clause with a list in parentheses and a space before it; nothing when the list is empty.
pub(crate) fn listed(keyword: &str, items: &[String]) -> String {
    match items {
        [] => String::new(),
        items => format!(" {keyword} ({})", items.join(", ")),
    }
}

/// A clause with a space before it; nothing when it says nothing.
pub(crate) fn clause(keyword: &str, value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| format!(" {keyword} {value}"))
}

/// A keyword or two with a space before them, if there are any.
pub(crate) fn word(word: Option<&str>) -> String {
    word.map_or_else(String::new, |word| format!(" {word}"))
}

/// Identifiers in double quotes.
pub(crate) fn all_quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| quoted(name)).collect()
}

/// Storage parameters as `SET (…)` and `WITH (…)` have them.
pub(crate) fn parameters<'a>(options: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    options.into_iter().map(|option| parameter(option)).collect()
}
