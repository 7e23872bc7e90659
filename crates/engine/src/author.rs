//! Writes the migration that a history lacks, and proves it: on a shadow database the history with it
//! must make exactly what it is meant to make.

use std::path::Path;
use std::time::SystemTime;

use catalog::{Catalog, Language, Pair, Qualification, drift};
use planner::Plan;
use planner::full::FullPlan;
use project::{DatabaseUrl, Migration, NewMigration, Project};

use crate::dev::Divergence;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress};

/// Who writes migrations for a project.
pub(crate) struct Author<'a> {
    /// Where they are tried; its catalogs must say what needs what.
    pub(crate) shadow: &'a Shadow<'a>,
    /// The migrations that come before.
    pub(crate) migrations: &'a [Migration],
    /// What they make.
    pub(crate) history: &'a Catalog,
    /// How names are written.
    pub(crate) names: Qualification,
}

impl Author<'_> {
    /// Returns the SQL that makes of the history what is desired: in Prisma's words as far as the
    /// schema language goes, then everything else. Both must be read from servers, in full.
    ///
    /// # Errors
    /// [`Error::Unproven`] with what would differ, or when the shadow database fails.
    pub(crate) async fn write(
        &self,
        desired: &Catalog,
        progress: &mut (dyn Progress + '_),
    ) -> Result<String, Error> {
        let plan = Plan::of(Pair::new(self.history, desired), Language::WHOLE, self.names.clone());
        let mut script = if plan.is_empty() { String::new() } else { planner::script(&plan) };
        // What the schema language cannot say may be needed first, such as the function that a default
        // calls: then all is planned together.
        let mut made = match self.replayed(&script, progress).await {
            Ok(made) => made,
            Err(Error::Database(database::Error::ReplayFailed(_))) => {
                script.clear();
                self.history.clone()
            }
            Err(error) => return Err(error),
        };
        let rest = FullPlan::of(Pair::new(&made, desired));
        if !rest.batches.is_empty() {
            script.push_str(if script.is_empty() { "" } else { "\n" });
            script.push_str(&planner::full::migration(&rest));
            made = self.replayed(&script, progress).await?;
        }
        let differences = drift(Pair::new(desired, &made));
        if differences.is_empty() {
            return Ok(script);
        }
        Err(Error::Unproven(differences.iter().map(ToString::to_string).collect()))
    }

    /// What the migrations and one more make.
    async fn replayed(
        &self,
        script: &str,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Catalog, Error> {
        if script.is_empty() {
            return Ok(self.history.clone());
        }
        let new = unwritten(script);
        let all: Vec<Migration> = self.migrations.iter().cloned().chain([new]).collect();
        self.shadow.catalog(&all, progress).await
    }
}

/// A script as a migration that is tried, and not written: its name and time mean nothing.
pub(crate) fn unwritten(script: &str) -> Migration {
    let new = NewMigration { name: "unwritten", now: SystemTime::UNIX_EPOCH, script };
    project::new_migration(Path::new(""), &new)
}

/// How names are written in a project's migrations: with their schema if its schema names schemas.
pub(crate) fn names(project: &Project, url: &DatabaseUrl) -> Qualification {
    if catalog::names_schemas(&project.schema_files.load().schema) {
        Qualification::Always
    } else {
        Qualification::Except(url.schema().to_owned())
    }
}

/// Fails while the history is not sound: what is wrong with it would be covered up.
///
/// # Errors
/// When a migration has failed, was edited, or is missing.
pub(crate) fn ensure_sound(found: &Migrations) -> Result<(), Error> {
    if let Some(failed) = found.failed.first() {
        return Err(Error::Unready(format!(
            "the migration `{}` has failed; get out of that first: undrift recover",
            failed.name
        )));
    }
    let divergence = Divergence {
        edited: found.edited.iter().map(|edited| edited.name.clone()).collect(),
        missing: found.missing.clone(),
        drift: None,
        needs_baseline: false,
    };
    if divergence.edited.is_empty() && divergence.missing.is_empty() {
        return Ok(());
    }
    Err(Error::Diverged(Box::new(divergence)))
}

/// Fails while a migration is pending: another would come after it in the folder and before it in the
/// database.
///
/// # Errors
/// When one is, although there is a history.
pub(crate) fn ensure_complete(found: &Migrations) -> Result<(), Error> {
    match found.pending.first().filter(|_| found.has_history_table) {
        Some(name) => Err(Error::Unready(format!(
            "the migration `{name}` is pending; apply it first: undrift migrate deploy"
        ))),
        None => Ok(()),
    }
}

/// Fails without a history, since then nobody knows what is drift.
///
/// # Errors
/// When there is none.
pub(crate) fn ensure_history(found: &Migrations) -> Result<(), Error> {
    if found.has_history_table {
        return Ok(());
    }
    Err(Error::Unready(
        "the database has no history of migrations; begin it first: undrift baseline".to_owned(),
    ))
}
