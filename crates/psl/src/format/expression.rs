//! Attributes and values on one line.

use crate::{
    source::Span,
    syntax::{Argument, Attribute, Expression, Function, lines::text_of},
};

/// Attributes come in this order; all others follow in the order they were written in.
const ORDER: [&str; 9] =
    ["id", "unique", "default", "updatedAt", "index", "fulltext", "map", "relation", "ignore"];

/// Returns the place of an attribute among the others of its field or block.
pub(super) fn rank(attribute: &Attribute) -> usize {
    ORDER.iter().position(|name| *name == attribute.name.text).unwrap_or(ORDER.len())
}

/// Appends `name(…)` of an attribute, without the at signs before it.
pub(super) fn write_attribute(text: &str, attribute: &Attribute, out: &mut String) {
    let Attribute { name, arguments, trailing_comma: _, span } = attribute;
    out.push_str(&name.text);
    let behind_name = text_of(text, Span { start: name.span.end, ..*span });
    if !arguments.is_empty() || behind_name.trim_start().starts_with('(') {
        write_arguments(text, arguments, out);
    }
}

fn write_arguments(text: &str, arguments: &[Argument], out: &mut String) {
    out.push('(');
    write_list(arguments, out, |Argument { name, value, span: _ }, out| {
        if let Some(name) = name {
            out.push_str(&name.text);
            out.push_str(": ");
        }
        if let Some(value) = value {
            write_expression(text, value, out);
        }
    });
    out.push(')');
}

/// Appends a value with the spaces that belong in it; strings and numbers stay as written.
pub(super) fn write_expression(text: &str, expression: &Expression, out: &mut String) {
    match expression {
        Expression::String(word) => out.push_str(text_of(text, word.span)),
        Expression::Number(word) | Expression::Constant(word) => out.push_str(&word.text),
        Expression::Function(Function { name, arguments, trailing_comma: _, span: _ }) => {
            out.push_str(&name.text);
            write_arguments(text, arguments, out);
        }
        Expression::Array(items, _) => {
            out.push('[');
            write_list(items, out, |item, out| write_expression(text, item, out));
            out.push(']');
        }
        Expression::Object(entries, _) if entries.is_empty() => out.push_str("{}"),
        Expression::Object(entries, _) => {
            out.push_str("{ ");
            write_list(entries, out, |(key, value), out| {
                out.push_str(&key.text);
                out.push_str(": ");
                write_expression(text, value, out);
            });
            out.push_str(" }");
        }
    }
}

fn write_list<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
}
