//! Whether database, migrations and schema agree: three questions, kept apart.
//!
//! 1. *Folder against history table*: is each migration of the folder applied, and was each applied
//!    one left as it was?
//! 2. *History against database*: is the database what the applied migrations make it? If not, it has
//!    drifted.
//! 3. *Schema against history*: do all migrations together make what the schema says?

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Catalog, Difference, Pair};
use planner::Plan;
use project::{DatabaseUrl, Migration};
use serde::Serialize;

use crate::cause::{Cause, causes};
use crate::schema::Declared;
use crate::shadow::{Histories, Shadow};
use crate::{Error, Progress, Project, Settings, datasource, schema};

/// What `status` found.
#[derive(Debug, Clone, Serialize)]
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
    /// what `migrate status` answers by its exit code. A wrong schema is no answer, as with Prisma.
    pub fn is_database_in_sync(&self) -> bool {
        self.migrations.is_in_sync()
            && matches!(self.drift, Drift::None)
            && !matches!(self.schema, SchemaState::Unknown { .. })
    }

    /// Whether there is no history table though the database is not empty, so that a deploy would be
    /// refused (P3005) until it is said which migrations it already holds.
    pub fn needs_baseline(&self) -> bool {
        !self.migrations.has_history_table && matches!(self.drift, Drift::Found { .. })
    }

    /// Whether all three agree: what `status` answers by its exit code.
    pub fn is_in_sync(&self) -> bool {
        self.is_database_in_sync() && matches!(self.schema, SchemaState::InSync)
    }
}

/// The answer to question 1. Every list holds names of migrations in the order of the folder, or
/// of the history table where the folder does not have them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Migrations {
    /// Whether the database has a history table.
    pub has_history_table: bool,
    /// Applied.
    pub applied: Vec<String>,
    /// In the folder, not applied.
    pub pending: Vec<String>,
    /// Begun and not finished.
    pub failed: Vec<Failed>,
    /// Applied, and the file has changed since.
    pub edited: Vec<Edited>,
    /// Applied, and not in the folder.
    pub missing: Vec<String>,
    /// Pending, though later ones are applied.
    pub out_of_order: Vec<String>,
}

impl Migrations {
    /// Whether the folder and the history table agree.
    pub fn is_in_sync(&self) -> bool {
        let Self {
            has_history_table: _,
            applied: _,
            pending,
            failed,
            edited,
            missing,
            out_of_order: _,
        } = self;
        pending.is_empty() && failed.is_empty() && edited.is_empty() && missing.is_empty()
    }
}

/// A migration that was begun and not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// When it was begun, as the server prints it.
    pub started_at: String,
    /// The error that was recorded; empty when it was cut off before it could be.
    pub log: String,
}

/// A migration whose file changed after it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edited {
    /// Its name.
    pub name: String,
    /// SHA-256 of the file that was applied, in hex.
    pub applied_checksum: String,
    /// SHA-256 of the file as it is.
    pub checksum: String,
}

/// The answer to question 2.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Drift {
    /// The database is what the applied migrations make it.
    None,
    /// It is not.
    Found {
        /// Every object that differs.
        objects: Vec<Drifted>,
    },
    /// It could not be found out.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// An object that is not as the migrations make it.
#[derive(Debug, Clone, Serialize)]
pub struct Drifted {
    /// What differs: expected is what the migrations make, actual what the database has.
    #[serde(flatten)]
    pub difference: Difference,
    /// How that may have come about.
    pub cause: Cause,
}

/// The answer to question 3.
#[derive(Debug, Clone, Serialize)]
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

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What for.
    pub why: String,
    /// The command.
    pub command: String,
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
    progress.busy("reading the database");
    let session = datasource::connect(&url, settings).await?;
    let rows = database::history(&session).await?;
    let actual = datasource::catalog(&session, &schemas).await?;

    let migrations = compare_folder(&folder.migrations, rows.as_deref());
    let names: BTreeSet<&String> = migrations.applied.iter().collect();
    let applied: Vec<Migration> = folder
        .migrations
        .iter()
        .filter(|migration| names.contains(&migration.name))
        .cloned()
        .collect();
    let major = Some(session.server().major_version());
    let shadow = Shadow::of(project, settings, schemas, major)?;
    let histories = Histories { applied: &applied, all: &folder.migrations };
    let (drift, schema) = match shadow.catalogs(histories, progress).await {
        Ok(history) => {
            let catalog = declared.as_ref().ok().map(|declared| &declared.catalog);
            let drift = drift(&history.applied, &actual, catalog, &migrations);
            (drift, schema_state(&history.all, declared))
        }
        Err(error) => (
            Drift::Unknown { reason: error.to_string() },
            SchemaState::Unknown { reason: "the migrations could not be replayed".to_owned() },
        ),
    };
    let mut status = Status {
        datasource: datasource::describe(project, &url),
        migrations_folder: project.display(&project.migrations_folder),
        migrations_found: folder.migrations.len(),
        migrations,
        drift,
        schema,
        next: Vec::new(),
    };
    status.next = next(&status, &project.display(&project.schema_path));
    Ok(status)
}

