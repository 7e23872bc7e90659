//! The default of a column.

use serde::{Deserialize, Serialize};

use super::ColumnType;
use super::expression;
use crate::Name;

/// The default of a column, so far understood that two ways to write the same are equal.
///
/// Built from the server's text by [`Default::from_expression`]; what is not one of the plain forms
/// stays an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Default {
    /// A constant: the text of the literal, without quotes or cast (`12`, `true`, `it's`).
    Value(String),
    /// An array of constants; `None` is null.
    List(Vec<Option<String>>),
    /// `CURRENT_TIMESTAMP` or `now()`.
    Now,
    /// `nextval` of a sequence: of a `serial` column, its own.
    NextValue(Name),
    /// Anything else, as the server prints it or as `dbgenerated("…")` says it; empty for
    /// `dbgenerated()`, which leaves it to the database.
    Expression(String),
}

impl Default {
    /// Understands a default as `pg_get_expr()` prints it with an empty search path.
    ///
    /// An expression that stays one is kept as a user of schema `public` writes it: without that
    /// schema's name.
    pub fn from_expression(text: &str, r#type: &ColumnType) -> Self {
        if let Some(sequence) = expression::nextval(text) {
            return Self::NextValue(sequence);
        }
        let is_time = ["timestamp", "timestamptz", "date", "time", "timetz"];
        if expression::is_now(text) && is_time.iter().any(|name| r#type.is(name)) {
            return Self::Now;
        }
        if r#type.array {
            let values = expression::array(text).map(|values| {
                let read = |value: Option<String>| value.map(|value| spelled(value, r#type));
                values.into_iter().map(read).collect()
            });
            if let Some(values) = values {
                return Self::List(values);
            }
        } else if let Some(constant) = expression::constant(text) {
            return Self::Value(spelled(constant, r#type));
        }
        Self::Expression(expression::without_public(text))
    }
}

/// The one way to spell a constant of a type that has several.
fn spelled(text: String, r#type: &ColumnType) -> String {
    match (r#type.is("bool"), text.as_str()) {
        (true, "t") => "true".to_owned(),
        (true, "f") => "false".to_owned(),
        _ => text,
    }
}
