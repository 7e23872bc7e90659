//! Expressions as values of a type: what an expression holds, and what it is called when it is not
//! what was expected.

use std::fmt::Write as _;

use super::report::Report;
use crate::syntax::{Argument, Expression, Function, Word};

/// Returns the text of a string literal.
pub(super) fn as_text(value: &Expression) -> Option<&Word> {
    match value {
        Expression::String(word) => Some(word),
        Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Function(_)
        | Expression::Array(..)
        | Expression::Object(..) => None,
    }
}

/// Returns a bare word.
pub(super) fn as_constant(value: &Expression) -> Option<&Word> {
    match value {
        Expression::Constant(word) => Some(word),
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Function(_)
        | Expression::Array(..)
        | Expression::Object(..) => None,
    }
}

/// Returns a call of a function.
pub(super) fn as_function(value: &Expression) -> Option<&Function> {
    match value {
        Expression::Function(function) => Some(function),
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Array(..)
        | Expression::Object(..) => None,
    }
}

/// Returns a whole number.
pub(super) fn as_integer(value: &Expression) -> Option<i64> {
    match value {
        Expression::Number(word) => word.text.parse().ok(),
        Expression::String(_)
        | Expression::Constant(_)
        | Expression::Function(_)
        | Expression::Array(..)
        | Expression::Object(..) => None,
    }
}

/// Returns `true` or `false`.
pub(super) fn as_boolean(value: &Expression) -> Option<bool> {
    as_constant(value).and_then(|word| word.text.parse().ok())
}

/// Returns the text of a string literal, or reports that it is none.
pub(super) fn text<'a>(value: &'a Expression, report: &mut Report) -> Option<&'a Word> {
    let found = as_text(value);
    if found.is_none() {
        mismatch("string", value, report);
    }
    found
}

/// Returns a bare word, or reports that it is none.
pub(super) fn constant<'a>(value: &'a Expression, report: &mut Report) -> Option<&'a Word> {
    let found = as_constant(value);
    if found.is_none() {
        mismatch("constant", value, report);
    }
    found
}

/// Returns the elements of an array; a value that is none stands for an array of itself.
pub(super) fn elements(value: &Expression) -> &[Expression] {
    match value {
        Expression::Array(elements, _) => elements,
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Function(_)
        | Expression::Object(..) => std::slice::from_ref(value),
    }
}

/// Reads every element with `read`, which reports what it cannot read; `None` if any failed.
pub(super) fn read_elements<'a, T>(
    value: &'a Expression,
    report: &mut Report,
    mut read: impl FnMut(&'a Expression, &mut Report) -> Option<T>,
) -> Option<Vec<T>> {
    let elements = elements(value);
    let read: Vec<T> = elements.iter().filter_map(|element| read(element, report)).collect();
    (read.len() == elements.len()).then_some(read)
}

/// Reports a value of another type than expected.
pub(super) fn mismatch(expected: &str, value: &Expression, report: &mut Report) {
    let found = kind(value);
    let message =
        format!("Expected a {expected} value, but received {found} value `{}`.", display(value));
    report.error(message, value.span());
}

/// Returns the word for the sort of an expression.
fn kind(value: &Expression) -> &'static str {
    match value {
        Expression::String(_) => "string",
        Expression::Number(_) => "numeric",
        Expression::Constant(_) => "literal",
        Expression::Function(_) => "functional",
        Expression::Array(..) => "array",
        Expression::Object(..) => "object",
    }
}

/// Returns the expression as text, for messages.
pub(super) fn display(value: &Expression) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Expression) {
    match value {
        Expression::String(word) => write_text(out, &word.text),
        Expression::Number(word) | Expression::Constant(word) => out.push_str(&word.text),
        Expression::Function(function) => {
            out.push_str(&function.name.text);
            out.push('(');
            write_list(out, &function.arguments, write_argument);
            out.push(')');
        }
        Expression::Array(elements, _) => {
            out.push('[');
            write_list(out, elements, write_value);
            out.push(']');
        }
        Expression::Object(entries, _) => {
            out.push('{');
            write_list(out, entries, |out, (key, value)| {
                out.push_str(&key.text);
                out.push_str(": ");
                write_value(out, value);
            });
            out.push('}');
        }
    }
}

fn write_list<T>(out: &mut String, list: &[T], mut write: impl FnMut(&mut String, &T)) {
    for (position, one) in list.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write(out, one);
    }
}

fn write_argument(out: &mut String, argument: &Argument) {
    if let Some(name) = &argument.name {
        out.push_str(&name.text);
        out.push_str(": ");
    }
    if let Some(value) = &argument.value {
        write_value(out, value);
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _infallible = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Returns the values of arguments given without a name, as in `raw("…")`.
pub(super) fn argument_values(arguments: &[Argument]) -> impl Iterator<Item = &Expression> {
    arguments.iter().filter_map(|argument| argument.value.as_ref())
}
