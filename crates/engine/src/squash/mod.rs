//! `squash`: one migration in place of many, equal to them by proof.
//!
//! It is written as `baseline` writes: in Prisma's words as far as the schema language goes, then
//! everything else; and it must make on a shadow database exactly what those that it supersedes make.
//! They are kept inside its folder, so that every database goes on from where it stands
//! ([`project::unfold`]).

mod rows;

use catalog::{Catalog, Pair, drift};
use database::{Cancel, HistoryState, Session};
use project::{DatabaseUrl, Migration, NewSquash, Project};
use serde::Serialize;

pub use rows::FilledTable;

use crate::author::{self, Author};
use crate::data::{self, DataStatement};
use crate::deploy::Deployer;
use crate::questions::{Dialogue, Question};
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Described, Error, Progress, Settings, datasource, schema};

/// What `squash` is asked for.
#[derive(Debug, Clone)]
pub struct SquashRequest {
    /// The name of the new migration, as typed.
    pub name: String,
    /// The last migration that it supersedes; the last one of the folder if none is named.
    pub to: Option<String>,
    /// Whether statements that change data are carried over.
    pub keeps_data: bool,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// What `squash` did.
#[derive(Debug, Clone, Serialize)]
pub struct Squash {
    /// The database.
    pub datasource: Described,
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// The new migration.
    pub created: String,
    /// Its SQL.
    pub script: String,
    /// The migrations that it supersedes.
    pub supersedes: Vec<String>,
    /// The statements of theirs that may change data.
    pub data_statements: Vec<DataStatement>,
    /// Whether these were carried over.
    pub keeps_data: bool,
    /// The tables that have rows on a new database by the superseded migrations.
    pub filled: Vec<FilledTable>,
    /// Whether the database had all of them, and the new one has been recorded in their place.
    pub recorded: bool,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// Writes one migration in place of the first ones, proves it, and records it where the database has them
/// all.
///
/// # Errors
/// When the history is not sound, there is nothing to squash, the migration cannot be proven, a question
/// is not answered, or a file cannot be written. The folder is as it was then.
pub async fn squash(
    project: &Project,
    settings: &Settings,
    request: SquashRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Squash, Error> {
    datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
        let schemas = schema::declared(project).map(|declared| declared.schemas);
        let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
        let described = datasource::describe(project, &url);
        progress.datasource(&described);
        let session = datasource::connect(&url, settings).await?;
        let deployer = Deployer::new(schemas.clone(), settings, cancel);
        let run = Run { project, settings, request, session, schemas, url };
        let (mut squash, plan) = Box::pin(run.work_out(described, &mut dialogue, progress)).await?;
        if !run.request.dry_run {
            run.session.ensure_writable().await?;
            deployer.lock(&run.session, progress).await?;
            let outcome = run.write(&plan).await;
            let unlocked = deployer.unlock(&run.session).await;
            squash.recorded = outcome?;
            unlocked?;
        }
        Ok(squash)
    })
    .await
}

/// What is to be written.
struct Planned {
    script: String,
    superseded: Vec<Migration>,
    next: Option<Migration>,
}

struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: SquashRequest,
    session: Session,
    schemas: Vec<String>,
    url: DatabaseUrl,
}

