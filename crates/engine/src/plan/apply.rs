//! Carrying out a plan from a file, if what it was made of is still so.

use std::collections::BTreeMap;

use catalog::Catalog;
use database::{Cancel, Session};
use project::{DatabaseUrl, Project};
use serde::Serialize;

use super::target::Own;
use super::{
    Files, Place, PlanFile, PlanOf, Target, deploy, drift as drift_plan, schema as schema_plan,
};
use crate::push::{PushRequest, Pushing};
use crate::questions::{Dialogue, Nobody};
use crate::stake::{Fate, Stake};
use crate::{
    Answers, Deployment, Error, Progress, Push, Reversion, RevertRequest, Settings, backup,
    datasource, destruction, drift, preflight, push, schema,
};

/// What it is called where it is refused.
const LOSING: &str = "a plan with loss of data";

/// What applying a plan did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum AppliedPlan {
    /// Migrations were applied.
    Deploy(Box<Deployment>),
    /// The database was made what the schema says.
    Schema(Box<Push>),
    /// Drift was taken back.
    Drift(Box<Reversion>),
    /// Nothing: all of it was done before.
    Nothing,
}

/// Carries a plan out, and asks nothing: what there is to be answered, the plan answers. One that was
/// interrupted goes on where it stopped.
///
/// # Errors
/// When the database or the files are not what the plan was made of, more data would go than it says,
/// data makes it fail, a question of it is not answered with yes, the environment forbids that, or the
/// server refuses a statement.
pub async fn apply(
    project: &Project,
    settings: &Settings,
    plan: &PlanFile,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<AppliedPlan, Error> {
    let open: Vec<_> = plan.open_questions().into_iter().cloned().collect();
    if !open.is_empty() {
        return Err(Error::PlanOpen(open));
    }
    datasource::with_url(project, settings, progress, async |url, progress| {
        let run = Run { project, settings, plan, cancel };
        match plan.of {
            PlanOf::Deploy => Box::pin(run.deploy(url, progress)).await,
            PlanOf::Schema => Box::pin(run.push(url, progress)).await,
            PlanOf::Drift => Box::pin(run.revert(url, progress)).await,
        }
    })
    .await
}

struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    plan: &'a PlanFile,
    cancel: Cancel,
}

