//! Drift: what the database has other than its history makes it.
//!
//! It is explained object by object ([`explain`]), with its probable cause and with what hangs on it;
//! then it is kept, as a migration ([`adopt`]), taken back ([`revert`]), or declared as meant
//! ([`ignore`]). None of these loses data without a word that says so.

mod adopt;
mod cause;
mod explain;
mod ignore;
mod recognise;
mod revert;
mod select;

use catalog::{Catalog, Difference, Pair};
use database::{Owners, Session};
use project::{IgnoreRules, Migration, Subject};
use serde::Serialize;

pub use adopt::{AdoptRequest, Adoption, SchemaAfter, adopt};
pub use cause::Cause;
pub use explain::{Against, DriftRequest, Explained, Explanation, Scripts, explain};
pub use ignore::{Ignoring, ignore};
pub(crate) use recognise::{is_adoption, recognise};
pub(crate) use revert::{Reversal, revert_on};
pub use revert::{Reversion, RevertRequest, revert};

use crate::status::Migrations;
use crate::{Error, Settings};

/// Whether the database is what the applied migrations make it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Drift {
    /// It is, but for what is meant to differ.
    None {
        /// What differs and is meant to.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        ignored: Vec<Ignored>,
    },
    /// It is not.
    Found {
        /// Every object that differs.
        objects: Vec<Drifted>,
        /// What differs and is meant to.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        ignored: Vec<Ignored>,
    },
    /// It could not be found out.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// An object that is not as the migrations make it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Drifted {
    /// What differs: expected is what the migrations make, actual what the database has.
    #[serde(flatten)]
    pub difference: Difference,
    /// How that may have come about.
    pub cause: Cause,
}

/// An object that differs and is meant to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Ignored {
    /// What differs.
    #[serde(flatten)]
    pub difference: Difference,
    /// Where the rule stands that says so, as `undrift.toml:3`.
    pub rule: String,
    /// Why, as the rule says.
    pub reason: Option<String>,
}

/// What is known of drift that is meant.
pub(crate) struct Meant {
    rules: IgnoreRules,
    owners: Owners,
}

impl Meant {
    /// Reads the rules of `undrift.toml`, and from the database what they ask for.
    ///
    /// # Errors
    /// When the file has a mistake, or the database cannot be read.
    pub(crate) async fn read(settings: &Settings, session: &Session) -> Result<Self, Error> {
        let rules = IgnoreRules::read(&settings.current_directory)?;
        let owners = if rules.ask_for_owners() {
            database::owners(session).await?
        } else {
            Owners::default()
        };
        Ok(Self { rules, owners })
    }

    /// The differences of two catalogs that are not meant, and those that are.
    pub(crate) fn sift(&self, catalogs: Pair<&Catalog>) -> (Vec<Difference>, Vec<Ignored>) {
        let mut left = Vec::new();
        let mut ignored = Vec::new();
        for difference in catalog::drift(catalogs) {
            let (kind, id) = (difference.kind.title(), difference.id.as_str());
            match self.rules.covering(Subject { kind, id, owner: self.owners.of(id) }) {
                Some(rule) => {
                    let (place, reason) = (rule.place.clone(), rule.reason.clone());
                    ignored.push(Ignored { difference, rule: place, reason });
                }
                None => left.push(difference),
            }
        }
        (left, ignored)
    }

    /// The database's catalog with what is meant to differ as the other one has it.
    pub(crate) fn overlook(&self, catalogs: Pair<&Catalog>) -> Catalog {
        let (_, ignored) = self.sift(catalogs);
        let selection = ignored.iter().map(|ignored| &ignored.difference).collect();
        catalogs.actual.with_objects_of(catalogs.desired, &selection)
    }
}

/// What there is to know besides the two catalogs to say how a drift came about.
pub(crate) struct Circumstances<'a> {
    /// What the schema files declare, if they can be read.
    pub(crate) declared: Option<&'a Catalog>,
    /// What all migrations make, the pending ones included, if they can be replayed.
    pub(crate) all: Option<&'a Catalog>,
    /// The folder against the history table.
    pub(crate) migrations: &'a Migrations,
    /// The migrations of the folder.
    pub(crate) folder: &'a [Migration],
}

impl Drift {
    /// Compares the database with what the applied migrations make.
    pub(crate) fn find(
        catalogs: Pair<&Catalog>,
        meant: &Meant,
        circumstances: &Circumstances<'_>,
    ) -> Self {
        let (differences, ignored) = meant.sift(catalogs);
        if differences.is_empty() {
            return Self::None { ignored };
        }
        let causes = cause::causes(&differences, catalogs.actual, circumstances);
        let both = differences.into_iter().zip(causes);
        let objects = both.map(|(difference, cause)| Drifted { difference, cause }).collect();
        Self::Found { objects, ignored }
    }
}
