//! `@default`: which values and functions go with which type.

use super::{
    attributes::Arguments,
    draft::{ColumnType, DefaultDraft, Draft, EnumId},
    report::Report,
    values,
};
use crate::{
    schema::{Arity, ScalarType},
    syntax::{Expression, Field, FieldType, Function},
};

/// What a function asks of its arguments.
enum Takes {
    /// No argument.
    Nothing,
    /// One whole number or none: the test of the number, and what the numbers are in words.
    Number(fn(u8) -> bool, &'static str),
}

/// A function that makes a default.
struct DefaultFunction {
    name: &'static str,
    types: &'static [ScalarType],
    takes: Takes,
}

const FUNCTIONS: &[DefaultFunction] = &[
    DefaultFunction {
        name: "autoincrement",
        types: &[ScalarType::Int, ScalarType::BigInt],
        takes: Takes::Nothing,
    },
    DefaultFunction { name: "now", types: &[ScalarType::DateTime], takes: Takes::Nothing },
    DefaultFunction { name: "ulid", types: &[ScalarType::String], takes: Takes::Nothing },
    DefaultFunction {
        name: "uuid",
        types: &[ScalarType::String],
        takes: Takes::Number(|version| matches!(version, 4 | 7), "which is either 4 or 7"),
    },
    DefaultFunction {
        name: "cuid",
        types: &[ScalarType::String],
        takes: Takes::Number(|version| matches!(version, 1 | 2), "which is either 1 or 2"),
    },
    DefaultFunction {
        name: "nanoid",
        types: &[ScalarType::String],
        takes: Takes::Number(|length| length >= 2, "between 2 and 255"),
    },
];

/// Reads `@default(…)` of a column; `None` when it does not fit, which has been reported.
pub(super) fn read<'a>(
    arguments: &mut Arguments<'a>,
    r#type: ColumnType<'_>,
    arity: Arity,
    draft: &Draft<'_>,
    report: &mut Report,
) -> Option<DefaultDraft<'a>> {
    let value = arguments.value("value", report)?;
    let map = arguments.text("map", report);
    let default = DefaultDraft { attribute: arguments.attribute, value, map };
    if let Some(function) = values::as_function(value)
        && function.name.text == "dbgenerated"
    {
        return check_dbgenerated(function, arguments, report).then_some(default);
    }
    check_value(&default, r#type, arity, draft, arguments, report).then_some(default)
}

/// Reports what does not fit of `@default(…)` of a field of a composite type.
pub(super) fn check_of_composite(
    arguments: &mut Arguments<'_>,
    r#type: ColumnType<'_>,
    field: &Field,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let Some(value) = arguments.value("value", report) else { return };
    if arguments.text("map", report).is_some() {
        arguments.invalid("The `map` argument is not allowed on a composite type field.", report);
    }
    let function = values::as_function(value);
    match (function.map(|it| it.name.text.as_str()), r#type) {
        (Some("dbgenerated"), _) => {
            let message = "Fields of composite types cannot have `dbgenerated()` as default.";
            arguments.invalid(message, report);
        }
        (_, ColumnType::Composite) => {
            let written = match &field.r#type {
                Some(FieldType::Name(word) | FieldType::Unsupported(word)) => &word.text,
                None => "",
            };
            let message = format!(
                "Error validating field `{}` in composite type `{}`: Defaults on fields of type \
                 composite are not supported. Please remove the `@default` attribute.",
                field.name.text, written,
            );
            report.error(message, arguments.attribute.span);
        }
        (_, ColumnType::Unsupported(_)) => {
            let message = "Composite field of type `Unsupported` cannot have default values.";
            arguments.invalid(message, report);
        }
        (Some(name @ ("autoincrement" | "auto")), ColumnType::Scalar(_)) => {
            let message = format!("The function `{name}()` is not supported on composite fields.");
            arguments.invalid(&message, report);
        }
        (_, ColumnType::Scalar(_) | ColumnType::Enum(_)) => {
            let default = DefaultDraft { attribute: arguments.attribute, value, map: None };
            let fits = check_value(&default, r#type, field.arity, draft, arguments, report);
            if let Some(function) = function.filter(|_| fits) {
                check_name(function, report);
            }
        }
    }
}

