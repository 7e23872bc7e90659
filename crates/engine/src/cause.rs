//! How a drift may have come about.

use catalog::{Catalog, Difference};
use serde::Serialize;

use crate::status::Migrations;

/// The probable cause of a difference between history and database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The schema file says the same as the database: `db push`.
    DbPush,
    /// A migration was edited after it was applied, so the replay differs from what was run.
    EditedMigration,
    /// An applied migration is not in the folder, so the replay lacks it.
    MissingMigration,
    /// A migration failed half-way.
    FailedMigration,
    /// None of these: somebody changed the database by hand, or another tool did.
    ByHand,
}

impl Cause {
    /// Says it in a few words.
    pub fn text(self) -> &'static str {
        match self {
            Self::DbPush => "the schema file says the same: db push",
            Self::EditedMigration => {
                "a migration was edited after it was applied; expected is what the edited file makes"
            }
            Self::MissingMigration => "an applied migration is missing from the folder",
            Self::FailedMigration => "a migration failed half-way",
            Self::ByHand => "not in the schema file: changed by hand or by another tool",
        }
    }
}

/// Returns the probable cause of each difference, in their order.
pub(crate) fn causes(
    differences: &[Difference],
    declared: Option<&Catalog>,
    migrations: &Migrations,
) -> Vec<Cause> {
    let without_schema = if !migrations.failed.is_empty() {
        Cause::FailedMigration
    } else if !migrations.missing.is_empty() {
        Cause::MissingMigration
    } else if !migrations.edited.is_empty() {
        Cause::EditedMigration
    } else {
        Cause::ByHand
    };
    differences
        .iter()
        .map(|difference| match declared {
            Some(declared) if difference.is_declared_by(declared) => Cause::DbPush,
            Some(_) | None => without_schema,
        })
        .collect()
}