/// Compares the migrations of the folder with the rows of the history table.
fn compare_folder(folder: &[Migration], rows: Option<&[database::HistoryRow]>) -> Migrations {
    let mut found = Migrations { has_history_table: rows.is_some(), ..Migrations::default() };
    let rows: Vec<_> =
        rows.unwrap_or_default().iter().filter(|row| row.rolled_back_at.is_none()).collect();
    let by_name: BTreeMap<&str, _> =
        rows.iter().map(|row| (row.migration_name.as_str(), *row)).collect();
    for migration in folder {
        match by_name.get(migration.name.as_str()) {
            None => found.pending.push(migration.name.clone()),
            Some(row) if row.finished_at.is_none() => {}
            Some(row) => {
                found.applied.push(migration.name.clone());
                if row.checksum != migration.checksum {
                    found.edited.push(Edited {
                        name: migration.name.clone(),
                        applied_checksum: row.checksum.clone(),
                        checksum: migration.checksum.clone(),
                    });
                }
            }
        }
    }
    let last_applied = found.applied.last().cloned();
    found.out_of_order = found
        .pending
        .iter()
        .filter(|name| last_applied.as_ref().is_some_and(|last| *name < last))
        .cloned()
        .collect();
    let names: BTreeSet<&str> = folder.iter().map(|migration| migration.name.as_str()).collect();
    for row in rows {
        if row.finished_at.is_none() {
            found.failed.push(Failed {
                name: row.migration_name.clone(),
                started_at: row.started_at.clone(),
                log: row.logs.clone().unwrap_or_default(),
            });
        } else if !names.contains(row.migration_name.as_str()) {
            found.missing.push(row.migration_name.clone());
        }
    }
    found
}

fn drift(
    history: &Catalog,
    actual: &Catalog,
    declared: Option<&Catalog>,
    migrations: &Migrations,
) -> Drift {
    let differences = catalog::drift(Pair::new(actual, history));
    if differences.is_empty() {
        return Drift::None;
    }
    let causes = causes(&differences, declared, migrations);
    let objects = differences
        .into_iter()
        .zip(causes)
        .map(|(difference, cause)| Drifted { difference, cause })
        .collect();
    Drift::Found { objects }
}

fn schema_state(history: &Catalog, declared: Result<Declared, Error>) -> SchemaState {
    match declared {
        Ok(declared) => {
            let catalogs = Pair::new(history, &declared.catalog);
            let plan = Plan::of(catalogs, declared.language, declared.names);
            if plan.is_empty() {
                return SchemaState::InSync;
            }
            let summary = planner::summary(&plan);
            let lines = summary.lines().filter(|line| !line.is_empty());
            SchemaState::Ahead { changes: lines.map(str::to_owned).collect() }
        }
        Err(error) => SchemaState::Unknown { reason: error.to_string() },
    }
}

/// Says what to do, most urgent first. Only commands that exist are named.
fn next(status: &Status, schema_path: &str) -> Vec<Step> {
    let Status { migrations, drift, schema, migrations_folder, .. } = status;
    let step = |why: &str, command: String| Step { why: why.to_owned(), command };
    let mut steps = Vec::new();
    for failed in &migrations.failed {
        steps.push(step(
            "the failed migration was rolled back by hand",
            format!("prisma migrate resolve --rolled-back \"{}\"", failed.name),
        ));
        steps.push(step(
            "its changes were completed by hand",
            format!("prisma migrate resolve --applied \"{}\"", failed.name),
        ));
    }
    for edited in &migrations.edited {
        steps.push(step(
            "get back the file that was applied",
            format!("git log --oneline -- \"{migrations_folder}/{}/migration.sql\"", edited.name),
        ));
    }
    for missing in &migrations.missing {
        steps.push(step(
            "get back the migration that is missing",
            format!("git log --all --oneline -- \"{migrations_folder}/{missing}\""),
        ));
    }
    if let Drift::Found { .. } = drift {
        steps.push(step(
            "see the SQL that brings the database back, as far as the schema language can say it",
            format!(
                "undrift migrate diff --from-config-datasource --to-migrations \
                 {migrations_folder} --script"
            ),
        ));
        steps.push(step(
            "see the SQL of a migration that adopts the drift, as far as the schema language can say it",
            format!(
                "undrift migrate diff --from-migrations {migrations_folder} \
                 --to-config-datasource --script"
            ),
        ));
    }
    if status.needs_baseline() {
        for name in &migrations.pending {
            steps.push(step(
                "the database already holds what this migration makes",
                format!("prisma migrate resolve --applied \"{name}\""),
            ));
        }
    } else if !migrations.pending.is_empty() && migrations.failed.is_empty() {
        steps.push(step("apply the pending migrations", "undrift migrate deploy".to_owned()));
    }
    if let SchemaState::Ahead { .. } = schema {
        steps.push(step(
            "see the SQL of the migration that the schema needs",
            format!(
                "undrift migrate diff --from-migrations {migrations_folder} --to-schema \
                 {schema_path} --script"
            ),
        ));
    }
    steps
}
