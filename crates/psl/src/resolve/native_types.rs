//! `@db.X(…)`: PostgreSQL's types by their names in the language.

use super::{report::Report, values};
use crate::{
    schema::{NativeType, ScalarType},
    source::Span,
    syntax::Attribute,
};

/// A type of PostgreSQL.
pub(super) struct NativeTypeRule {
    /// The name after the dot.
    pub(super) name: &'static str,
    /// The scalar it stores.
    pub(super) scalar: ScalarType,
    /// How many arguments it takes, when it is given any.
    arguments: usize,
    /// What the arguments must be, for types that take some.
    range: Range,
}

/// What the arguments of a type must be.
#[derive(Clone, Copy)]
enum Range {
    /// Any numbers.
    Any,
    /// A length of at least one.
    Positive,
    /// Digits of a second.
    UpToSix,
    /// Precision and scale.
    Numeric,
}

const fn plain(name: &'static str, scalar: ScalarType) -> NativeTypeRule {
    NativeTypeRule { name, scalar, arguments: 0, range: Range::Any }
}

const fn sized(name: &'static str, scalar: ScalarType, range: Range) -> NativeTypeRule {
    NativeTypeRule { name, scalar, arguments: 1, range }
}

const NATIVE_TYPES: &[NativeTypeRule] = &[
    plain("SmallInt", ScalarType::Int),
    plain("Integer", ScalarType::Int),
    plain("BigInt", ScalarType::BigInt),
    NativeTypeRule {
        name: "Decimal",
        scalar: ScalarType::Decimal,
        arguments: 2,
        range: Range::Numeric,
    },
    plain("Money", ScalarType::Decimal),
    plain("Inet", ScalarType::String),
    plain("Oid", ScalarType::Int),
    plain("Citext", ScalarType::String),
    plain("Real", ScalarType::Float),
    plain("DoublePrecision", ScalarType::Float),
    sized("VarChar", ScalarType::String, Range::Any),
    sized("Char", ScalarType::String, Range::Any),
    plain("Text", ScalarType::String),
    plain("ByteA", ScalarType::Bytes),
    sized("Timestamp", ScalarType::DateTime, Range::UpToSix),
    sized("Timestamptz", ScalarType::DateTime, Range::UpToSix),
    plain("Date", ScalarType::DateTime),
    sized("Time", ScalarType::DateTime, Range::UpToSix),
    sized("Timetz", ScalarType::DateTime, Range::UpToSix),
    plain("Boolean", ScalarType::Boolean),
    sized("Bit", ScalarType::String, Range::Positive),
    sized("VarBit", ScalarType::String, Range::Positive),
    plain("Uuid", ScalarType::String),
    plain("Xml", ScalarType::String),
    plain("Json", ScalarType::Json),
    plain("JsonB", ScalarType::Json),
];

/// Returns the type of that name.
pub(super) fn find(name: &str) -> Option<&'static NativeTypeRule> {
    NATIVE_TYPES.iter().find(|rule| rule.name == name)
}

/// The name after the dot of `db.VarChar`, and the prefix before it.
pub(super) fn split_name(attribute: &Attribute) -> (&str, &str) {
    attribute.name.text.split_once('.').unwrap_or(("", &attribute.name.text))
}

/// Returns what was written, as far as it is understood.
pub(super) fn read(attribute: &Attribute) -> Option<NativeType> {
    let rule = find(split_name(attribute).1)?;
    let texts = argument_texts(attribute);
    let arguments = parse_arguments(rule, &texts).ok()?;
    Some(NativeType { name: rule.name.to_owned(), arguments, span: attribute.span })
}

