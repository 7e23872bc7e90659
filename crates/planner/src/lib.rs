//! Changes into a plan, and a plan into a migration script or a summary; and, in [`full`], a plan over
//! everything a catalog can hold.

pub mod full;
mod native_type;
mod prisma_value;
mod script;
pub mod split;
mod summary;
mod warnings;

use catalog::rename::Renames;
use catalog::{Change, Language, Pair, Qualification};

pub use script::{migration, script};
pub use summary::summary;
pub use warnings::{Warning, warnings};

/// The changes to be made, in order, with how names are to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
    /// How names are written.
    pub names: Qualification,
}

impl Plan {
    /// Builds the plan that turns the one catalog into the other as far as the schema language goes.
    pub fn of(catalogs: Pair<&catalog::Catalog>, language: Language, names: Qualification) -> Self {
        Self { changes: catalog::diff(catalogs, language), names }
    }

    /// Adds renames, which come first: the plan is one for the catalog that they have been applied to.
    #[must_use]
    pub fn after(mut self, renames: &Renames) -> Self {
        self.changes.splice(..0, renames.iter().cloned().map(Change::Rename));
        self
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
