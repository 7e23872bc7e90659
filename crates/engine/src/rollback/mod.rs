//! `rollback`: applied migrations are taken back, the last one first.
//!
//! Each is taken back by its `down.sql`, or by SQL that is worked out from what the migrations make with
//! it and without it. All of them are tried on a shadow database first; then it is looked whether the
//! database is what they begin with, and what data would go. Each is one transaction with its row of the
//! history, committed only if the database is then what the migrations make without it.

mod save;
mod steps;
mod target;

use catalog::create_backup_schema;
use database::{Cancel, HistoryState, Session};
use project::{Action, DatabaseUrl, Migration, Project};
use serde::Serialize;

pub use save::SavedData;
pub(crate) use save::name as copy_name;
pub use steps::DownSource;
pub use target::LostData;

use crate::deploy::Deployer;
use crate::dev::Divergence;
use crate::questions::{Dialogue, Question};
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{
    Described, Error, Progress, Settings, author, carry, datasource, destruction, down, schema,
};
use steps::Step;

/// What it is called where it is refused.
const DOING: &str = "rollback";

/// Which migrations are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// All that were applied after this one.
    To(String),
    /// So many of those that were applied last.
    Steps(usize),
}

/// What `rollback` is asked for.
#[derive(Debug, Clone)]
pub struct RollbackRequest {
    /// Which migrations are taken back.
    pub extent: Extent,
    /// Whether `down.sql` files count.
    pub uses_files: bool,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// What `rollback` did.
#[derive(Debug, Clone, Serialize)]
pub struct Rollback {
    /// The database.
    pub datasource: Described,
    /// The migrations that were taken back, or would be, in that order.
    pub migrations: Vec<RolledBack>,
    /// The data that went, or would.
    pub losses: Vec<LostData>,
    /// The copies that were made of it.
    pub saved: Vec<SavedData>,
    /// What did not come back, each in a line.
    pub not_restored: Vec<String>,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// A migration that was taken back.
#[derive(Debug, Clone, Serialize)]
pub struct RolledBack {
    /// Its name.
    pub name: String,
    /// Whose SQL it was.
    pub source: DownSource,
    /// The SQL.
    pub script: String,
}

/// Takes applied migrations back.
///
/// # Errors
/// When the history is not sound, a migration cannot be taken back, the database has drifted where it
/// matters, a question is not answered, it is forbidden there, or the outcome is not what it should be.
/// What was taken back before that stays so; of the migration it failed at, nothing.
pub async fn rollback(
    project: &Project,
    settings: &Settings,
    request: RollbackRequest,
    dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Rollback, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        Box::pin(rollback_on(url, project, settings, request, dialogue, cancel, progress)).await
    })
    .await
}

async fn rollback_on(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    request: RollbackRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Rollback, Error> {
    let schemas = schema::declared(project).map(|declared| declared.schemas);
    let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
    let described = datasource::describe(project, &url);
    progress.datasource(&described);
    let session = datasource::connect(&url, settings).await?;
    if !request.dry_run {
        session.ensure_writable().await?;
        destruction::permit_anybody(&url, Action::Rollback, DOING, settings)?;
        destruction::permit_on(&session, &url, Action::Rollback, DOING, settings).await?;
    }
    let deployer = Deployer::new(schemas.clone(), settings, cancel.clone());
    let run = Run { project, settings, request, session, schemas, url, cancel };
    loop {
        deployer.lock(&run.session, progress).await?;
        let outcome = Box::pin(run.attempt(&described, &dialogue, progress)).await;
        let unlocked = deployer.unlock(&run.session).await;
        let outcome = outcome?;
        unlocked?;
        match outcome {
            Attempt::Done(rollback) => return Ok(rollback),
            // Nobody else is kept waiting by a person who thinks; what is true is looked at again after.
            Attempt::Asks(question) => {
                progress.asking();
                dialogue.ask(std::slice::from_ref(&question))?;
            }
        }
    }
}

/// What came of an attempt.
enum Attempt {
    /// All is done.
    Done(Rollback),
    /// This has to be answered first.
    Asks(Question),
}

/// One run, connected.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: RollbackRequest,
    session: Session,
    schemas: Vec<String>,
    url: DatabaseUrl,
    cancel: Cancel,
}

