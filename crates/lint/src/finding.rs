//! What is found in a migration.

use std::fmt;
use std::ops::Range;

use catalog::Name;
use serde::Serialize;

use crate::context::TableSize;

/// Something that a rule finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter, in a sentence without a full stop.
    pub message: String,
    /// What to do instead.
    pub advice: String,
    /// Where it stands in the script, in bytes.
    pub span: Range<usize>,
    /// The number of its statement, from 0.
    pub statement: usize,
    /// The table whose size tells how long it takes.
    #[serde(skip)]
    pub(crate) takes_as_long_as: Option<Name>,
}

/// How bad a finding is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// It can hurt.
    Warning,
    /// It will hurt, or fail.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl Finding {
    /// Makes it as bad as the size of the table says: nothing on a small one, the worst on a large one.
    pub(crate) fn weigh(&mut self, size: TableSize) {
        if size.is_small() {
            self.severity = Severity::Note;
        } else {
            self.severity = Severity::Error;
            self.message = format!("{} ({} rows)", self.message, size.rows);
        }
    }
}
