//! The default of a column.

use serde::{Deserialize, Serialize};

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
    /// Anything else, as the server prints it or as `dbgenerated("…")` says it.
    Expression(String),
}