/// Checks `@db.X(…)` on a column of that scalar.
pub(super) fn check(
    attribute: &Attribute,
    scalar: ScalarType,
    datasource: Option<&str>,
    report: &mut Report,
) {
    let span = attribute.span;
    let (prefix, name) = split_name(attribute);
    if let Some(datasource) = datasource.filter(|datasource| *datasource != prefix) {
        let message = format!(
            "The prefix {prefix} is invalid. It must be equal to the name of an existing datasource \
             e.g. {datasource}. Did you mean to use {datasource}.{name}?"
        );
        report.error(message, span);
    }
    let Some(rule) = find(name) else {
        let message = format!("Native type {name} is not supported for postgresql connector.");
        report.error(message, span);
        return;
    };
    let texts = argument_texts(attribute);
    if texts.len() > rule.arguments {
        let message = if rule.arguments == 0 {
            format!("Function \"{name}\" takes 0 arguments, but received {}.", texts.len())
        } else {
            let (most, given) = (rule.arguments, texts.len());
            format!("Native type {name} takes {most} optional arguments, but received {given}.")
        };
        report.error(message, span);
        return;
    }
    if rule.scalar != scalar {
        let message = format!(
            "Native type {name} is not compatible with declared field type {}, expected field type \
             {}.",
            scalar.name(),
            rule.scalar.name()
        );
        report.error(message, span);
        return;
    }
    match parse_arguments(rule, &texts) {
        Ok(arguments) => check_range(rule, &arguments, span, report),
        Err(message) => report.error(message, span),
    }
}

fn argument_texts(attribute: &Attribute) -> Vec<String> {
    attribute
        .arguments
        .iter()
        .filter_map(|argument| argument.value.as_ref())
        .map(values::display)
        .collect()
}

/// Returns the arguments as numbers: all that the type takes, or none.
fn parse_arguments(rule: &NativeTypeRule, texts: &[String]) -> Result<Vec<u32>, String> {
    let numbers: Vec<u32> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    if numbers.len() == texts.len() && (texts.is_empty() || numbers.len() == rule.arguments) {
        return Ok(numbers);
    }
    let expected =
        if rule.arguments == 2 { "two nonnegative integers" } else { "a nonnegative integer" };
    Err(format!("Expected {expected}, but found ({}).", texts.join(", ")))
}

fn check_range(rule: &NativeTypeRule, arguments: &[u32], span: Span, report: &mut Report) {
    let written = display(rule, arguments);
    let out_of_range = match (rule.range, arguments) {
        (Range::Numeric, [precision, scale]) if scale > precision => {
            let message = format!(
                "The scale must not be larger than the precision for the {written} native type in \
                 Postgres."
            );
            report.error(message, span);
            return;
        }
        (Range::Numeric, [precision, _]) if *precision == 0 || *precision > 1000 => {
            "Precision must be positive with a maximum value of 1000."
        }
        (Range::Positive, [0]) => "M must be a positive integer.",
        (Range::UpToSix, [digits]) if *digits > 6 => "M can range from 0 to 6.",
        _ => return,
    };
    let message = format!(
        "Argument M is out of range for native type `{written}` of Postgres: {out_of_range}"
    );
    report.error(message, span);
}

/// Returns `VarChar(3)`, as messages show it.
fn display(rule: &NativeTypeRule, arguments: &[u32]) -> String {
    if arguments.is_empty() {
        return rule.name.to_owned();
    }
    let arguments: Vec<String> = arguments.iter().map(u32::to_string).collect();
    format!("{}({})", rule.name, arguments.join(","))
}

/// Finds the native type that an `Unsupported("…")` type spells out, as in `VarChar(3)`; returns the
/// scalar and the native type as text.
pub(super) fn recognise(text: &str) -> Option<(ScalarType, String)> {
    let (name, rest) = text.split_once('(').unwrap_or((text, ""));
    let rule = find(name.trim())?;
    let inner = rest.split_once(')').map(|(inner, _)| inner);
    let texts: Vec<String> = match inner {
        Some(inner) => inner.split(',').map(|one| one.trim().to_owned()).collect(),
        None => Vec::new(),
    };
    let arguments =
        if rule.arguments == 0 { Vec::new() } else { parse_arguments(rule, &texts).ok()? };
    Some((rule.scalar, display(rule, &arguments)))
}
