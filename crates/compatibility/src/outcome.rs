//! What came of a command.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A release of Prisma, and the form of project that it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Release {
    /// 6: the URL is in the schema.
    #[serde(rename = "6")]
    Six,
    /// 7: the URL is in `prisma.config.ts`.
    #[serde(rename = "7")]
    Seven,
}

impl Release {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Six, Self::Seven];
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Six => "6",
            Self::Seven => "7",
        })
    }
}

/// What came of a command, as far as programs can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The exit code; none if it had to be killed.
    pub exit: Option<i32>,
    /// The error's code, such as `P3005`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The files that are new or changed, the time in a migration's name left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The rows of the history that are new or changed: `init: applied`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// The columns that the database has in more or less than before: `+ User.name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// What each release did, by case.
pub type Facts = BTreeMap<String, BTreeMap<Release, Outcome>>;

/// In a few words: `exit 0, writes migrations/x, x: applied`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exit {
            Some(exit) => write!(f, "{exit}")?,
            None => f.write_str("waits for ever")?,
        }
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        for list in [&self.files, &self.rows, &self.columns] {
            for entry in list {
                write!(f, "; {entry}")?;
            }
        }
        Ok(())
    }
}
