//! An error that the server reported, as a value.

use serde::Serialize;
use std::fmt;
use tokio_postgres::error::{DbError, ErrorPosition};

/// An error that PostgreSQL reported, with all it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`, in the server's language.
    pub severity: String,
    /// The five-character SQLSTATE.
    pub sqlstate: String,
    /// The primary message.
    pub message: String,
    /// More about this occurrence: the row that violates the constraint, say.
    pub detail: Option<String>,
    /// What the server suggests.
    pub hint: Option<String>,
    /// The call stack of functions that it happened in.
    pub context: Option<String>,
    /// Where in the text that was sent, in characters from 1.
    pub position: Option<usize>,
}

impl ServerError {
    pub(crate) fn new(error: &DbError) -> Self {
        let position = error.position().and_then(|position| match position {
            ErrorPosition::Original(position) => usize::try_from(*position).ok(),
            // A place in a query that a function ran says nothing about the script.
            ErrorPosition::Internal { .. } => None,
        });
        Self {
            severity: error.severity().to_owned(),
            sqlstate: error.code().code().to_owned(),
            message: error.message().to_owned(),
            detail: error.detail().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            context: error.where_().map(str::to_owned),
            position,
        }
    }

    /// An error that we find before the server does, or that it does not see.
    pub(crate) fn ours(sqlstate: &str, message: &str, hint: &str) -> Self {
        Self {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
            detail: None,
            hint: Some(hint.to_owned()),
            context: None,
            position: None,
        }
    }

    /// Whether the server refused for lack of rights.
    pub fn is_insufficient_privilege(&self) -> bool {
        self.sqlstate == "42501"
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.message)?;
        let more = [("DETAIL", &self.detail), ("HINT", &self.hint), ("CONTEXT", &self.context)];
        for (name, text) in more {
            if let Some(text) = text {
                write!(f, "\n{name}: {text}")?;
            }
        }
        Ok(())
    }
}