impl Run<'_> {
    /// Goes as far as the answers allow, with the lock held.
    async fn attempt(
        &self,
        described: &Described,
        dialogue: &Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Attempt, Error> {
        let folder = project::read_migrations(&self.project.migrations_folder)?.migrations;
        let rows = database::history(&self.session).await?;
        let found = Migrations::compare(&folder, rows.as_deref());
        author::ensure_history(&found)?;
        author::ensure_sound(&found)?;
        let applied = found.applied_in(&folder);
        let order = self.order(&applied, rows.as_deref().unwrap_or_default())?;
        let shadow = Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        let uses_files = self.request.uses_files;
        let steps = steps::work_out(&shadow, &applied, &order, uses_files, progress).await?;

        progress.busy("reading the database");
        let mut actual = database::introspect_fully(&self.session, Some(&self.schemas)).await?;
        actual.without_history_table(&self.session.server().schema);
        Self::ensure_no_drift(&target::drifted(&actual, &steps))?;
        let obstacles = target::obstacles(&self.session, &actual, &steps).await?;
        if !obstacles.is_empty() {
            return Err(Error::Unready(format!(
                "it cannot be taken back while there is this data:\n  {}",
                obstacles.join("\n  ")
            )));
        }
        let losses = target::losses(&self.session, &actual, &steps).await?;
        let mut rollback = Rollback {
            datasource: described.clone(),
            migrations: steps.iter().map(RolledBack::from).collect(),
            losses,
            saved: Vec::new(),
            not_restored: target::not_restored(&steps),
            dry_run: self.request.dry_run,
        };
        if self.request.dry_run || steps.is_empty() {
            return Ok(Attempt::Done(rollback));
        }
        let saves = match self.consent(&rollback, dialogue)? {
            Consent::Given { saves } => saves,
            Consent::Open(question) => {
                for about in &question.about {
                    progress.notice(about);
                }
                return Ok(Attempt::Asks(question));
            }
        };
        if saves {
            rollback.saved = save::copies(&self.session, &rollback.losses).await?;
        }
        for step in &steps {
            progress.busy(&format!("taking {} back", step.migration.name));
            let saved = rollback.saved.iter().filter(|it| it.migration == step.migration.name);
            let copies: String = saved.map(|it| it.script.as_str()).collect();
            if let Err(error) = self.take_back(step, &copies).await {
                tell_what_is_done(&steps, step, progress);
                return Err(refused(step, error));
            }
        }
        Ok(Attempt::Done(rollback))
    }

    /// The migrations to take back, the last applied one first.
    fn order(
        &self,
        applied: &[Migration],
        rows: &[database::HistoryRow],
    ) -> Result<Vec<Migration>, Error> {
        let rows = rows.iter().filter(|row| row.state() == HistoryState::Applied);
        let mut order: Vec<Migration> = Vec::new();
        for row in rows {
            let migration = applied.iter().find(|it| it.name == row.migration_name);
            order.extend(migration.filter(|it| !order.contains(it)).cloned());
        }
        order.reverse();
        let count = match &self.request.extent {
            Extent::Steps(steps) => *steps,
            Extent::To(name) => {
                order.iter().position(|migration| migration.name == *name).ok_or_else(|| {
                    Error::Usage(format!("--to {name}: no migration of that name is applied"))
                })?
            }
        };
        order.truncate(count);
        Ok(order)
    }

    /// Fails where the database is not what the steps begin with.
    fn ensure_no_drift(drifted: &[String]) -> Result<(), Error> {
        if drifted.is_empty() {
            return Ok(());
        }
        let divergence = Divergence {
            edited: Vec::new(),
            missing: Vec::new(),
            drift: Some(drifted.join("\n")),
            needs_baseline: false,
        };
        Err(Error::Diverged(Box::new(divergence)))
    }

    /// Whether the user has agreed, or what has to be asked next.
    fn consent(&self, rollback: &Rollback, dialogue: &Dialogue<'_>) -> Result<Consent, Error> {
        let answers = dialogue.answers();
        let mut about: Vec<String> =
            rollback.losses.iter().map(|lost| format!("goes: {lost}")).collect();
        about
            .extend(rollback.not_restored.iter().map(|line| format!("does not come back: {line}")));
        let mut saves = false;
        if !rollback.losses.is_empty() {
            destruction::permit(&self.url, Action::Rollback, DOING, self.settings)?;
            let text = "Keep a copy of the data that goes, in the schema undrift_backup?";
            let save = Question::confirm("save", text, "--save or --no-save").about(&about);
            match answers.answer(&save) {
                None => return Ok(Consent::Open(save)),
                Some(answer) => saves = save.is_yes(answer),
            }
        }
        let question = if rollback.losses.is_empty() || saves {
            about
                .extend(rollback.migrations.iter().map(|it| format!("is taken back: {}", it.name)));
            Question::confirm("rollback", "Take these migrations back?", "--yes").about(&about)
        } else {
            let name = &self.session.server().database;
            let text =
                format!("Data will be lost. Type the name of the database, {name}, to go on:");
            let flag = format!("--answer data-loss={name}");
            Question::typed("data-loss", &text, name, &flag).about(&about)
        };
        match answers.answer(&question) {
            None => Ok(Consent::Open(question)),
            Some(answer) if question.is_yes(answer) => Ok(Consent::Given { saves }),
            Some(_) => Err(Error::Declined("Nothing was changed.")),
        }
    }

    /// Takes one migration back, with copies of what goes, or leaves everything as it is.
    async fn take_back(&self, step: &Step, copies: &str) -> Result<(), Error> {
        let actual = datasource::catalog(&self.session, &self.schemas).await?;
        let desired = actual.with_objects_of(&step.without, &step.changed());
        let unfit = || Error::Unready(format!("{}: {}", step.migration.name, down::UNFIT));
        let mut scripts = down::transactions(&step.script).ok_or_else(unfit)?;
        if !copies.is_empty() {
            let first = scripts.first().cloned().unwrap_or_default();
            let first = format!("{}{copies}{first}", create_backup_schema());
            if let Some(place) = scripts.first_mut() {
                *place = first;
            }
        }
        let record = async |session: &Session| -> Result<(), Error> {
            Ok(database::mark_undone_in_transaction(session, &step.migration.name).await?)
        };
        let Self { session, schemas, cancel, .. } = self;
        carry::run(session, &scripts, &desired, schemas, cancel, record).await
    }
}

