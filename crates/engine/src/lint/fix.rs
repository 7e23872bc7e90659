//! Pending migrations rewritten into their safe form, by proof: on a shadow database the rewritten ones
//! must make exactly what the old one made.

use std::path::Path;

use catalog::{Pair, drift};
use lint::{Context, Known};
use project::{DatabaseUrl, Migration, Project};
use script::Script;
use serde::Serialize;

use super::target::Targets;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress, Settings, datasource, files, schema};

/// What became of a migration that was to be rewritten.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
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
        known.learn(&script, url.schema());
        if !is_meant {
            continue;
        }
        let is_pending = pending.contains(&migration.name);
        if !is_pending && lint::fix(&script, &context).is_some() {
            fixed.push(Fixed::stays(migration, "it is applied".to_owned()));
        }
        if !is_pending {
            continue;
        }
        // A replay knows scripts by their sums, so that all but the last are replayed once.
        let earlier: Vec<Migration> =
            super::before(&targets.migrations, &migration.name).into_iter().cloned().collect();
        let safe = SafeForm {
            shadow: &shadow,
            folder: &project.migrations_folder,
            earlier: &earlier,
            next: all.get(at + 1).map(|next| next.name.as_str()),
        };
        match safe.of(migration, &context, progress).await? {
            Safe::Already => {}
            Safe::Stays(reason) => fixed.push(Fixed::stays(migration, reason)),
            Safe::Rewritten(new) => {
                write(&new)?;
                let written = new.iter().map(|new| project.display(&new.path)).collect();
                fixed.push(Fixed { migration: migration.name.clone(), written, reason: None });
            }
        }
    }
    Ok(fixed)
}

impl Fixed {
    fn stays(migration: &Migration, reason: String) -> Self {
        Self { migration: migration.name.clone(), written: Vec::new(), reason: Some(reason) }
    }
}

/// What becomes of a migration that is to be in its safe form.
pub(crate) enum Safe {
    /// It is, or there is no such form.
    Already,
    /// It stays as it is, for this reason.
    Stays(String),
    /// These migrations make the same; the first one takes its place.
    Rewritten(Vec<Migration>),
}

/// What the safe form of a migration is proven with.
pub(crate) struct SafeForm<'a> {
    /// Where it is replayed.
    pub(crate) shadow: &'a Shadow<'a>,
    /// The folder of migrations.
    pub(crate) folder: &'a Path,
    /// The migrations before it.
    pub(crate) earlier: &'a [Migration],
    /// The name of the one behind it.
    pub(crate) next: Option<&'a str>,
}

impl SafeForm<'_> {
    /// Rewrites a migration, and proves that what it becomes makes the same.
    ///
    /// # Errors
    /// When the shadow database fails, or refuses a migration.
    pub(crate) async fn of(
        &self,
        migration: &Migration,
        context: &Context<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Safe, Error> {
        let Some(rewritten) = lint::fix(&Script::parse(&migration.script), context) else {
            return Ok(Safe::Already);
        };
        let new = rewritten.scripts.iter().enumerate().map(|(number, script)| {
            named(self.folder, migration, number, &script.suffix, &script.text)
        });
        let new: Vec<Migration> = new.collect();
        if self.next.is_some_and(|next| new.iter().any(|new| new.name.as_str() >= next)) {
            let reason = "the next migration's name leaves no room behind it";
            return Ok(Safe::Stays(reason.to_owned()));
        }
        let differences = self.differences(migration, &new, progress).await?;
        if differences.is_empty() {
            return Ok(Safe::Rewritten(new));
        }
        let reason = format!("the safe form would not make the same: {}", differences.join("; "));
        Ok(Safe::Stays(reason))
    }

    /// Says in what some migrations make something other than one; nothing if they make the same.
    ///
    /// # Errors
    /// When the shadow database fails, or refuses a migration.
    pub(crate) async fn differences(
        &self,
        one: &Migration,
        many: &[Migration],
        progress: &mut (dyn Progress + '_),
    ) -> Result<Vec<String>, Error> {
        let with =
            |last: &[Migration]| self.earlier.iter().chain(last).cloned().collect::<Vec<_>>();
        let desired = self.shadow.catalog(&with(std::slice::from_ref(one)), progress).await?;
        let made = self.shadow.catalog(&with(many), progress).await?;
        Ok(drift(Pair::new(&desired, &made)).iter().map(ToString::to_string).collect())
    }
}

/// Writes the migrations that one becomes, itself last: if that is cut off, what is new fails, and nothing
/// is done twice.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(migrations: &[Migration]) -> Result<(), Error> {
    for new in migrations.iter().rev() {
        files::write_file(&new.path, &new.script)?;
    }
    Ok(())
}

/// One of the migrations that a migration becomes: the first one keeps its name.
pub(crate) fn named(
    folder: &Path,
    old: &Migration,
    number: usize,
    suffix: &str,
    script: &str,
) -> Migration {
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