impl Run<'_> {
    async fn deploy(
        self,
        url: DatabaseUrl,
        progress: &mut (dyn Progress + '_),
    ) -> Result<AppliedPlan, Error> {
        let Self { project, settings, plan, cancel } = self;
        let place = Place::new(url.clone(), project, settings).await?;
        let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
        let (target, interrupted, mut made) = (url.clone(), cancel.clone(), None);
        let check = async |session: &Session, progress: &mut (dyn Progress + '_)| {
            let (now, actual) = place.target().await?;
            ensure_current(plan, &now, &files(project, plan.of)?)?;
            let looking =
                preflight::before_deploy(session, &target, settings, &migrations, progress);
            Box::pin(looking).await?;
            ensure_agreed(plan, &place, session, &actual, progress).await?;
            let place = backup::Place { url: &target, settings, session, cancel: &interrupted };
            let keeping = backup::before_deploy(&place, None, &migrations, progress);
            made = Box::pin(keeping).await?;
            Ok(())
        };
        let deployed = crate::deploy::deploy_to(url, project, settings, cancel, check, progress);
        let deployed = Box::pin(deployed).await?;
        let deployment = Deployment { backup: made, ..deployed };
        let is_done = deployment.report.applied.is_empty() && deployment.recognised.is_empty();
        if is_done {
            return Ok(AppliedPlan::Nothing);
        }
        Ok(AppliedPlan::Deploy(Box::new(deployment)))
    }

    async fn push(
        self,
        url: DatabaseUrl,
        progress: &mut (dyn Progress + '_),
    ) -> Result<AppliedPlan, Error> {
        let Self { project, settings, plan, cancel } = self;
        if !is_left(plan, &url, project, settings, progress).await? {
            return Ok(AppliedPlan::Nothing);
        }
        let planned = plan.scripts.iter().flat_map(|script| &script.statements);
        let planned = Some(planned.map(|statement| statement.sql.clone()).collect());
        let of = Pushing { project, settings, request: PushRequest::default(), planned };
        let mut nobody = Nobody;
        let dialogue = Dialogue::new(answers(plan), &mut nobody);
        let push = push::push_on(url, of, dialogue, cancel, progress).await?;
        if push.statements.is_empty() {
            return Ok(AppliedPlan::Nothing);
        }
        Ok(AppliedPlan::Schema(Box::new(push)))
    }

    async fn revert(
        self,
        url: DatabaseUrl,
        progress: &mut (dyn Progress + '_),
    ) -> Result<AppliedPlan, Error> {
        let Self { project, settings, plan, cancel } = self;
        if !is_left(plan, &url, project, settings, progress).await? {
            return Ok(AppliedPlan::Nothing);
        }
        let planned = plan.scripts.iter().flat_map(|script| &script.statements);
        let planned = planned.map(|statement| statement.sql.clone()).collect();
        let request = RevertRequest { objects: Vec::new(), dry_run: false, planned: Some(planned) };
        let answers = answers(plan).with("revert", Some("yes".to_owned()));
        let mut nobody = Nobody;
        let dialogue = Dialogue::new(answers, &mut nobody);
        let reversion =
            drift::revert_on(url, project, settings, request, dialogue, cancel, progress).await?;
        if reversion.reverted.is_empty() {
            return Ok(AppliedPlan::Nothing);
        }
        Ok(AppliedPlan::Drift(Box::new(reversion)))
    }
}

/// What the plan answers.
fn answers(plan: &PlanFile) -> Answers {
    let answer = |(id, value): (&String, &String)| (id.clone(), value.clone());
    plan.answers
        .iter()
        .map(answer)
        .fold(Answers::default(), |answers, (id, value)| answers.with(&id, Some(value)))
}

/// Whether a plan that is one transaction is still to be carried out; it was if there is nothing to do.
///
/// # Errors
/// When the plan is not of what is there now, or the database fails.
async fn is_left(
    plan: &PlanFile,
    url: &DatabaseUrl,
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<bool, Error> {
    let place = Place::new(url.clone(), project, settings).await?;
    let files = files(project, plan.of)?;
    let current = ensure_current(plan, &place.target().await?.0, &files);
    if current.is_ok() || plan.files != files {
        return current.map(|()| true);
    }
    let again = match plan.of {
        PlanOf::Schema => schema_plan::plan(&place, &answers(plan), progress).await?,
        PlanOf::Drift => drift_plan::plan(&place, progress).await?,
        PlanOf::Deploy => return current.map(|()| true),
    };
    if again.is_empty() && again.stops.is_empty() { Ok(false) } else { current.map(|()| true) }
}

/// The files as they are.
fn files(project: &Project, of: PlanOf) -> Result<Files, Error> {
    let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
    let schema = match of {
        PlanOf::Schema => Some(schema::declared(project)?.catalog.fingerprint()),
        PlanOf::Deploy | PlanOf::Drift => None,
    };
    Ok(Files { schema, ..Files::of(&migrations) })
}

/// Fails unless the plan was made of this.
fn ensure_current(plan: &PlanFile, now: &Target, files: &Files) -> Result<(), Error> {
    let objects = plan.changes.iter().map(|it| format!("{} {}", it.kind.title(), it.id));
    let own = Own { migrations: deploy::names(plan), objects: objects.collect() };
    let mut lines = plan.files.differences(files);
    lines.extend(plan.target.differences(now, &own));
    if lines.is_empty() { Ok(()) } else { Err(Error::PlanOutdated(lines)) }
}

/// Fails unless what a deploy would lose was agreed to, and nothing of the data stops it.
async fn ensure_agreed(
    plan: &PlanFile,
    place: &Place<'_>,
    session: &Session,
    actual: &Catalog,
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    progress.busy("counting what is at stake");
    let migrations = project::read_migrations(&place.project.migrations_folder)?.migrations;
    let rows = database::history(session).await?;
    let scripts = deploy::scripts(place, actual, &migrations, rows.as_deref()).await?;
    let now = scripts.iter().flat_map(|script| &script.statements).flat_map(|it| &it.data);
    let now: Vec<&Stake> = now.collect();
    let stops: Vec<String> =
        now.iter().filter(|it| it.fate == Fate::Stops).map(ToString::to_string).collect();
    if !stops.is_empty() {
        return Err(Error::PlanStopped(stops));
    }
    let agreed: BTreeMap<&str, &Stake> = plan
        .stakes()
        .filter(|stake| stake.fate.is_loss())
        .map(|stake| (stake.what.as_str(), stake))
        .collect();
    let losses: Vec<&&Stake> = now.iter().filter(|it| it.fate.is_loss()).collect();
    let more: Vec<String> = losses
        .iter()
        .filter(|stake| !agreed.get(stake.what.as_str()).is_some_and(|agreed| agreed.covers(stake)))
        .map(|stake| match agreed.get(stake.what.as_str()) {
            Some(agreed) => format!("{stake}; when the plan was made: {agreed}"),
            None => format!("{stake}, of which the plan says nothing"),
        })
        .collect();
    if !more.is_empty() {
        return Err(Error::PlanOutdated(more));
    }
    if losses.is_empty() {
        return Ok(());
    }
    // Whatever the file has for questions.
    let question = deploy::loses(&plan.losses);
    if !plan.answers.get(&*question.id).is_some_and(|answer| question.is_yes(answer)) {
        return Err(Error::PlanOpen(vec![question]));
    }
    destruction::permit_reviewed(&place.url, LOSING, place.settings)
}
