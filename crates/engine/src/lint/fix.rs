//! Pending migrations rewritten into their safe form, by proof: on a shadow database the rewritten ones
//! must make exactly what the old one made.

use std::path::Path;

use catalog::{Pair, drift};
use lint::Known;
use project::{DatabaseUrl, Migration, Project};
use script::Script;
use serde::Serialize;

use super::target::Targets;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress, Settings, datasource, files, schema};

/// What became of a migration that was to be rewritten.
#[derive(Debug, Clone, Serialize)]
pub struct Fixed {
    /// The migration.
    pub migration: String,
    /// The files that were written, the migration's own first; none if it stays as it is.
    pub written: Vec<String>,
    /// Why it stays as it is.
    pub reason: Option<String>,
}

/// Rewrites the migrations that are meant and pending.
pub(super) async fn fix(
    project: &Project,
    settings: &Settings,
    targets: &Targets,
    progress: &mut (dyn Progress + '_),
) -> Result<Vec<Fixed>, Error> {
    datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
        Box::pin(fix_for(&url, project, settings, targets, progress)).await
    })
    .await
}

async fn fix_for(
    url: &DatabaseUrl,
    project: &Project,
    settings: &Settings,
    targets: &Targets,
    progress: &mut (dyn Progress + '_),
) -> Result<Vec<Fixed>, Error> {
    let session = datasource::connect(url, settings).await?;
    let rows = database::history(&session).await?;
    let all: Vec<Migration> = targets.migrations.iter().map(|(it, _)| it.clone()).collect();
    let pending = Migrations::compare(&all, rows.as_deref()).pending;
    let schemas = schema::declared(project).map(|declared| declared.schemas);
    let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
    let shadow = Shadow::of(project, settings, schemas, &session)?;
    let mut known = Known::default();
    let mut fixed = Vec::new();
    for (at, (migration, is_meant)) in targets.migrations.iter().enumerate() {
        let script = Script::parse(&migration.script);
        let context = targets.context(url.schema(), &known, Some(&migration.name));
        let rewritten = if *is_meant { lint::fix(&script, &context) } else { None };
        known.learn(&script, url.schema());
        let Some(rewritten) = rewritten else { continue };
        let stays = |reason: String| Fixed {
            migration: migration.name.clone(),
            written: Vec::new(),
            reason: Some(reason),
        };
        if !pending.contains(&migration.name) {
            fixed.push(stays("it is applied".to_owned()));
            continue;
        }
        let new = rewritten.scripts.iter().enumerate().map(|(number, script)| {
            named(&project.migrations_folder, migration, number, &script.suffix, &script.text)
        });
        let new: Vec<Migration> = new.collect();
        let next = all.get(at + 1).map(|next| &next.name);
        if next.is_some_and(|next| new.iter().any(|new| new.name >= *next)) {
            fixed.push(stays("the next migration's name leaves no room behind it".to_owned()));
            continue;
        }
        // A replay knows scripts by their sums, so that all but the last are replayed once.
        let earlier: Vec<Migration> =
            super::before(&targets.migrations, &migration.name).into_iter().cloned().collect();
        let with = |last: &[Migration]| earlier.iter().chain(last).cloned().collect::<Vec<_>>();
        let desired = shadow.catalog(&with(std::slice::from_ref(migration)), progress).await?;
        let made = shadow.catalog(&with(&new), progress).await?;
        let differences = drift(Pair::new(&desired, &made));
        if !differences.is_empty() {
            let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
            fixed.push(stays(format!(
                "the safe form would not make the same: {}",
                differences.join("; ")
            )));
            continue;
        }
        // The migration itself last: if that is cut off, what is new fails, and nothing is done twice.
        for new in new.iter().rev() {
            files::write_file(&new.path, &new.script)?;
        }
        let written = new.iter().map(|new| project.display(&new.path)).collect();
        fixed.push(Fixed { migration: migration.name.clone(), written, reason: None });
    }
    Ok(fixed)
}

/// One of the migrations that a migration becomes: the first one keeps its name.
fn named(folder: &Path, old: &Migration, number: usize, suffix: &str, script: &str) -> Migration {
    if number == 0 {
        let checksum = project::checksum(script.as_bytes());
        return Migration { script: script.to_owned(), checksum, ..old.clone() };
    }
    // In the order of names they are to come one after the other.
    let name = format!("{}_{:02}_{suffix}", old.name, number + 1);
    Migration {
        path: folder.join(&name).join("migration.sql"),
        name,
        script: script.to_owned(),
        checksum: project::checksum(script.as_bytes()),
        supersedes: Vec::new(),
    }
}
