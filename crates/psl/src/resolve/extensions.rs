//! `extensions` of the datasource: the extensions that PostgreSQL is to have.

use super::{report::Report, values};
use crate::{
    schema::Extension,
    source::Span,
    syntax::{Argument, Expression},
};

/// Extensions, each with its name as written and where it stands.
pub(super) type Extensions<'a> = Vec<(Extension, (&'a str, Span))>;

/// Reads `[pgcrypto, uuidOssp(map: "uuid-ossp")]`.
pub(super) fn read<'a>(value: &'a Expression, report: &mut Report) -> Option<Extensions<'a>> {
    let entries = values::read_elements(value, report, |element, report| match element {
        Expression::Constant(name) => Some((name, [].as_slice(), element.span())),
        Expression::Function(function) => {
            Some((&function.name, function.arguments.as_slice(), element.span()))
        }
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Array(..)
        | Expression::Object(..) => {
            values::mismatch("constant or function", element, report);
            None
        }
    })?;
    let mut extensions: Extensions<'a> = entries
        .into_iter()
        .map(|(name, arguments, span)| {
            (read_arguments(&name.text, arguments, report), (name.text.as_str(), span))
        })
        .collect();
    extensions.sort_by_key(|(_, (name, _))| *name);
    Some(extensions)
}

fn read_arguments(name: &str, arguments: &[Argument], report: &mut Report) -> Extension {
    let mut texts: Vec<(&str, Span, Option<&str>)> = Vec::new();
    for argument in arguments {
        let Some(value) = &argument.value else { continue };
        let Some(key) = argument.name.as_ref().map(|word| word.text.as_str()) else {
            report.invalid("The argument must have a name", argument.span);
            continue;
        };
        if texts.iter().any(|(known, ..)| *known == key) {
            let message = format!("The argument `{key}` can only be defined once");
            report.invalid(&message, argument.span);
            continue;
        }
        let text = values::text(value, report).map(|word| word.text.as_str());
        texts.push((key, argument.span, text));
    }
    let mut take = |key: &str, report: &mut Report| {
        let position = texts.iter().position(|(known, ..)| *known == key)?;
        let (_, span, text) = texts.remove(position);
        if text.is_none() {
            report.invalid(&format!("The `{key}` argument must be a string literal"), span);
        }
        text.map(str::to_owned)
    };
    let extension = Extension {
        database_name: take("map", report).unwrap_or_else(|| name.to_owned()),
        schema: take("schema", report),
        version: take("version", report),
    };
    for (key, span, _) in texts {
        report.error(format!("Argument not known: \"{key}\"."), span);
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