/// Whether a value, which is not `dbgenerated()`, fits a type; otherwise reports why.
fn check_value(
    default: &DefaultDraft<'_>,
    r#type: ColumnType<'_>,
    arity: Arity,
    draft: &Draft<'_>,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> bool {
    let value = default.value;
    let problem = match (value, r#type) {
        (_, ColumnType::Enum(r#enum)) => check_enum_default(value, r#enum, arity, draft),
        (Expression::Function(function), ColumnType::Scalar(scalar)) => {
            return check_function(function, scalar, default, arguments, report);
        }
        (_, ColumnType::Scalar(scalar)) => {
            return check_literals(value, scalar, arity, arguments, report);
        }
        (_, ColumnType::Unsupported(_)) => {
            Err("Only @default(dbgenerated(\"...\")) can be used for Unsupported types.".to_owned())
        }
        // Composite types are refused as such.
        (_, ColumnType::Composite) => return false,
    };
    if let Err(message) = &problem {
        arguments.invalid(message, report);
    }
    problem.is_ok()
}

fn check_dbgenerated(function: &Function, arguments: &Arguments<'_>, report: &mut Report) -> bool {
    let wrong = "`dbgenerated()` takes a single String argument";
    if function.arguments.len() > 1 {
        arguments.invalid(wrong, report);
    }
    match values::argument_values(&function.arguments).next() {
        Some(Expression::String(text)) if text.text.is_empty() => {
            let message =
                "dbgenerated() takes either no argument, or a single nonempty string argument.";
            arguments.invalid(message, report);
            false
        }
        None | Some(Expression::String(_)) => true,
        Some(_) => {
            arguments.invalid(wrong, report);
            false
        }
    }
}

fn check_function(
    function: &Function,
    scalar: ScalarType,
    default: &DefaultDraft<'_>,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> bool {
    let name = function.name.text.as_str();
    let message = if name == "autoincrement" && default.map.is_some() {
        "Naming an autoincrement default value is not allowed.".to_owned()
    } else if name == "auto" {
        // It exists for MongoDB, and is refused for PostgreSQL once everything else is right.
        if function.arguments.is_empty() {
            return true;
        }
        "`auto()` takes no arguments".to_owned()
    } else {
        match FUNCTIONS.iter().find(|known| known.name == name) {
            // Unknown functions are reported after everything else.
            None => return true,
            Some(known) if !known.types.contains(&scalar) => format!(
                "The function `{name}()` cannot be used on fields of type `{}`.",
                scalar.name()
            ),
            Some(known) => return check_arguments(known, function, arguments, report),
        }
    };
    arguments.invalid(&message, report);
    false
}

fn check_arguments(
    known: &DefaultFunction,
    function: &Function,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> bool {
    let name = known.name;
    let (test, numbers) = match known.takes {
        Takes::Nothing if function.arguments.is_empty() => return true,
        Takes::Nothing => {
            let message = format!(
                "The `{name}` function does not take any argument. Consider changing this default to \
                 `{name}()`."
            );
            arguments.invalid(&message, report);
            return false;
        }
        Takes::Number(test, numbers) => (test, numbers),
    };
    let wrong = format!("`{name}()` takes a single Int argument.");
    if function.arguments.len() > 1 {
        arguments.invalid(&wrong, report);
    }
    match values::argument_values(&function.arguments).next() {
        None => true,
        Some(Expression::Number(number)) if number.text.parse().is_ok_and(test) => true,
        Some(Expression::Number(_)) => {
            let message = format!(
                "`{name}()` takes either no argument, or a single integer argument {numbers}."
            );
            arguments.invalid(&message, report);
            false
        }
        Some(_) => {
            arguments.invalid(&wrong, report);
            false
        }
    }
}

fn check_enum_default(
    value: &Expression,
    r#enum: EnumId,
    arity: Arity,
    draft: &Draft<'_>,
) -> Result<(), String> {
    match (value, arity) {
        (Expression::Array(elements, _), Arity::List) => {
            elements.iter().try_for_each(|element| check_enum_value(element, r#enum, draft))
        }
        (_, Arity::List) => Err(not_an_enum_value(value)),
        (_, Arity::Required | Arity::Optional) => check_enum_value(value, r#enum, draft),
    }
}

fn check_enum_value(value: &Expression, r#enum: EnumId, draft: &Draft<'_>) -> Result<(), String> {
    let Some(word) = values::as_constant(value) else { return Err(not_an_enum_value(value)) };
    let name = &word.text;
    let block = draft[r#enum].block;
    if super::names::labels(block).any(|label| label.name.text == *name) {
        return Ok(());
    }
    Err(format!(
        "The defined default value `{name}` is not a valid value of the enum specified for the field."
    ))
}

fn not_an_enum_value(value: &Expression) -> String {
    format!("Expected an enum value, but found `{}`.", values::display(value))
}

fn check_literals(
    value: &Expression,
    scalar: ScalarType,
    arity: Arity,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> bool {
    match (value, arity) {
        (Expression::Array(elements, _), Arity::List) => {
            elements.iter().all(|element| check_literal(element, scalar, arguments, report))
        }
        (_, Arity::List) => {
            arguments.invalid("The default value of a list field must be a list.", report);
            false
        }
        (Expression::Array(..), Arity::Required | Arity::Optional) => {
            let message = "The default value of a non-list field cannot be a list.";
            arguments.invalid(message, report);
            false
        }
        _ => check_literal(value, scalar, arguments, report),
    }
}

fn check_literal(
    value: &Expression,
    scalar: ScalarType,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> bool {
    let fits = match value {
        Expression::String(_) => matches!(
            scalar,
            ScalarType::String
                | ScalarType::Json
                | ScalarType::Bytes
                | ScalarType::DateTime
                | ScalarType::Decimal
        ),
        Expression::Number(_) => scalar.is_number(),
        Expression::Constant(word) if scalar == ScalarType::Boolean => {
            let is_boolean = matches!(word.text.as_str(), "true" | "false");
            if !is_boolean {
                let message = "A boolean literal must be `true` or `false`.";
                report.invalid_attribute("@default", message, word.span);
            }
            return is_boolean;
        }
        Expression::Constant(_)
        | Expression::Function(_)
        | Expression::Array(..)
        | Expression::Object(..) => false,
    };
    if !fits {
        let message =
            format!("Expected a {} value, but found `{}`.", scalar.name(), values::display(value));
        arguments.invalid(&message, report);
    }
    fits
}

/// Reports a function that the language does not know at all.
pub(super) fn check_name(function: &Function, report: &mut Report) {
    let name = function.name.text.as_str();
    let is_known = |known: &DefaultFunction| known.name == name;
    if !matches!(name, "dbgenerated" | "auto") && !FUNCTIONS.iter().any(is_known) {
        let message = format!(
            "Unknown function in @default(): `{name}` is not known. You can read about the \
             available functions here: https://pris.ly/d/attribute-functions"
        );
        report.error(message, function.span);
    }
}