/// What was taken back stays so.
fn tell_what_is_done(steps: &[Step], failed: &Step, progress: &mut dyn Progress) {
    let failed = &failed.migration.name;
    let done = steps.iter().map(|step| &step.migration.name).take_while(|name| *name != failed);
    for name in done {
        progress.notice(&format!("taken back before that, and stays so: {name}"));
    }
}

/// What the server refused on this data says what to do about it.
fn refused(step: &Step, error: Error) -> Error {
    let Error::Database(database::Error::Server { cause, .. }) = &error else { return error };
    let is_whole = down::transactions(&step.script).is_none_or(|scripts| scripts.len() < 2);
    let left = if is_whole { "nothing of it was" } else { "undrift drift shows what of it was" };
    Error::Unready(format!(
        "the migration `{}` could not be taken back, and {left}:\n  {cause}\nChange the data that is in \
         the way, or write into its down.sql what becomes of it.",
        step.migration.name
    ))
}

/// Whether the user has agreed.
enum Consent {
    /// To everything; `saves` says whether copies are made.
    Given {
        /// Whether copies are made.
        saves: bool,
    },
    /// This has to be answered first.
    Open(Question),
}

impl From<&Step> for RolledBack {
    fn from(step: &Step) -> Self {
        let Step { migration, source, script, .. } = step;
        Self { name: migration.name.clone(), source: *source, script: script.clone() }
    }
}
