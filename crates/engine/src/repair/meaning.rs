//! What an edit means: nothing, the same in other words, or something else.

use catalog::{Catalog, Pair, drift};
use project::Migration;
use script::Script;
use serde::Serialize;

use super::find::{Finding, Now};
use super::original::Origin;
use crate::shadow::Shadow;
use crate::{Error, Progress};

/// What the difference between the file and the one that was applied means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "meaning")]
pub enum Meaning {
    /// Line ends, a byte order mark, empty lines at the end.
    Encoding,
    /// Comments and white space: to the server it is the same.
    Layout,
    /// Other statements that make the same of the catalog.
    SameEffect {
        /// Whether statements that may change rows are not the same; their effect cannot be seen.
        changes_rows: bool,
    },
    /// The file as it was applied was not found, but the database is what the files make now.
    AsDatabase,
    /// It makes something else.
    DifferentEffect {
        /// What the files make now, other than what they made, or than the database is.
        differences: Vec<String>,
    },
    /// It cannot be run.
    Unreplayable {
        /// What the server said.
        error: String,
    },
    /// The folder has another name.
    Renamed,
    /// The file is gone.
    Gone,
}

/// What the history is made of, to see what an edit changes about it.
pub(super) struct Histories<'a> {
    pub(super) shadow: &'a Shadow<'a>,
    /// The migrations that are applied, as they are in the folder; renamed ones under their new names.
    pub(super) applied: Vec<Migration>,
    /// What the database is.
    pub(super) live: &'a Catalog,
}

impl Histories<'_> {
    /// Finds out what a finding means.
    pub(super) async fn meaning(
        &self,
        finding: &Finding,
        findings: &[Finding],
        progress: &mut (dyn Progress + '_),
    ) -> Result<Meaning, Error> {
        let migration = match &finding.now {
            Now::Missing => return Ok(Meaning::Gone),
            Now::Renamed(_) => return self.renamed(findings, progress).await,
            Now::Edited(migration) => migration,
        };
        let Some(original) = &finding.original else {
            return self.against_database(progress).await;
        };
        if original.origin == Origin::Encoding {
            return Ok(Meaning::Encoding);
        }
        if script::same_tokens(&original.text, &migration.script) {
            return Ok(Meaning::Layout);
        }
        let with = |edited: bool| -> Vec<Migration> {
            let all = self.applied.iter();
            all.map(|it| {
                let restored = findings.iter().find(|other| other.row.migration_name == it.name);
                let text = restored.and_then(|other| other.original.as_ref());
                match text {
                    Some(text) if !(edited && it.name == migration.name) => restore(it, &text.text),
                    _ => it.clone(),
                }
            })
            .collect()
        };
        let before = self.shadow.catalog(&with(false), progress).await;
        let after = self.shadow.catalog(&with(true), progress).await;
        let (before, after) = match (before, after) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(error), _) | (_, Err(error)) => return unreplayable(error),
        };
        let differences = drift(Pair::new(&after, &before));
        if differences.is_empty() {
            let rows = [&original.text, &migration.script].map(|text| changes_of_rows(text));
            return Ok(Meaning::SameEffect { changes_rows: rows[0] != rows[1] });
        }
        let differences = differences.iter().map(ToString::to_string).collect();
        Ok(Meaning::DifferentEffect { differences })
    }

    /// A new name is a new place in the order.
    async fn renamed(
        &self,
        findings: &[Finding],
        progress: &mut (dyn Progress + '_),
    ) -> Result<Meaning, Error> {
        if findings.iter().any(|finding| matches!(finding.now, Now::Missing)) {
            return Ok(Meaning::Renamed);
        }
        match self.shadow.catalog(&self.applied, progress).await {
            Ok(_) => Ok(Meaning::Renamed),
            Err(error) => unreplayable(error),
        }
    }

    async fn against_database(&self, progress: &mut (dyn Progress + '_)) -> Result<Meaning, Error> {
        let now = match self.shadow.catalog(&self.applied, progress).await {
            Ok(now) => now,
            Err(error) => return unreplayable(error),
        };
        let differences = drift(Pair::new(self.live, &now));
        if differences.is_empty() {
            return Ok(Meaning::AsDatabase);
        }
        let differences = differences.iter().map(ToString::to_string).collect();
        Ok(Meaning::DifferentEffect { differences })
    }
}

fn unreplayable(error: Error) -> Result<Meaning, Error> {
    if let Error::Database(database::Error::ReplayFailed(failure)) = &error {
        let error = format!("{}: {}", failure.migration, failure.error);
        return Ok(Meaning::Unreplayable { error });
    }
    Err(error)
}

fn restore(migration: &Migration, text: &str) -> Migration {
    let checksum = project::checksum(text.as_bytes());
    Migration { script: text.to_owned(), checksum, ..migration.clone() }
}

/// The statements that may change rows, without what is white space to them.
fn changes_of_rows(text: &str) -> Vec<String> {
    let script = Script::parse(text);
    let statements = script.statements().iter().filter(|statement| statement.may_change_data);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    statements.map(|statement| words(script.statement_text(statement))).collect()
}
