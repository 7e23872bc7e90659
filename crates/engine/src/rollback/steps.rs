//! Which migrations are taken back, by what, and that it works: tried on a shadow database, all of them
//! in reverse, before anything is done.

use catalog::{Catalog, Pair};
use database::Session;
use planner::full::FullPlan;
use project::{DownFile, Migration, Origin};
use serde::Serialize;

use crate::down::DownPlan;
use crate::shadow::Shadow;
use crate::{Error, Progress, down};

/// What is known of one migration that is taken back.
pub(super) struct Step {
    pub(super) migration: Migration,
    pub(super) source: DownSource,
    /// The SQL.
    pub(super) script: String,
    /// What the migrations make with it.
    pub(super) with: Catalog,
    /// What they make without it.
    pub(super) without: Catalog,
    /// The changes from the one to the other, whatever the SQL that makes them.
    pub(super) plan: FullPlan,
    /// What is named as before first.
    pub(super) renames: Vec<String>,
}

/// Whose SQL takes a migration back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownSource {
    /// Its `down.sql`, as undrift wrote it.
    File,
    /// Its `down.sql`, as a person wrote it.
    ByHand,
    /// It was worked out from what the migrations make with it and without it.
    WorkedOut,
}

/// Works out how to take migrations back: `applied` in the order of the folder without the first
/// `steps.len()`, and `order` those to take back, the last one first.
pub(super) async fn work_out(
    shadow: &Shadow<'_>,
    applied: &[Migration],
    order: &[Migration],
    uses_files: bool,
    progress: &mut (dyn Progress + '_),
) -> Result<Vec<Step>, Error> {
    let mut files = Vec::new();
    for migration in order {
        let file = if uses_files { project::read_down(migration)? } else { None };
        if file.as_ref().is_some_and(|file| file.origin == Origin::ByHandOutdated) {
            progress.notice(&format!(
                "{}: its down.sql was written by hand for an earlier version of it, and is not used",
                migration.name
            ));
        }
        files.push(file.filter(is_current));
    }
    let shadow = shadow.fully();
    let work = async |session: &Session| {
        let mut catalogs = replay_each(&shadow, session, applied, order).await?;
        let mut steps = Vec::new();
        let mut with = catalogs.pop().unwrap_or_default();
        for (migration, file) in order.iter().zip(&files) {
            let without = catalogs.pop().unwrap_or_default();
            let step = step(&shadow, session, migration, file.as_ref(), (with, without)).await?;
            with = step.without.clone();
            steps.push(step);
        }
        Ok(steps)
    };
    shadow.on_empty(progress, work).await
}

fn is_current(file: &DownFile) -> bool {
    match file.origin {
        Origin::Generated => file.incomplete.is_empty(),
        Origin::ByHand => true,
        Origin::Outdated | Origin::ByHandOutdated => false,
    }
}

/// What the migrations make without all those to take back, without all but the first of them, …, with
/// all. The shadow is left as the last one.
async fn replay_each(
    shadow: &Shadow<'_>,
    session: &Session,
    applied: &[Migration],
    order: &[Migration],
) -> Result<Vec<Catalog>, Error> {
    let mut catalogs = Vec::new();
    let mut replayed: Vec<Migration> = Vec::new();
    for count in (0..=order.len()).rev() {
        let left_out = order.get(..count).unwrap_or_default();
        let wanted: Vec<Migration> =
            applied.iter().filter(|it| !left_out.contains(it)).cloned().collect();
        // Where they were not applied in the order of their names, it begins anew.
        if !wanted.starts_with(&replayed) {
            crate::shadow::empty(session).await?;
            replayed.clear();
        }
        let rest = wanted.get(replayed.len()..).unwrap_or_default();
        database::replay(session, rest).await?;
        catalogs.push(shadow.read(session).await?);
        replayed = wanted;
    }
    Ok(catalogs)
}

/// Tries how one migration is taken back; the shadow is as it is without it afterwards.
async fn step(
    shadow: &Shadow<'_>,
    session: &Session,
    migration: &Migration,
    file: Option<&DownFile>,
    (with, without): (Catalog, Catalog),
) -> Result<Step, Error> {
    let catalogs = Pair::new(&with, &without);
    let planned = down::plan(shadow, session, migration, catalogs).await?;
    let refuse = |reasons: &[String], help: &str| {
        let reasons = reasons.join("\n  ");
        let name = &migration.name;
        Error::Unready(format!("the migration `{name}` cannot be taken back{help}:\n  {reasons}"))
    };
    if let Some(file) = file {
        let left = down::differences(shadow, session, &file.script, &without).await?;
        let source = match file.origin {
            Origin::ByHand => DownSource::ByHand,
            Origin::Generated | Origin::Outdated | Origin::ByHandOutdated => DownSource::File,
        };
        if left.is_empty() {
            let (migration, script) = (migration.clone(), file.script.clone());
            let DownPlan { renames, plan } = planned;
            return Ok(Step { migration, source, script, with, without, plan, renames });
        }
        let help = " by its down.sql (--ignore-files works it out instead)";
        return Err(refuse(&left, help));
    }
    let unsupported = &planned.plan.unsupported;
    if !unsupported.is_empty() {
        let reasons: Vec<String> = unsupported.iter().map(ToString::to_string).collect();
        return Err(refuse(&reasons, "; write a down.sql for what undrift has no SQL for"));
    }
    let script = down::render(&planned, &with, migration);
    let left = down::differences(shadow, session, &script, &without).await?;
    if !left.is_empty() {
        return Err(refuse(&left, "; write a down.sql for it"));
    }
    let (migration, source) = (migration.clone(), DownSource::WorkedOut);
    let DownPlan { renames, plan } = planned;
    Ok(Step { migration, source, script, with, without, plan, renames })
}
