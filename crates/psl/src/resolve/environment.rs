//! Strings that may be read from the environment, as in `url = env("DATABASE_URL")`.

use super::{report::Report, values};
use crate::{
    schema::UrlValue,
    syntax::{Expression, Function},
};

/// Reads a string or `env("NAME")`.
pub(super) fn read(value: &Expression, report: &mut Report) -> Option<UrlValue> {
    match value {
        Expression::String(text) => Some(UrlValue::Literal(text.text.clone())),
        Expression::Function(function) if function.name.text == "env" => {
            read_variable(function, report).map(UrlValue::Environment)
        }
        Expression::Function(_)
        | Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Array(..)
        | Expression::Object(..) => {
            values::mismatch("String", value, report);
            None
        }
    }
}

fn read_variable(function: &Function, report: &mut Report) -> Option<String> {
    let [argument] = function.arguments.as_slice() else {
        let message = "Exactly one string parameter must be passed to the env function.";
        report.error(message, function.span);
        return None;
    };
    if argument.name.is_some() {
        report.warning("The env function doesn't expect named arguments", argument.span);
    }
    let value = argument.value.as_ref()?;
    values::text(value, report).map(|word| word.text.clone())
}

/// Whether the value calls `env`.
pub(super) fn is_variable(value: &Expression) -> bool {
    matches!(value, Expression::Function(function) if function.name.text == "env")
}
