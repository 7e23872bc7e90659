//! Whether database, migrations and schema agree: three questions, kept apart.
//!
//! 1. *Folder against history table*: is each migration of the folder applied, and was each applied
//!    one left as it was?
//! 2. *History against database*: is the database what the applied migrations make it? If not, it has
//!    drifted.
//! 3. *Schema against history*: do all migrations together make what the schema says?

mod migrations;
mod next;

use catalog::{Catalog, Pair};
use planner::Plan;
use project::DatabaseUrl;
use serde::Serialize;

pub use migrations::{Edited, Failed, Migrations};
pub use next::Step;

use crate::drift::{Circumstances, Drift, Meant};
use crate::schema::Declared;
use crate::shadow::{Histories, Shadow};
use crate::{Error, Progress, Project, Settings, datasource, schema};

/// What `status` found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// The database that was asked.
    pub datasource: datasource::Described,
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// How many migrations it holds.
    pub migrations_found: usize,
    /// Question 1: the folder against the history table.
    pub migrations: Migrations,
    /// Question 2: the history against the database.
    pub drift: Drift,
    /// Question 3: the schema against the history.
    pub schema: SchemaState,
    /// What to do about it, in order.
    pub next: Vec<Step>,
}

impl Status {
    /// Whether every migration is applied as it is in the folder, and the database has not drifted:
    /// what `migrate status` answers by its exit code. The schema does not count, as with Prisma.
    pub fn is_database_in_sync(&self) -> bool {
        self.migrations.is_in_sync() && matches!(self.drift, Drift::None { .. })
    }

    /// Whether all three agree: what `status` answers by its exit code.
    pub fn is_in_sync(&self) -> bool {
        self.is_database_in_sync() && matches!(self.schema, SchemaState::InSync)
    }
}

/// The answer to question 3.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SchemaState {
    /// The migrations make what the schema says.
    InSync,
    /// The schema says something that no migration makes.
    Ahead {
        /// The changes that a migration would have to make: the lines of `migrate diff`'s summary.
        changes: Vec<String>,
    },
    /// It could not be found out.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// Finds out whether database, migrations and schema agree. Changes nothing on the database.
///
/// # Errors
/// When the project cannot be read or the database not be reached. A migration that cannot be
/// replayed is not an error here: the questions that need it are answered [`Drift::Unknown`].
pub async fn status(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Status, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        status_of(url, project, settings, progress).await
    })
    .await
}

async fn status_of(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Status, Error> {
    let declared = schema::declared(project);
    let schemas = match &declared {
        Ok(declared) => declared.schemas.clone(),
        Err(_) => vec![url.schema().to_owned()],
    };
    let folder = project::read_migrations(&project.migrations_folder)?;
    let datasource = datasource::describe(project, &url);
    progress.datasource(&datasource);
    progress.busy("reading the database");
    let session = datasource::connect(&url, settings).await?;
    let migrations_folder = project.display(&project.migrations_folder);
    progress.migrations_found(folder.migrations.len(), &migrations_folder);
    let rows = database::history(&session).await?;
    let actual = datasource::known_catalog(&session, &schemas, settings).await?;

    let meant = Meant::read(settings, &session).await?;
    let mut migrations = Migrations::compare(&folder.migrations, rows.as_deref());
    migrations.needs_baseline = rows.is_none() && actual.tables.iter().next().is_some();
    // Without a history the question is whether the database already holds what all migrations make.
    let applied = if migrations.needs_baseline {
        folder.migrations.clone()
    } else {
        migrations.applied_in(&folder.migrations)
    };
    let shadow = Shadow::of(project, settings, schemas, &session)?;
    let histories = Histories { applied: &applied, all: &folder.migrations };
    let (drift, schema) = match shadow.catalogs(histories, progress).await {
        Ok(history) => {
            let circumstances = Circumstances {
                declared: declared.as_ref().ok().map(|declared| &declared.catalog),
                all: history.all.as_ref().ok(),
                migrations: &migrations,
                folder: &folder.migrations,
            };
            let catalogs = Pair::new(&actual, &history.applied);
            let drift = Drift::find(catalogs, &meant, &circumstances);
            (drift, schema_state(history.all, declared))
        }
        Err(error) => (
            Drift::Unknown { reason: error.to_string() },
            SchemaState::Unknown { reason: "the migrations could not be replayed".to_owned() },
        ),
    };
    let mut status = Status {
        datasource,
        migrations_folder,
        migrations_found: folder.migrations.len(),
        migrations,
        drift,
        schema,
        next: Vec::new(),
    };
    status.next = next::steps(&status, &project.display(&project.schema_path));
    Ok(status)
}

/// Compares what the schema declares with what all migrations make.
pub(crate) fn schema_state(
    history: Result<Catalog, Error>,
    declared: Result<Declared, Error>,
) -> SchemaState {
    let (history, declared) = match (history, declared) {
        (Ok(history), Ok(declared)) => (history, declared),
        (Err(error), _) | (_, Err(error)) => {
            return SchemaState::Unknown { reason: error.to_string() };
        }
    };
    let catalogs = Pair::new(&history, &declared.catalog);
    let plan = Plan::of(catalogs, declared.language, declared.names);
    if plan.is_empty() {
        return SchemaState::InSync;
    }
    let summary = planner::summary(&plan);
    let lines = summary.lines().filter(|line| !line.is_empty());
    SchemaState::Ahead { changes: lines.map(str::to_owned).collect() }
}
