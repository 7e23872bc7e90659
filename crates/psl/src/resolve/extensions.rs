//! `extensions` of the datasource: the extensions that PostgreSQL is to have.

use super::{report::Report, values};
use crate::{
    schema::Extension,
    source::Span,
    syntax::{Argument, Expression},
};

/// Extensions, and beside them their names as written and where they stand.
pub(super) type Extensions<'a> = (Vec<Extension>, Vec<(&'a str, Span)>);

/// Reads `[pgcrypto, uuidOssp(map: "uuid-ossp")]`.
pub(super) fn read<'a>(value: &'a Expression, report: &mut Report) -> Option<Extensions<'a>> {
    let mut read = values::read_elements(value, report, |element, report| {
        let (name, arguments): (_, &[Argument]) = match element {
            Expression::Constant(name) => (name, &[]),
            Expression::Function(function) => (&function.name, &function.arguments),
            Expression::String(_)
            | Expression::Number(_)
            | Expression::Array(..)
            | Expression::Object(..) => {
                values::mismatch("constant or function", element, report);
                return None;
            }
        };
        let extension = read_arguments(&name.text, arguments, report);
        Some((extension, (name.text.as_str(), element.span())))
    })?;
    read.sort_by(|(_, (one, _)), (_, (other, _))| one.cmp(other));
    Some(read.into_iter().unzip())
}

fn read_arguments(name: &str, arguments: &[Argument], report: &mut Report) -> Extension {
    let mut extension = Extension { database_name: name.to_owned(), schema: None, version: None };
    let mut seen: Vec<&str> = Vec::new();
    for argument in arguments {
        let Some(key) = argument.name.as_ref().map(|word| word.text.as_str()) else {
            report.invalid("The argument must have a name", argument.span);
            continue;
        };
        if seen.contains(&key) {
            let message = format!("The argument `{key}` can only be defined once");
            report.invalid(&message, argument.span);
            continue;
        }
        seen.push(key);
        let text = argument.value.as_ref().and_then(|value| values::text(value, report));
        if !matches!(key, "map" | "schema" | "version") {
            report.error(format!("Argument not known: \"{key}\"."), argument.span);
            continue;
        }
        let Some(text) = text.map(|word| word.text.clone()) else {
            let message = format!("The `{key}` argument must be a string literal");
            report.invalid(&message, argument.span);
            continue;
        };
        match key {
            "map" => extension.database_name = text,
            "schema" => extension.schema = Some(text),
            _ => extension.version = Some(text),
        }
    }
    extension
}

/// Checks that extensions may be used and are named as the language names things.
pub(super) fn check(property: Span, names: &[(&str, Span)], is_enabled: bool, report: &mut Report) {
    if !is_enabled {
        let message = "The `extensions` property is only available with the `postgresqlExtensions` \
                       preview feature.";
        report.error(message, property);
        return;
    }
    for (name, span) in names {
        if name.starts_with(char::is_numeric) {
            report.invalid("The name of an extension must not start with a number.", *span);
        } else if name.contains('-') {
            report.invalid("The character `-` is not allowed in extension names.", *span);
        }
    }
}
