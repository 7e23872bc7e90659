//! `migrate dev`: from a changed schema to a migration that is written and applied.
//!
//! In this order: the history is looked at, and whatever is wrong with it ends the command before
//! anything has changed; pending migrations are applied; the schema is compared with what all
//! migrations make; what has got another name is found out; what the change would lose is counted; the migration is written, and applied. The
//! migration lock is held throughout, so that of many runs at once each sees what the one before did.

mod diagnosis;
mod online;
mod split;

use std::collections::BTreeSet;
use std::time::SystemTime;

use catalog::{Catalog, Pair};
use database::{Applied, Cancel, Session};
use planner::Plan;
use project::{Action, DatabaseUrl, Migration, NewMigration, Project};
use serde::Serialize;

pub use diagnosis::Divergence;
pub use split::Splitting;
use split::{Change, Cut};

use crate::deploy::Deployer;
use crate::drift::{Meant, recognise};
use crate::questions::{Dialogue, Question};
use crate::rename::{self, Decision, Reach, Renamed};
use crate::schema::Declared;
use crate::shadow::{Histories, Shadow};
use crate::{Error, Progress, Retry, Settings, datasource, destruction, down, loss, schema};

/// What it is called where it is refused.
const LOSING: &str = "migrate dev with loss of data";

/// What `migrate dev` is asked for.
#[derive(Debug, Clone)]
pub struct DevRequest {
    /// The new migration's name, as typed.
    pub name: Option<String>,
    /// Whether the migration is written and not applied.
    pub create_only: bool,
    /// Whether `down.sql` is written beside it.
    pub with_down: bool,
    /// What gets another name: `Model.old:new`, `Old:New`.
    pub renames: Vec<String>,
    /// Whether it is written in the form that lets a database in use go on.
    pub online: bool,
    /// How it is cut into migrations that add, fill and restrict, if it is; then it is not applied.
    pub splitting: Option<Splitting>,
    /// The time that goes into the new migration's name.
    pub now: SystemTime,
}

/// What `migrate dev` did.
#[derive(Debug, Clone, Serialize)]
pub struct Development {
    /// The database.
    pub datasource: datasource::Described,
    /// Whether the database was made for it.
    pub created_database: bool,
    /// The migrations that were pending, and have been applied first.
    pub applied: Vec<Applied>,
    /// What keeps its data under another name.
    pub renamed: Vec<Renamed>,
    /// What the new migration loses, or may fail at.
    pub warnings: Vec<String>,
    /// The new migration, if the schema needed one.
    pub created: Option<Created>,
}

/// A migration that was written.
#[derive(Debug, Clone, Serialize)]
pub struct Created {
    /// The name of its folder.
    pub name: String,
    /// The names of those that come with it, where its safe form takes more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub followed_by: Vec<String>,
    /// The folder that it is in, as the user would write it.
    pub migrations_folder: String,
    /// Its SQL.
    pub script: String,
    /// Whether it has been applied.
    pub is_applied: bool,
    /// Whether a `down.sql` was written beside it.
    pub has_down: bool,
}

/// Applies pending migrations, and writes and applies the migration that the schema needs.
///
/// # Errors
/// When the schema is wrong, the database cannot be reached, the history is not what the folder says
/// or the database not what the history makes it ([`Error::Diverged`]), a question is not answered,
/// data stands in the way, or a migration fails.
pub async fn dev(
    project: &Project,
    settings: &Settings,
    request: DevRequest,
    dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Development, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        Box::pin(dev_on(url, project, settings, request, dialogue, cancel, progress)).await
    })
    .await
}

