//! Taking a drift back: the database becomes again what the applied migrations make.

use catalog::{Catalog, Difference, Pair, Selection};
use database::{Cancel, Session};
use planner::full::FullPlan;
use project::{Action, DatabaseUrl, Project};
use serde::Serialize;

use super::explain::read_fully;
use super::{Meant, select};
use crate::deploy::Deployer;
use crate::questions::{Dialogue, Question};
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Described, Error, Progress, Settings, author, carry, datasource, destruction, schema};

/// What it is called where it is refused.
const LOSING: &str = "drift revert with loss of data";

/// What is to be taken back.
#[derive(Debug, Clone)]
pub struct RevertRequest {
    /// The objects, as the user names them; all that have drifted if there is none.
    pub objects: Vec<String>,
    /// Whether it is only shown.
    pub dry_run: bool,
    /// The statements that it has to take, as a plan has them; any if there is no plan.
    pub planned: Option<Vec<String>>,
}

/// What `drift revert` did.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Reversion {
    /// The database.
    pub datasource: Described,
    /// The objects that are again as the migrations make them; with those that were asked for, those
    /// that had to go with them.
    pub reverted: Vec<Difference>,
    /// How many objects still differ.
    pub left: usize,
    /// The data that was lost, or would be.
    pub losses: Vec<String>,
    /// The SQL that was run, or would be.
    pub script: String,
    /// The same, statement by statement: what a [`RevertRequest`] can be bound to.
    #[serde(skip)]
    pub statements: Vec<String>,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// Brings the database back to what the applied migrations make, in one transaction that is committed
/// only if the outcome is proven.
///
/// # Errors
/// When the history is not sound, an object has not drifted, a question is not answered, data would be
/// lost where that is forbidden, the outcome is not what it should be, or the server refuses a
/// statement. The database is as it was then.
pub async fn revert(
    project: &Project,
    settings: &Settings,
    request: RevertRequest,
    dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Reversion, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        Box::pin(revert_on(url, project, settings, request, dialogue, cancel, progress)).await
    })
    .await
}

/// Brings a database back.
///
/// # Errors
/// Those of [`revert`].
pub(crate) async fn revert_on(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    request: RevertRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Reversion, Error> {
    let schemas = schema::declared(project).map(|declared| declared.schemas);
    let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
    let described = datasource::describe(project, &url);
    progress.datasource(&described);
    let session = datasource::connect(&url, settings).await?;
    if !request.dry_run {
        session.ensure_writable().await?;
    }
    let deployer = Deployer::new(schemas.clone(), settings, cancel.clone());
    let reversal = Reversal { project, settings, session: &session, schemas: &schemas, url: &url };
    let run = Run { reversal, request, cancel };
    loop {
        deployer.lock(&session, progress).await?;
        let outcome = Box::pin(run.attempt(&described, &dialogue, progress)).await;
        let unlocked = deployer.unlock(&session).await;
        let outcome = outcome?;
        unlocked?;
        match outcome {
            Attempt::Done(reversion) => return Ok(reversion),
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
    Done(Reversion),
    /// This has to be answered first.
    Asks(Question),
}

/// One run, connected.
struct Run<'a> {
    reversal: Reversal<'a>,
    request: RevertRequest,
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
        let RevertRequest { objects, dry_run, planned } = &self.request;
        let WorkedOut { plan, desired, reverted, left, losses } =
            self.reversal.work_out(objects, progress).await?;
        let script = planner::full::migration(&plan);
        let datasource = described.clone();
        let statements = statements(&plan);
        let is_other = planned.as_ref().is_some_and(|planned| *planned != statements);
        let dry_run = *dry_run;
        let reversion =
            Reversion { datasource, reverted, left, losses, script, statements, dry_run };
        if is_other {
            let line = "to take the drift back now takes other statements".to_owned();
            return Err(Error::PlanOutdated(vec![line]));
        }
        if dry_run || reversion.reverted.is_empty() {
            return Ok(Attempt::Done(reversion));
        }
        if let Some(question) = self.consent(&reversion, dialogue).await? {
            for about in &question.about {
                progress.notice(about);
            }
            return Ok(Attempt::Asks(question));
        }
        progress.busy("changing the database");
        let record = async |_: &Session| Ok(());
        let Reversal { session, schemas, .. } = self.reversal;
        carry::carry_out(session, &plan, &desired, schemas, &self.cancel, record).await?;
        Ok(Attempt::Done(reversion))
    }

    /// The question that has to be answered first; none if it is answered with yes.
    async fn consent(
        &self,
        reversion: &Reversion,
        dialogue: &Dialogue<'_>,
    ) -> Result<Option<Question>, Error> {
        let question = if reversion.losses.is_empty() {
            let told = |difference: &Difference| format!("would be taken back: {difference}");
            let objects: Vec<String> = reversion.reverted.iter().map(told).collect();
            let text = "Bring these back to what the migrations make?";
            Question::confirm("revert", text, "--yes").about(&objects)
        } else {
            let Reversal { url, settings, session, .. } = self.reversal;
            destruction::permit(url, Action::PushWithLoss, LOSING, settings)?;
            destruction::permit_on(session, url, Action::PushWithLoss, LOSING, settings).await?;
            self.reversal.loses(&reversion.losses)
        };
        match dialogue.answers().answer(&question) {
            None => Ok(Some(question)),
            Some(answer) if question.is_yes(answer) => Ok(None),
            Some(_) => Err(Error::Declined("Nothing was changed.")),
        }
    }
}

/// The statements of a plan as they are shown.
fn statements(plan: &FullPlan) -> Vec<String> {
    let statements = plan.steps().flat_map(|step| &step.statements);
    statements.map(|it| script::without_passwords(&it.sql).into_owned()).collect()
}

/// What a reversal is worked out from.
#[derive(Clone, Copy)]
pub(crate) struct Reversal<'a> {
    pub(crate) project: &'a Project,
    pub(crate) settings: &'a Settings,
    pub(crate) session: &'a Session,
    pub(crate) schemas: &'a [String],
    pub(crate) url: &'a DatabaseUrl,
}

