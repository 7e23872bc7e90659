//! `baseline`: the history is brought to where the database is, without touching the data.
//!
//! For a database that was never under migrations, and for one that has drifted. The migration that is
//! missing is written, in Prisma's words as far as the schema language goes and then for all other
//! objects; it is proven on a shadow database, where the whole history must make exactly what the
//! database is; only then are the file written and the history marked. No data is changed, and on the
//! database itself nothing is run but the rows of the history.

use std::time::SystemTime;

use catalog::{Catalog, Pair, State};
use database::{Cancel, HistoryState, Session};
use project::{DatabaseUrl, Migration, NewMigration, Project};
use serde::Serialize;

use crate::author::{self, Author};
use crate::deploy::Deployer;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress, Settings, datasource, schema};

/// What `baseline` is asked for.
#[derive(Debug, Clone)]
pub struct BaselineRequest {
    /// The new migration's name, as typed.
    pub name: String,
    /// The time that goes into it.
    pub now: SystemTime,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// What `baseline` did.
#[derive(Debug, Clone, Serialize)]
pub struct Baseline {
    /// The database.
    pub datasource: datasource::Described,
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// The migration that was written, or would be; none if the migrations make all there is.
    pub created: Option<String>,
    /// Its SQL.
    pub script: Option<String>,
    /// The migrations that were marked as applied, or would be.
    pub marked: Vec<String>,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// Writes the migration that is missing, proves it, and marks it as applied.
///
/// # Errors
/// When migrations have failed, were edited, are missing or pending, when the migration cannot be
/// written in full ([`Error::Unproven`]), or the database cannot be reached or written. Nothing has
/// been written then.
pub async fn baseline(
    project: &Project,
    settings: &Settings,
    request: BaselineRequest,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Baseline, Error> {
    datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
        let schemas = schema::declared(project).map(|declared| declared.schemas);
        let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
        let described = datasource::describe(project, &url);
        progress.datasource(&described);
        let session = datasource::connect(&url, settings).await?;
        if !request.dry_run {
            session.ensure_writable().await?;
        }
        let deployer = Deployer::new(schemas.clone(), settings, cancel);
        deployer.lock(&session, progress).await?;
        let run = Run { project, settings, request, session, schemas, url };
        let outcome = Box::pin(run.run(described, progress)).await;
        let unlocked = deployer.unlock(&run.session).await;
        let baseline = outcome?;
        unlocked?;
        Ok(baseline)
    })
    .await
}

/// One run, connected and with the lock held.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: BaselineRequest,
    session: Session,
    schemas: Vec<String>,
    url: DatabaseUrl,
}

impl Run<'_> {
    async fn run(
        &self,
        datasource: datasource::Described,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Baseline, Error> {
        let folder = &self.project.migrations_folder;
        let migrations = project::read_migrations(folder)?.migrations;
        let rows = database::history(&self.session).await?;
        let found = Migrations::compare(&migrations, rows.as_deref());
        author::ensure_sound(&found)?;
        author::ensure_complete(&found)?;
        progress.busy("reading the database");
        let mut actual = database::introspect_fully(&self.session, Some(&self.schemas)).await?;
        actual.without_history_table(&self.session.server().schema);

        let mut shadow =
            Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        shadow.with_dependencies = true;
        let script = self.script(&shadow, &migrations, &actual, rows.is_some(), progress).await?;

        let is_recorded = |name: &str| {
            rows.iter()
                .flatten()
                .any(|row| row.migration_name == name && row.state() == HistoryState::Applied)
        };
        let unrecorded = migrations.iter().filter(|migration| !is_recorded(&migration.name));
        let mut to_mark: Vec<Migration> = unrecorded.cloned().collect();
        let mut created = None;
        if let Some(script) = &script {
            let new = NewMigration { name: &self.request.name, now: self.request.now, script };
            let migration = if self.request.dry_run {
                project::new_migration(folder, &new)
            } else {
                project::write_migration(folder, &new)?
            };
            created = Some(migration.name.clone());
            to_mark.push(migration);
        }
        if !self.request.dry_run {
            if rows.is_none() {
                database::create_history(&self.session).await?;
            }
            for migration in &to_mark {
                database::mark_applied(&self.session, &migration.name, &migration.checksum).await?;
            }
        }
        Ok(Baseline {
            datasource,
            migrations_folder: self.project.display(folder),
            created,
            script,
            marked: to_mark.into_iter().map(|migration| migration.name).collect(),
            dry_run: self.request.dry_run,
        })
    }

    /// Returns the SQL that is missing in the migrations, proven; none if they make all there is.
    async fn script(
        &self,
        shadow: &Shadow<'_>,
        migrations: &[Migration],
        actual: &Catalog,
        has_history: bool,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Option<String>, Error> {
        let history = shadow.catalog(migrations, progress).await?;
        let differences = catalog::drift(Pair::new(actual, &history));
        if differences.is_empty() {
            return Ok(None);
        }
        // Without a history nobody knows whether what is not there was dropped, or is still to come.
        let missing = differences.iter().find(|difference| difference.state == State::Missing);
        if let Some(missing) = missing.filter(|_| !has_history) {
            return Err(Error::Unready(format!(
                "the database does not hold what the migrations make: {} {} is missing. Say which \
                 migrations it holds, then deploy the others: undrift migrate resolve --applied NAME",
                missing.kind.title(),
                missing.id
            )));
        }
        let names = author::names(self.project, &self.url);
        let author = Author { shadow, migrations, history: &history, names };
        Ok(Some(author.write(actual, progress).await?))
    }
}