async fn dev_on(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    request: DevRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Development, Error> {
    let declared = schema::declared(project)?;
    // Read before anything is asked of the server, so that a broken folder is told at once.
    project::read_migrations(&project.migrations_folder)?;
    let described = datasource::describe(project, &url);
    progress.datasource(&described);
    let deployer = Deployer::for_database(&url, declared.schemas.clone(), settings, cancel)?;
    let (session, created_database) = deployer.connect(&url, settings).await?;
    if created_database {
        progress.database_created(&described);
    }
    let mut run = Run {
        project,
        settings,
        request,
        declared,
        session,
        deployer,
        url,
        applied: Vec::new(),
        told: Vec::new(),
        noted: BTreeSet::new(),
        renamed: Vec::new(),
    };
    loop {
        run.deployer.lock(&run.session, progress).await?;
        let outcome = Box::pin(run.attempt(&dialogue, progress)).await;
        let unlocked = run.deployer.unlock(&run.session).await;
        let outcome = outcome?;
        unlocked?;
        match outcome {
            Attempt::Done(created) => {
                let Run { applied, told, renamed, .. } = run;
                let (datasource, warnings) = (described, told);
                return Ok(Development {
                    datasource,
                    created_database,
                    applied,
                    renamed,
                    warnings,
                    created,
                });
            }
            // Nobody else is kept waiting by a person who thinks; what is true is looked at again after.
            Attempt::Asks(questions) => {
                progress.asking();
                dialogue.ask(&questions)?;
            }
        }
    }
}

/// What came of an attempt.
enum Attempt {
    /// All is done; the migration that was written, if one was needed.
    Done(Option<Created>),
    /// These have to be answered first.
    Asks(Vec<Question>),
}

/// One run, connected.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: DevRequest,
    declared: Declared,
    session: Session,
    deployer: Deployer,
    url: DatabaseUrl,
    /// The pending migrations that have been applied.
    applied: Vec<Applied>,
    /// The warnings that have been told.
    told: Vec<String>,
    /// The possible renames that have been told of instead of asked about.
    noted: BTreeSet<String>,
    /// What gets another name.
    renamed: Vec<Renamed>,
}

