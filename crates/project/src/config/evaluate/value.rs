//! What a piece of a config file comes to.

use std::collections::BTreeMap;

use serde_json::Value;

/// A value as far as undrift cares for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Evaluated {
    /// `undefined`, `null`, or a variable that is not set.
    Absent(Absence),
    String(String),
    Boolean(bool),
    /// A list whose elements are all known.
    List(Vec<Self>),
    /// An object; an entry that cannot be worked out matters only when it is asked for.
    Object(BTreeMap<String, Entry>),
    /// `process.env`.
    Environment,
    /// A number, a function or another list: nothing that is asked for.
    Other,
}

/// What an expression comes to, or why it is not known.
pub(crate) type Outcome = Result<Evaluated, Obstacle>;

/// An entry of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The line of its key, from 1; none where it was not read from the file's text.
    pub(crate) line: Option<usize>,
    /// What it holds.
    pub(crate) value: Outcome,
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Absence {
    Null,
    Undefined,
    Variable(Unset),
}

/// A variable that is not set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unset {
    pub(crate) variable: String,
    /// The line that names it, from 1.
    pub(crate) line: usize,
}

/// Why a value cannot be worked out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Obstacle {
    /// Only running the file could tell.
    Unknown { line: usize, column: usize, problem: String },
    /// `env()` of a variable that is not set, which would end the file.
    Variable(Unset),
}

impl From<Value> for Evaluated {
    fn from(value: Value) -> Self {
        let entry = |value| Entry { line: None, value: Ok(Self::from(value)) };
        match value {
            Value::Null => Self::Absent(Absence::Null),
            Value::Bool(value) => Self::Boolean(value),
            Value::String(text) => Self::String(text),
            Value::Object(entries) => {
                Self::Object(entries.into_iter().map(|(key, value)| (key, entry(value))).collect())
            }
            Value::Array(values) => Self::List(values.into_iter().map(Self::from).collect()),
            Value::Number(_) => Self::Other,
        }
    }
}

impl Evaluated {
    /// Whether JavaScript takes it for true.
    pub(super) fn is_true(&self) -> Option<bool> {
        match self {
            Self::Absent(_) => Some(false),
            Self::Boolean(value) => Some(*value),
            Self::String(text) => Some(!text.is_empty()),
            Self::List(_) | Self::Object(_) | Self::Environment => Some(true),
            Self::Other => None,
        }
    }

    /// Whether JavaScript takes the two for equal: with `===`, or else with `==`.
    pub(super) fn is_equal(&self, other: &Self, is_strict: bool) -> Option<bool> {
        match (self, other) {
            (Self::String(one), Self::String(other)) => Some(one == other),
            (Self::Boolean(one), Self::Boolean(other)) => Some(one == other),
            (Self::Absent(one), Self::Absent(other)) => {
                let is_null = |absence: &Absence| matches!(absence, Absence::Null);
                Some(!is_strict || is_null(one) == is_null(other))
            }
            (Self::Absent(_), Self::String(_) | Self::Boolean(_))
            | (Self::String(_) | Self::Boolean(_), Self::Absent(_)) => Some(false),
            (Self::String(_), Self::Boolean(_)) | (Self::Boolean(_), Self::String(_)) => {
                is_strict.then_some(false)
            }
            // Lists and objects are equal only to themselves, which the tree does not tell.
            (Self::List(_) | Self::Object(_) | Self::Environment | Self::Other, _)
            | (_, Self::List(_) | Self::Object(_) | Self::Environment | Self::Other) => None,
        }
    }
}
