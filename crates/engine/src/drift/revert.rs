//! Taking a drift back: the database becomes again what the applied migrations make.

use catalog::{Difference, Pair, Selection};
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
}

/// What `drift revert` did.
#[derive(Debug, Clone, Serialize)]
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

async fn revert_on(
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
        session.ensure_writable()?;
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
    project: &'a Project,
    settings: &'a Settings,
    request: RevertRequest,
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
        progress.busy("reading the database");
        let actual = read_fully(&self.session, &self.schemas).await?;
        let meant = Meant::read(self.settings, &self.session).await?;
        let mut shadow =
            Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        shadow.with_dependencies = true;
        let history = shadow.catalog(&applied, progress).await?;
        let (differences, _) = meant.sift(Pair::new(&actual, &history));
        let chosen = select::select(&differences, &self.request.objects)?;
        let selection: Selection = chosen.iter().collect();
        let selection = selection.with_needed(Pair::new(&actual, &history), &differences);
        let desired = actual.with_objects_of(&history, &selection);
        let plan = FullPlan::of(Pair::new(&actual, &desired));
        let losses = carry::losses(&self.session, &plan).await?;
        let is_selected = |it: &&Difference| selection.contains(it.kind, &it.id);
        let reverted: Vec<Difference> = differences.iter().filter(is_selected).cloned().collect();
        let reversion = Reversion {
            datasource: described.clone(),
            left: differences.len() - reverted.len(),
            reverted,
            losses,
            script: planner::full::migration(&plan),
            dry_run: self.request.dry_run,
        };
        if self.request.dry_run || reversion.reverted.is_empty() {
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
        carry::carry_out(&self.session, &plan, &desired, &self.schemas, &self.cancel, record)
            .await?;
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
            let Self { url, settings, session, .. } = self;
            destruction::permit(url, Action::PushWithLoss, LOSING, settings)?;
            destruction::permit_on(session, url, Action::PushWithLoss, LOSING, settings).await?;
            let name = &session.server().database;
            let text =
                format!("Data will be lost. Type the name of the database, {name}, to go on:");
            let flag = format!("--answer data-loss={name}");
            let told = |loss: &String| format!("would be lost: {loss}");
            let losses: Vec<String> = reversion.losses.iter().map(told).collect();
            Question::typed("data-loss", &text, name, &flag).about(&losses)
        };
        match dialogue.answers().answer(&question) {
            None => Ok(Some(question)),
            Some(answer) if question.is_yes(answer) => Ok(None),
            Some(_) => Err(Error::Declined("Nothing was changed.")),
        }
    }
}
