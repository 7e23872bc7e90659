//! `check`: whether what is about to be merged or deployed may be, with a database or without.
//!
//! What has to be read, asked and tried is gathered once, in [`Ground`]; a check is a function that looks at
//! it, in a file of its own, with a line in [`CHECKS`].

mod branch;
mod committed;
mod data_loss;
mod down;
mod drift;
mod ground;
mod history;
mod lint;
mod replay;
mod schema;

use serde::Serialize;

use crate::plan::PlannedScript;
use crate::{Described, Error, Issue, Progress, Project, Settings, Severity};
use ground::Ground;

/// What `check` is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckRequest {
    /// The branch that this one goes into, as `origin/main`; found out where none is named.
    pub base: Option<String>,
    /// Whether all migrations are judged, and not only those that the base has not.
    pub all: bool,
    /// Whether the project's database is asked, too.
    pub database: bool,
}

/// What `check` found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// How many migrations it holds.
    pub migrations_found: usize,
    /// What the folder was compared with; none without git.
    pub base: Option<Base>,
    /// The database that was asked.
    pub database: Option<Described>,
    /// The migrations that were judged by themselves: new since the base, or pending, or all.
    pub judged: Vec<String>,
    /// Every check, and what it found.
    pub checks: Vec<Checked>,
    /// How many issues are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
    /// How many checks could not be made: as bad as an error.
    pub unknown: usize,
    /// What the judged migrations do, statement by statement; the pending ones of a database that was asked.
    pub scripts: Vec<PlannedScript>,
}

/// What a migrations folder was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Base {
    /// The branch, as it was named or found.
    pub name: String,
    /// The last commit that both have in common.
    pub commit: String,
    /// Whether it was found out and not named.
    pub is_found: bool,
}

/// A check that was made, or why it was not.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Checked {
    /// Its name.
    pub name: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub state: CheckState,
    /// What it found.
    pub issues: Vec<Issue>,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CheckState {
    /// It was made. Whether it found something, the issues say.
    Done,
    /// It was not asked for, or does not apply.
    Skipped {
        /// Why.
        reason: String,
    },
    /// It could not be made.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// What a check comes to.
enum Answer {
    /// The issues found; none is good.
    Found(Vec<Issue>),
    /// It was not asked for.
    Skipped(String),
    /// It could not be made.
    Unknown(String),
}

/// A check.
#[derive(Clone, Copy)]
pub struct CheckKind {
    /// Its name.
    pub name: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// The codes of the issues that it finds, besides lint's rules.
    pub codes: &'static [&'static str],
    run: fn(&Ground<'_>) -> Answer,
}

/// All checks, in the order in which they are told.
pub const CHECKS: &[CheckKind] = &[
    schema::CHECK,
    replay::CHECK,
    branch::CHECK,
    committed::CHECK,
    lint::CHECK,
    data_loss::CHECK,
    down::CHECK,
    history::CHECK,
    drift::CHECK,
];

/// Checks a project. Changes nothing, on no database and in no file.
///
/// # Errors
/// When the project cannot be read, or the base that was named is not there. What else cannot be found
/// out makes the checks that need it [`CheckState::Unknown`].
pub async fn check(
    project: &Project,
    settings: &Settings,
    request: &CheckRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Check, Error> {
    let ground = Box::pin(Ground::gather(project, settings, request, progress)).await?;
    let checks: Vec<Checked> = CHECKS.iter().map(|kind| kind.on(&ground)).collect();
    let count = |severity| {
        let issues = checks.iter().flat_map(|checked| &checked.issues);
        issues.filter(|issue| issue.severity == severity).count()
    };
    let (errors, warnings, notes) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let is_unknown = |checked: &&Checked| matches!(checked.state, CheckState::Unknown { .. });
    let unknown = checks.iter().filter(is_unknown).count();
    Ok(Check {
        migrations_folder: project.display(&project.migrations_folder),
        migrations_found: ground.migrations.len(),
        base: ground.base(),
        database: ground.database.as_ref().and_then(|asked| asked.described.clone()),
        judged: ground.judged_names(),
        scripts: ground.scripts(),
        checks,
        errors,
        warnings,
        notes,
        unknown,
    })
}

impl CheckKind {
    fn on(self, ground: &Ground<'_>) -> Checked {
        let (state, issues) = match (self.run)(ground) {
            Answer::Found(issues) => (CheckState::Done, issues),
            Answer::Skipped(reason) => (CheckState::Skipped { reason }, Vec::new()),
            Answer::Unknown(reason) => {
                // The first line says what; the others are advice for those who sit before a terminal.
                let mut lines = reason.lines().map(str::trim).filter(|line| !line.is_empty());
                let reason = lines.next().unwrap_or_default().to_owned();
                (CheckState::Unknown { reason }, Vec::new())
            }
        };
        Checked { name: self.name, asks: self.asks, state, issues }
    }
}

impl Check {
    /// Whether nothing stands in the way; with `strict`, no warning either.
    pub fn passes(&self, strict: bool) -> bool {
        self.errors == 0 && self.unknown == 0 && !(strict && self.warnings > 0)
    }

    /// The same, with paths as they are from a folder above; `place` is where they begin there.
    #[must_use]
    pub fn below(mut self, place: &str) -> Self {
        for checked in &mut self.checks {
            let issues = std::mem::take(&mut checked.issues);
            checked.issues = issues.into_iter().map(|issue| issue.below(place)).collect();
        }
        self
    }

    /// All issues, in the order of the checks.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.checks.iter().flat_map(|checked| &checked.issues)
    }
}

impl Checked {
    /// How bad the worst of it is, if there is something.
    pub fn worst(&self) -> Option<Severity> {
        self.issues.iter().map(|issue| issue.severity).max()
    }
}