impl Run<'_> {
    /// Works the migration out, and proves it.
    async fn work_out(
        &self,
        datasource: Described,
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(Squash, Planned), Error> {
        let folder = &self.project.migrations_folder;
        let migrations = project::read_migrations(folder)?.migrations;
        let rows = database::history(&self.session).await?;
        let found = Migrations::compare(&migrations, rows.as_deref());
        author::ensure_sound(&found)?;
        let count = self.count(&migrations)?;
        let (superseded, rest) = migrations.split_at(count);
        let data_statements: Vec<DataStatement> =
            superseded.iter().flat_map(data::statements).collect();

        let shadow = Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        let shadow = shadow.fully();
        let (desired, filled) = replay(&shadow, superseded, progress).await?;
        if !self.request.keeps_data {
            leave_out(&data_statements, &filled, dialogue, progress)?;
        }
        let history = shadow.catalog(&[], progress).await?;
        let names = author::names(self.project, &self.url);
        let author = Author { shadow: &shadow, migrations: &[], history: &history, names };
        let mut script = author.write(&desired, progress).await?;
        if self.request.keeps_data && !data_statements.is_empty() {
            script = rows::with_statements(&script, &data_statements);
            prove(&shadow, &script, (&desired, &filled), progress).await?;
        }
        let new = NewSquash { name: &self.request.name, script: &script, supersedes: superseded };
        let squash = Squash {
            datasource,
            migrations_folder: self.project.display(folder),
            created: project::squash_name(&new, rest.first()),
            script: script.clone(),
            supersedes: superseded.iter().map(|migration| migration.name.clone()).collect(),
            data_statements,
            keeps_data: self.request.keeps_data,
            filled,
            recorded: false,
            dry_run: self.request.dry_run,
        };
        let (superseded, next) = (superseded.to_vec(), rest.first().cloned());
        Ok((squash, Planned { script, superseded, next }))
    }

    /// How many migrations are superseded.
    fn count(&self, migrations: &[Migration]) -> Result<usize, Error> {
        let count = match &self.request.to {
            None => migrations.len(),
            Some(to) => {
                let at = migrations.iter().position(|migration| migration.name == *to);
                at.map(|at| at + 1).ok_or_else(|| {
                    Error::Usage(format!("--to {to}: there is no migration of that name"))
                })?
            }
        };
        if count < 2 {
            return Err(Error::Usage("there are not two migrations to make one of".to_owned()));
        }
        Ok(count)
    }

    /// Writes the folder, and records the new migration where the database has all that it supersedes;
    /// answers whether it does.
    async fn write(&self, plan: &Planned) -> Result<bool, Error> {
        let Planned { script, superseded, next } = plan;
        let folder = &self.project.migrations_folder;
        // Somebody else may have written since.
        let now = project::read_migrations(folder)?.migrations;
        if now.get(..superseded.len()) != Some(superseded)
            || now.get(superseded.len()) != next.as_ref()
        {
            return Err(Error::Unready("the migrations have changed meanwhile".to_owned()));
        }
        let new = NewSquash { name: &self.request.name, script, supersedes: superseded };
        let written = project::write_squash(folder, &new, next.as_ref())?;
        let rows = database::history(&self.session).await?.unwrap_or_default();
        let is_applied = |migration: &Migration| {
            rows.iter().any(|row| {
                row.migration_name == migration.name && row.state() == HistoryState::Applied
            })
        };
        let has_all = superseded.iter().all(is_applied);
        if has_all {
            database::record_squash(&self.session, &written).await?;
        }
        Ok(has_all)
    }
}

/// What migrations make, and which tables have rows then.
async fn replay(
    shadow: &Shadow<'_>,
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<(Catalog, Vec<FilledTable>), Error> {
    let work = async |session: &Session| {
        database::replay(session, migrations).await?;
        let catalog = shadow.read(session).await?;
        let filled = rows::filled(session, &catalog).await?;
        Ok((catalog, filled))
    };
    shadow.on_empty(progress, work).await
}

/// Proves that a script makes what is desired, the rows in each table counted.
async fn prove(
    shadow: &Shadow<'_>,
    script: &str,
    (desired, filled): (&Catalog, &[FilledTable]),
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    let migration = author::unwritten(script);
    let replayed = replay(shadow, std::slice::from_ref(&migration), progress).await;
    let (made, found) = match replayed {
        Err(Error::Database(database::Error::ReplayFailed(failure))) => {
            return Err(Error::Unready(format!(
                "a statement that changes data does not run on the final tables; leave them out \
                 (--leave-out-data), and write into the new migration what a new database needs:\n  \
                 {failure}"
            )));
        }
        replayed => replayed?,
    };
    let mut differences: Vec<String> =
        drift(Pair::new(&made, desired)).iter().map(ToString::to_string).collect();
    if found != filled {
        let tell = |tables: &[FilledTable]| {
            let tables = tables.iter().map(|it| format!("{} {}", it.table, it.rows));
            tables.collect::<Vec<_>>().join(", ")
        };
        differences.push(format!("rows: expected {}; found {}", tell(filled), tell(&found)));
    }
    if differences.is_empty() { Ok(()) } else { Err(Error::Unproven(differences)) }
}

/// Asks whether statements that change data may be left out.
fn leave_out(
    statements: &[DataStatement],
    filled: &[FilledTable],
    dialogue: &mut Dialogue<'_>,
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    if statements.is_empty() {
        return Ok(());
    }
    let mut about: Vec<String> =
        statements.iter().map(|statement| format!("may change data: {statement}")).collect();
    about.extend(filled.iter().map(|it| {
        format!("on a new database {} has {} rows now, and would have none", it.table, it.rows)
    }));
    let text = "Leave these statements out? Databases that ran them keep what they did.";
    let flag = "--leave-out-data, or --keep-data-statements to carry them over";
    let question = Question::confirm("leave-out-data", text, flag).about(&about);
    if dialogue.answers().answer(&question).is_none() {
        progress.asking();
        for line in &about {
            progress.notice(line);
        }
        dialogue.ask(std::slice::from_ref(&question))?;
    }
    match dialogue.answers().answer(&question) {
        Some(answer) if question.is_yes(answer) => Ok(()),
        Some(_) | None => Err(Error::Declined("Nothing was changed.")),
    }
}
