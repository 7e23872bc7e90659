//! What keeps a history from being continued.

use std::fmt;

use catalog::{Catalog, Language, Pair, Qualification};
use planner::Plan;
use serde::Serialize;

use crate::status::Migrations;

/// How folder, history and database have come apart.
#[derive(Debug, Clone, Serialize)]
pub struct Divergence {
    /// Applied migrations whose file has changed since.
    pub edited: Vec<String>,
    /// Applied migrations that the folder does not have.
    pub missing: Vec<String>,
    /// What the database has other than the migrations make it: the summary of `migrate diff`.
    pub drift: Option<String>,
    /// Whether the database has tables and no history.
    pub needs_baseline: bool,
}

impl Divergence {
    /// Compares what the applied migrations make with what the database has, as far as the schema
    /// language goes: what it cannot express does not stand in the way of a new migration.
    pub(super) fn find(
        catalogs: Pair<&Catalog>,
        migrations: &Migrations,
        language: Language,
    ) -> Option<Self> {
        let plan = Plan::of(catalogs, language, Qualification::Always);
        let found = Self {
            edited: migrations.edited.iter().map(|edited| edited.name.clone()).collect(),
            missing: migrations.missing.clone(),
            drift: (!plan.is_empty()).then(|| planner::summary(&plan)),
            needs_baseline: migrations.needs_baseline,
        };
        let is_sound = found.edited.is_empty() && found.missing.is_empty() && found.drift.is_none();
        (!is_sound).then_some(found)
    }

    /// The commands that repair it without losing data.
    pub(crate) fn repairs(&self) -> Vec<String> {
        let mut repairs = Vec::new();
        if !self.edited.is_empty() || !self.missing.is_empty() {
            repairs.push(
                "see what was edited, renamed or lost, and put it right: undrift repair".to_owned(),
            );
        }
        if self.drift.is_some() && self.needs_baseline {
            repairs.push("begin the history with what there is: undrift baseline".to_owned());
        } else if self.drift.is_some() {
            repairs.push("see every object that differs, and why: undrift drift".to_owned());
            repairs.push(
                "keep it, as a migration that is proven and marked as applied: undrift drift adopt \
                 --name NAME"
                    .to_owned(),
            );
            repairs.push("take it back: undrift drift revert".to_owned());
        }
        if !self.needs_baseline {
            repairs.push("only if the data can go, all of it: undrift migrate reset".to_owned());
        }
        repairs
    }
}

/// The findings, the first line of each in Prisma's words.
impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(drift) = &self.drift {
            parts.push(format!(
                "Drift detected: Your database schema is not in sync with your migration history.\n\n\
                 What it has other than the migrations make it:\n{}",
                drift.trim_end()
            ));
        }
        if self.needs_baseline {
            parts.push("The database has tables and no history.".to_owned());
        }
        for name in &self.edited {
            parts.push(format!("The migration `{name}` was modified after it was applied."));
        }
        if !self.missing.is_empty() {
            parts.push(format!(
                "The following migration(s) are applied to the database but missing from the local \
                 migrations directory: {}",
                self.missing.join(", ")
            ));
        }
        f.write_str(&parts.join("\n\n"))
    }
}
