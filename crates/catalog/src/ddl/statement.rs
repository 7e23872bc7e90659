//! One statement of a plan, and what is to be known about it before it is run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Name;

/// One SQL statement that changes what a database contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The statement, without its semicolon.
    pub sql: String,
    /// The strongest lock it takes on a relation that was there before, and on which.
    pub lock: Option<Lock>,
    /// What data it destroys.
    pub loss: Option<Loss>,
    /// Whether what it makes can only be used after a commit, as a label added to an enum type.
    pub needs_commit: bool,
}

/// A lock on a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Lock {
    /// How strong it is.
    pub mode: LockMode,
    /// The table, view or sequence.
    pub relation: Name,
}

/// How strong a lock on a table is, weakest first: PostgreSQL's eight modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// What a query takes: only the strongest lock waits.
    AccessShare,
    /// What `SELECT … FOR UPDATE` takes.
    RowShare,
    /// What changes of rows take.
    RowExclusive,
    /// Reads and writes go on; other changes of the table wait.
    ShareUpdateExclusive,
    /// Reads go on, writes wait.
    Share,
    /// Reads go on, writes wait, and so does another lock of this mode.
    ShareRowExclusive,
    /// Reads go on, everything else waits.
    Exclusive,
    /// Everything waits.
    AccessExclusive,
}

impl LockMode {
    /// What waits meanwhile, in a few words.
    pub fn blocks(self) -> &'static str {
        match self {
            Self::AccessShare | Self::RowShare | Self::RowExclusive => "no reads and writes",
            Self::ShareUpdateExclusive => "other changes of the table, not reads and writes",
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => "writes",
            Self::AccessExclusive => "reads and writes",
        }
    }

    /// The mode that `pg_locks` names so.
    pub fn from_pg_locks(name: &str) -> Option<Self> {
        const ALL: [LockMode; 8] = [
            LockMode::AccessShare,
            LockMode::RowShare,
            LockMode::RowExclusive,
            LockMode::ShareUpdateExclusive,
            LockMode::Share,
            LockMode::ShareRowExclusive,
            LockMode::Exclusive,
            LockMode::AccessExclusive,
        ];
        ALL.into_iter().find(|mode| mode.in_pg_locks() == name)
    }

    /// Whether two sessions cannot hold the two at once.
    ///
    /// <https://www.postgresql.org/docs/current/explicit-locking.html>
    pub fn conflicts_with(self, other: Self) -> bool {
        let (weaker, stronger) = if self <= other { (self, other) } else { (other, self) };
        match weaker {
            Self::AccessShare => stronger == Self::AccessExclusive,
            Self::RowShare => stronger >= Self::Exclusive,
            Self::RowExclusive => stronger >= Self::Share,
            // It is the only one besides the strongest ones that excludes itself.
            Self::ShareUpdateExclusive => true,
            Self::Share => stronger != Self::Share,
            Self::ShareRowExclusive | Self::Exclusive | Self::AccessExclusive => true,
        }
    }

    /// The name that `pg_locks` has for it.
    pub fn in_pg_locks(self) -> &'static str {
        match self {
            Self::AccessShare => "AccessShareLock",
            Self::RowShare => "RowShareLock",
            Self::RowExclusive => "RowExclusiveLock",
            Self::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Self::Share => "ShareLock",
            Self::ShareRowExclusive => "ShareRowExclusiveLock",
            Self::Exclusive => "ExclusiveLock",
            Self::AccessExclusive => "AccessExclusiveLock",
        }
    }
}

/// The mode as `LOCK TABLE` has it.
impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}

/// Data that a statement destroys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// All rows of a table.
    Table(Name),
    /// The values of a column.
    Column {
        /// The column's table.
        table: Name,
        /// The column.
        column: String,
    },
    /// The position that a sequence has reached.
    Sequence(Name),
}

impl Statement {
    /// Builds a statement that takes no lock worth telling and loses nothing.
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), lock: None, loss: None, needs_commit: false }
    }

    /// Says which lock it takes.
    #[must_use]
    pub(crate) fn locking(mut self, mode: LockMode, relation: &Name) -> Self {
        self.lock = Some(Lock { mode, relation: relation.clone() });
        self
    }

    /// Says that everything about the relation waits meanwhile.
    #[must_use]
    pub(crate) fn exclusively(self, relation: &Name) -> Self {
        self.locking(LockMode::AccessExclusive, relation)
    }

    /// Says what it destroys.
    #[must_use]
    pub(crate) fn losing(mut self, loss: Loss) -> Self {
        self.loss = Some(loss);
        self
    }
}