impl Run<'_> {
    /// Goes as far as the answers allow, with the lock held.
    async fn attempt(
        &mut self,
        dialogue: &Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Attempt, Error> {
        let folder = &self.project.migrations_folder;
        // Read again: somebody else may have held the lock until now.
        let migrations = project::read_migrations(folder)?.migrations;
        let schemas = self.declared.schemas.clone();
        let shadow = Shadow::of(self.project, self.settings, schemas, &self.session)?;
        let history = self.diagnose(&shadow, &migrations, progress).await?;
        let pending = self.deployer.apply(&self.session, &migrations, progress).await?;
        self.renew_downs(&shadow, &migrations, &pending.applied, progress).await?;
        self.applied.extend(pending.applied);
        let Decision { renames, open, notes, .. } = self.renames(&history, dialogue).await?;
        if !open.is_empty() {
            let name = self.unnamed();
            return Ok(Attempt::Asks(open.into_iter().chain(name).collect()));
        }
        for note in notes {
            if self.noted.insert(note.clone()) {
                progress.notice(&note);
            }
        }
        self.renamed = rename::renamed(&renames, &self.declared.vocabulary);
        let former = history;
        let history = renames.applied_to(&former);
        let catalogs = Pair::new(&history, &self.declared.catalog);
        let plan = Plan::of(catalogs, self.declared.language, self.declared.names.clone());
        let plan = plan.after(&renames);
        let wants_empty = self.request.create_only && self.request.splitting.is_none();
        if plan.is_empty() && !wants_empty {
            return Ok(Attempt::Done(None));
        }
        let filled =
            catalog::filled_by_client(&self.project.schema_files.load().schema, self.url.schema());
        let loss = loss::assess(&self.session, &plan, catalogs, &filled, &renames).await?;
        if !loss.unexecutable.is_empty() && !self.request.create_only {
            return Err(Error::Unexecutable { steps: loss.unexecutable, retry: Retry::Dev });
        }
        if loss.warnings != self.told && !loss.warnings.is_empty() {
            progress.losses(&loss.warnings, Retry::Dev);
        }
        self.told = loss.warnings;
        if !self.told.is_empty() && !self.request.create_only {
            let (url, session, settings) = (&self.url, &self.session, self.settings);
            destruction::permit(url, Action::PushWithLoss, LOSING, settings)?;
            destruction::permit_on(session, url, Action::PushWithLoss, LOSING, settings).await?;
        }
        let warnings = planner::warnings(&plan, catalogs, &filled);
        let mut questions = self.questions();
        let change = Change { plan: &plan, catalogs, history: &former, renames: &renames };
        let mut cut = Cut::default();
        if self.request.splitting.is_some() {
            let context = self.context(&migrations)?;
            cut = Cut::of(change, &warnings, dialogue.answers(), context)?;
            questions.append(&mut cut.questions);
        }
        if questions.iter().any(|question| dialogue.answers().answer(question).is_none()) {
            return Ok(Attempt::Asks(questions));
        }
        let name = self.name(dialogue)?;
        let new = NewMigration {
            name: &name,
            now: self.request.now,
            script: &planner::migration(&plan, &warnings),
        };
        let parts = if self.request.splitting.is_some() {
            cut.notes.iter().for_each(|note| progress.notice(note));
            self.split(&shadow, &migrations, &new, change, &cut, progress).await?
        } else {
            let written = project::write_migration(folder, &new)?;
            self.parts(&shadow, &migrations, written, progress).await?
        };
        let mut names = parts.iter().map(|part| part.name.clone());
        let mut created = Created {
            name: names.next().unwrap_or_default(),
            followed_by: names.collect(),
            migrations_folder: self.project.display(folder),
            script: parts.iter().map(|part| part.script.as_str()).collect::<Vec<_>>().join("\n"),
            is_applied: false,
            has_down: false,
        };
        let mut all = migrations;
        for part in parts {
            if self.request.with_down {
                created.has_down |= down::write(&shadow, &all, &part, progress).await?;
            }
            all.push(part);
        }
        if !self.request.create_only {
            self.deployer.apply(&self.session, &all, progress).await?;
            created.is_applied = true;
        }
        Ok(Attempt::Done(Some(created)))
    }

    /// Returns what gets another name, or what has to be asked about that.
    async fn renames(&self, history: &Catalog, dialogue: &Dialogue<'_>) -> Result<Decision, Error> {
        let catalogs = Pair::new(history, &self.declared.catalog);
        let reach = Reach::Elsewhere { on_build_machine: self.settings.is_on_build_machine() };
        let (session, vocabulary) = (&self.session, &self.declared.vocabulary);
        let flags = &self.request.renames;
        rename::decide(session, catalogs, vocabulary, flags, dialogue.answers(), reach).await
    }

    /// Makes the `down.sql` anew of those migrations that were edited after it was written, which is the
    /// use of `--create-only`, and have now been applied.
    async fn renew_downs(
        &self,
        shadow: &Shadow<'_>,
        migrations: &[Migration],
        applied: &[Applied],
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        for (at, migration) in migrations.iter().enumerate() {
            let is_new = applied.iter().any(|applied| applied.name == migration.name);
            if self.request.with_down && is_new && down::is_outdated(migration)? {
                let before = migrations.get(..at).unwrap_or_default();
                down::write(shadow, before, migration, progress).await?;
            }
        }
        Ok(())
    }

    /// Returns what all migrations make, if the history is sound and the database what it should be.
    async fn diagnose(
        &self,
        shadow: &Shadow<'_>,
        migrations: &[Migration],
        progress: &mut (dyn Progress + '_),
    ) -> Result<Catalog, Error> {
        recognise(&self.session, shadow, migrations, progress).await?;
        let rows = database::history(&self.session).await?;
        let mut found = crate::status::Migrations::compare(migrations, rows.as_deref());
        progress.busy("reading the database");
        let actual = datasource::catalog(&self.session, &self.declared.schemas).await?;
        found.needs_baseline = rows.is_none() && actual.tables.iter().next().is_some();
        let applied = found.applied_in(migrations);
        let histories = Histories { applied: &applied, all: migrations };
        let history = shadow.catalogs(histories, progress).await?;
        let meant = Meant::read(self.settings, &self.session).await?;
        let actual = meant.overlook(Pair::new(&actual, &history.applied));
        let catalogs = Pair::new(&history.applied, &actual);
        if let Some(divergence) = Divergence::find(catalogs, &found, self.declared.language) {
            return Err(Error::Diverged(Box::new(divergence)));
        }
        let unseen = catalog::drift(catalogs).len();
        if unseen > 0 {
            progress.notice(&format!(
                "{unseen} objects that the schema language cannot express are not as the migrations \
                 make them: undrift drift shows them"
            ));
        }
        history.all
    }

    /// What has to be decided before a migration is written.
    fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        // Written and not applied, it loses nothing yet.
        if !self.told.is_empty() && !self.request.create_only {
            questions.push(self.loses());
        }
        questions.extend(self.unnamed());
        questions
    }

    /// The question for a name, where one is needed: on build machines Prisma makes a migration without.
    fn unnamed(&self) -> Option<Question> {
        (self.request.name.is_none() && !self.settings.is_on_build_machine()).then(named)
    }

    fn loses(&self) -> Question {
        let text = "Are you sure you want to create and apply this migration?";
        let flag = "--answer data-loss=yes, or --create-only to look at it first";
        Question::confirm("data-loss", text, flag).about(&self.told)
    }

    /// The new migration's name as typed, if it may be written.
    fn name(&self, dialogue: &Dialogue<'_>) -> Result<String, Error> {
        let (answers, loses) = (dialogue.answers(), self.loses());
        if self.questions().contains(&loses)
            && !answers.answer(&loses).is_some_and(|answer| loses.is_yes(answer))
        {
            return Err(Error::Declined("Migration cancelled."));
        }
        let typed = || answers.answer(&named()).unwrap_or_default().to_owned();
        Ok(self.request.name.clone().unwrap_or_else(typed))
    }
}

fn named() -> Question {
    Question::text("name", "Enter a name for the new migration:", "--name NAME")
}
