//! Keeping a drift: the migration that makes it.

use std::time::SystemTime;

use catalog::{Catalog, Difference, Pair, Selection};
use database::{Cancel, Session};
use planner::Plan;
use project::{DatabaseUrl, NewMigration, Project};
use serde::Serialize;

use super::explain::read_fully;
use super::recognise::marked;
use super::{Meant, select};
use crate::author::{self, Author};
use crate::deploy::Deployer;
use crate::progress::Within;
use crate::schema::Declared;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Described, Error, Progress, PullRequest, Settings, datasource, pull, schema};

/// What is to be adopted.
#[derive(Debug, Clone)]
pub struct AdoptRequest {
    /// The new migration's name, as typed.
    pub name: String,
    /// The time that goes into it.
    pub now: SystemTime,
    /// The objects, as the user names them; all that have drifted if there is none.
    pub objects: Vec<String>,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// What `drift adopt` did.
#[derive(Debug, Clone, Serialize)]
pub struct Adoption {
    /// The database.
    pub datasource: Described,
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// The objects that the migrations make now as the database has them; with those that were asked
    /// for, those that these need.
    pub adopted: Vec<Difference>,
    /// How many objects still differ.
    pub left: usize,
    /// The migration that was written, or would be; none if there was nothing to adopt.
    pub created: Option<String>,
    /// Its SQL.
    pub script: Option<String>,
    /// What became of the schema.
    pub schema: SchemaAfter,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// What an adoption means for the schema files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SchemaAfter {
    /// They say what the migrations make.
    InSync,
    /// They have been brought up to it, by a pull.
    Updated {
        /// The files that were written.
        files: Vec<String>,
    },
    /// They say something else; why they were left alone.
    Left {
        /// Why.
        reason: String,
    },
}

/// Writes the migration that makes what has drifted, proves it, and marks it as applied.
///
/// # Errors
/// When the history is not sound or has pending migrations, an object has not drifted, the migration
/// cannot be proven ([`Error::Unproven`]), or the database cannot be reached or written. Nothing has
/// been written then.
pub async fn adopt(
    project: &Project,
    settings: &Settings,
    request: AdoptRequest,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Adoption, Error> {
    let mut adoption =
        datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
            let declared = schema::declared(project).ok();
            let schemas = declared
                .as_ref()
                .map_or_else(|| vec![url.schema().to_owned()], |it| it.schemas.clone());
            let described = datasource::describe(project, &url);
            progress.datasource(&described);
            let session = datasource::connect(&url, settings).await?;
            if !request.dry_run {
                session.ensure_writable().await?;
            }
            let deployer = Deployer::new(schemas.clone(), settings, cancel);
            deployer.lock(&session, progress).await?;
            let run = Run { project, settings, request: &request, session, schemas, url, declared };
            let outcome = Box::pin(run.run(described, progress)).await;
            let unlocked = deployer.unlock(&run.session).await;
            let adoption = outcome?;
            unlocked?;
            Ok(adoption)
        })
        .await?;
    let is_written = adoption.created.is_some() && !request.dry_run;
    if is_written && adoption.schema == behind() {
        let request = PullRequest::default();
        adoption.schema = match pull(project, settings, &request, &mut Within(progress)).await {
            Ok(pulled) => {
                pulled.write()?;
                let files = pulled.files.into_iter().map(|file| file.path).collect();
                SchemaAfter::Updated { files }
            }
            Err(error) => SchemaAfter::Left { reason: error.to_string() },
        };
    }
    Ok(adoption)
}

/// The schema said what the migrations made before, so that a pull loses nothing.
fn behind() -> SchemaAfter {
    SchemaAfter::Left { reason: "bring it up to the database: undrift db pull".to_owned() }
}

/// One run, connected and with the lock held.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: &'a AdoptRequest,
    session: Session,
    schemas: Vec<String>,
    url: DatabaseUrl,
    declared: Option<Declared>,
}

impl Run<'_> {
    async fn run(
        &self,
        datasource: Described,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Adoption, Error> {
        let folder = &self.project.migrations_folder;
        let migrations = project::read_migrations(folder)?.migrations;
        let rows = database::history(&self.session).await?;
        let found = Migrations::compare(&migrations, rows.as_deref());
        author::ensure_history(&found)?;
        author::ensure_sound(&found)?;
        author::ensure_complete(&found)?;
        progress.busy("reading the database");
        let actual = read_fully(&self.session, &self.schemas).await?;
        let meant = Meant::read(self.settings, &self.session).await?;
        let mut shadow =
            Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        shadow.with_dependencies = true;
        let history = shadow.catalog(&migrations, progress).await?;
        let (differences, ignored) = meant.sift(Pair::new(&actual, &history));
        let chosen = select::select(&differences, &self.request.objects)?;
        let mut adoption = Adoption {
            datasource,
            migrations_folder: self.project.display(folder),
            adopted: Vec::new(),
            left: differences.len(),
            created: None,
            script: None,
            schema: SchemaAfter::InSync,
            dry_run: self.request.dry_run,
        };
        if chosen.is_empty() {
            return Ok(adoption);
        }
        let selection: Selection = chosen.iter().collect();
        let selection = selection.with_needed(Pair::new(&history, &actual), &differences);
        let desired = history.with_objects_of(&actual, &selection);
        let names = author::names(self.project, &self.url);
        let author = Author { shadow: &shadow, migrations: &migrations, history: &history, names };
        let script = marked(&author.write(&desired, progress).await?);
        let new = NewMigration { name: &self.request.name, now: self.request.now, script: &script };
        let migration = if self.request.dry_run {
            project::new_migration(folder, &new)
        } else {
            let migration = project::write_migration(folder, &new)?;
            database::mark_applied(&self.session, &migration.name, &migration.checksum).await?;
            migration
        };
        let is_selected = |it: &&Difference| selection.contains(it.kind, &it.id);
        adoption.adopted = differences.iter().filter(is_selected).cloned().collect();
        adoption.left -= adoption.adopted.len();
        adoption.created = Some(migration.name);
        adoption.script = Some(script);
        let is_all = adoption.left == 0 && ignored.is_empty();
        adoption.schema = self.schema_after(Pair::new(&history, &desired), is_all);
        Ok(adoption)
    }

    /// What the migrations made and make now, against what the schema says.
    fn schema_after(&self, histories: Pair<&Catalog>, is_all: bool) -> SchemaAfter {
        let Some(declared) = &self.declared else {
            return SchemaAfter::Left { reason: "the schema has errors".to_owned() };
        };
        let is_declared = |catalog: &Catalog| {
            let pair = Pair::new(catalog, &declared.catalog);
            Plan::of(pair, declared.language, declared.names.clone()).is_empty()
        };
        if is_declared(histories.desired) {
            return SchemaAfter::InSync;
        }
        let reason = if !is_declared(histories.actual) {
            "it says more than the migrations made; add to it what was adopted"
        } else if !is_all {
            "the database has more that the migrations do not make; add to it what was adopted"
        } else {
            return behind();
        };
        SchemaAfter::Left { reason: reason.to_owned() }
    }
}
