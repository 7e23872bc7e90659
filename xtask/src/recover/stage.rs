//! Who runs the migration, how it is written, how it ends.

use std::fmt;

/// Who runs the migration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    Prisma6,
    Prisma7,
    Undrift,
}

/// How the migration is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Statement after statement.
    Plain,
    /// In one block of `BEGIN` and `COMMIT`.
    Block,
    /// So that each statement is committed by itself.
    Steps,
}

/// How its run ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The data makes a statement fail.
    Broken,
    /// Program and session are killed while a statement waits.
    Killed,
    /// The program is killed while a statement waits; the server goes on as long as it likes.
    CutOff,
}

impl fmt::Display for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prisma6 => "prisma 6",
            Self::Prisma7 => "prisma 7",
            Self::Undrift => "undrift",
        })
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Block => "block",
            Self::Steps => "steps",
        })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broken => "broken",
            Self::Killed => "killed",
            Self::CutOff => "cut off",
        })
    }
}