/// What a reversal would do.
pub(crate) struct WorkedOut {
    /// The statements.
    pub(crate) plan: FullPlan,
    /// What the database would be.
    desired: Catalog,
    /// The objects that would be taken back.
    pub(crate) reverted: Vec<Difference>,
    /// How many objects would still differ.
    left: usize,
    /// The data that would be lost.
    pub(crate) losses: Vec<String>,
}

impl Reversal<'_> {
    /// Works out how to take these objects back; all that have drifted if there is none.
    ///
    /// # Errors
    /// When the history is not sound, an object has not drifted, or a server fails.
    pub(crate) async fn work_out(
        &self,
        objects: &[String],
        progress: &mut (dyn Progress + '_),
    ) -> Result<WorkedOut, Error> {
        let folder = project::read_migrations(&self.project.migrations_folder)?.migrations;
        let rows = database::history(self.session).await?;
        let found = Migrations::compare(&folder, rows.as_deref());
        author::ensure_history(&found)?;
        author::ensure_sound(&found)?;
        let applied = found.applied_in(&folder);
        progress.busy("reading the database");
        let actual = read_fully(self.session, self.schemas).await?;
        let meant = Meant::read(self.settings, self.session).await?;
        let mut shadow =
            Shadow::of(self.project, self.settings, self.schemas.to_vec(), self.session)?;
        shadow.with_dependencies = true;
        let history = shadow.catalog(&applied, progress).await?;
        let (differences, _) = meant.sift(Pair::new(&actual, &history));
        let chosen = select::select(&differences, objects)?;
        let selection: Selection = chosen.iter().collect();
        let selection = selection.with_needed(Pair::new(&actual, &history), &differences);
        let desired = actual.with_objects_of(&history, &selection);
        let plan = FullPlan::of(Pair::new(&actual, &desired));
        let losses = carry::losses(self.session, &plan).await?;
        let is_selected = |it: &&Difference| selection.contains(it.kind, &it.id);
        let reverted: Vec<Difference> = differences.iter().filter(is_selected).cloned().collect();
        let left = differences.len() - reverted.len();
        Ok(WorkedOut { plan, desired, reverted, left, losses })
    }

    /// Asks whether data may be lost.
    pub(crate) fn loses(&self, losses: &[String]) -> Question {
        let name = &self.session.server().database;
        let text = format!("Data will be lost. Type the name of the database, {name}, to go on:");
        let flag = format!("--answer data-loss={name}");
        let told = |loss: &String| format!("would be lost: {loss}");
        let losses: Vec<String> = losses.iter().map(told).collect();
        Question::typed("data-loss", &text, name, &flag).about(&losses)
    }
}
