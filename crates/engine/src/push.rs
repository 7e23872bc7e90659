//! `db push`: the database is made what the schema says, without a migration.

use std::collections::BTreeSet;

use catalog::rename::Rename;
use catalog::{Change, Pair};
use database::{Cancel, Session};
use planner::Plan;
use project::{Action, DatabaseUrl, Project};
use serde::Serialize;

use crate::datasource::Described;
use crate::deploy::Deployer;
use crate::drift::Meant;
use crate::questions::{Dialogue, Question};
use crate::rename::{self, Decision, Reach, Renamed};
use crate::schema::Declared;
use crate::{Error, Progress, Retry, Settings, datasource, destruction, loss, schema};

/// What it is called where it is refused.
const RESETTING: &str = "db push --force-reset";
const LOSING: &str = "db push with loss of data";

/// What `db push` is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushRequest {
    /// Whether data may be lost.
    pub accepts_loss: bool,
    /// Whether everything is dropped first.
    pub resets: bool,
    /// What gets another name: `Model.old:new`, `Old:New`.
    pub renames: Vec<String>,
}

/// What `db push` did.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Push {
    /// The database.
    pub datasource: Described,
    /// Whether the database was made for it.
    pub created_database: bool,
    /// Whether everything was dropped first.
    pub was_reset: bool,
    /// What kept its data under another name.
    pub renamed: Vec<Renamed>,
    /// What was lost.
    pub warnings: Vec<String>,
    /// The tables that were dropped without a row in them.
    pub dropped_empty: Vec<String>,
    /// The statements that were run; empty if the database was in sync.
    pub statements: Vec<String>,
}

/// Makes the database what the schema says, in one transaction.
///
/// # Errors
/// When data stands in the way, data would be lost and nobody said it may, the environment forbids
/// that, or the server refuses a statement; the database is then as it was.
pub async fn push(
    project: &Project,
    settings: &Settings,
    request: PushRequest,
    dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Push, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let of = Pushing { project, settings, request, planned: None };
        Box::pin(push_on(url, of, dialogue, cancel, progress)).await
    })
    .await
}

/// What a push is about.
pub(crate) struct Pushing<'a> {
    pub(crate) project: &'a Project,
    pub(crate) settings: &'a Settings,
    pub(crate) request: PushRequest,
    /// The statements that it has to take, as a plan has them; any if there is no plan.
    pub(crate) planned: Option<Vec<String>>,
}

/// Makes a database what the schema says.
///
/// # Errors
/// Those of [`push`], and [`Error::PlanOutdated`].
pub(crate) async fn push_on(
    url: DatabaseUrl,
    of: Pushing<'_>,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Push, Error> {
    let Pushing { project, settings, request, planned } = of;
    let declared = schema::declared(project)?;
    let described = datasource::describe(project, &url);
    progress.datasource(&described);
    if request.resets {
        destruction::permit(&url, Action::Reset, RESETTING, settings)?;
    }
    let deployer = Deployer::new(declared.schemas.clone(), settings, cancel.clone());
    let (session, created_database) = deployer.connect(&url, settings).await?;
    if created_database {
        progress.database_created(&described);
    }
    let was_reset = request.resets;
    let mut run =
        Run { project, settings, request, planned, declared, session, deployer, url, cancel };
    let mut told = Told::default();
    loop {
        run.deployer.lock(&run.session, progress).await?;
        let outcome = run.attempt(&described, &mut told, &dialogue, progress).await;
        let unlocked = run.deployer.unlock(&run.session).await;
        let outcome = outcome?;
        unlocked?;
        match outcome {
            Attempt::Done { empty_tables, statements } => {
                return Ok(Push {
                    datasource: described,
                    created_database,
                    was_reset,
                    renamed: told.renamed,
                    warnings: told.warnings,
                    dropped_empty: empty_tables,
                    statements,
                });
            }
            // Nobody else is kept waiting by a person who thinks; what is true is looked at again after.
            Attempt::Asks(questions) => {
                progress.asking();
                dialogue.ask(&questions)?;
            }
        }
        run.request.resets = false;
    }
}

/// What has been told so far.
#[derive(Default)]
struct Told {
    /// What would be lost.
    warnings: Vec<String>,
    /// The possible renames that were not asked about.
    noted: BTreeSet<String>,
    /// What gets another name.
    renamed: Vec<Renamed>,
}

/// What came of an attempt.
enum Attempt {
    /// All is done.
    Done {
        /// The tables that were dropped without a row in them.
        empty_tables: Vec<String>,
        /// What was run.
        statements: Vec<String>,
    },
    /// These have to be answered first.
    Asks(Vec<Question>),
}

/// One run, connected.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: PushRequest,
    planned: Option<Vec<String>>,
    declared: Declared,
    session: Session,
    deployer: Deployer,
    url: DatabaseUrl,
    cancel: Cancel,
}

impl Run<'_> {
    /// Goes as far as the answers allow, with the lock held.
    async fn attempt(
        &self,
        described: &Described,
        told: &mut Told,
        dialogue: &Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Attempt, Error> {
        let Self { project, settings, request, declared, session, url, cancel, .. } = self;
        if request.resets {
            destruction::permit_on(session, url, Action::Reset, RESETTING, settings).await?;
            database::reset_schemas(session, &declared.schemas).await?;
            progress.was_reset(described);
        }
        progress.busy("reading the database");
        let actual = datasource::catalog(session, &declared.schemas).await?;
        // What is meant to differ is left alone.
        let meant = Meant::read(settings, session).await?;
        let actual = meant.overlook(Pair::new(&actual, &declared.catalog));
        let catalogs = Pair::new(&actual, &declared.catalog);
        let (vocabulary, answers) = (&declared.vocabulary, dialogue.answers());
        let Decision { renames, open, notes, .. } =
            rename::decide(session, catalogs, vocabulary, &request.renames, answers, Reach::Here)
                .await?;
        if !open.is_empty() {
            return Ok(Attempt::Asks(open));
        }
        for note in &notes {
            if told.noted.insert(note.clone()) {
                progress.notice(note);
            }
        }
        told.renamed = rename::renamed(&renames, vocabulary);
        let actual = renames.applied_to(&actual);
        let catalogs = Pair::new(&actual, &declared.catalog);
        let plan = Plan::of(catalogs, declared.language, declared.names.clone()).after(&renames);
        let filled = catalog::filled_by_client(&project.schema_files.load().schema, url.schema());
        let loss = loss::assess(session, &plan, catalogs, &filled, &renames).await?;
        if !loss.unexecutable.is_empty() {
            return Err(Error::Unexecutable { steps: loss.unexecutable, retry: Retry::Push });
        }
        if loss.warnings != told.warnings && !loss.warnings.is_empty() {
            progress.losses(&loss.warnings, Retry::Push);
        }
        told.warnings.clone_from(&loss.warnings);
        if !loss.warnings.is_empty() {
            destruction::permit(url, Action::PushWithLoss, LOSING, settings)?;
            destruction::permit_on(session, url, Action::PushWithLoss, LOSING, settings).await?;
            let question = accepts(&loss.warnings);
            let answer = dialogue.answers().answer(&question);
            match answer.map(|answer| question.is_yes(answer)) {
                _ if request.accepts_loss => {}
                Some(true) => {}
                Some(false) => return Err(Error::Declined("Push cancelled.")),
                None => return Ok(Attempt::Asks(vec![question])),
            }
        }
        for table in &loss.empty_tables {
            progress.notice(&format!("dropping the table `{table}`, which has no rows"));
        }
        let (first, rest) = statements(&plan);
        let all = first.iter().chain(&rest).map(|it| script::without_passwords(it).into_owned());
        if self.planned.as_ref().is_some_and(|planned| !all.eq(planned.iter().cloned())) {
            let line = "to make the database what the schema says now takes other statements";
            return Err(Error::PlanOutdated(vec![line.to_owned()]));
        }
        if !plan.is_empty() {
            progress.busy("changing the database");
            database::carry_out(session, &first, &rest, cancel).await?;
        }
        let statements = first.into_iter().chain(rest).collect();
        Ok(Attempt::Done { empty_tables: loss.empty_tables, statements })
    }
}

/// Asks whether data may be lost.
pub(crate) fn accepts(warnings: &[String]) -> Question {
    let text = "Do you want to ignore the warning(s)?";
    Question::confirm("data-loss", text, "--accept-data-loss").about(warnings)
}

/// The statements of a plan, first those that add labels to enum types, behind the renames of types and
/// labels. What a change says about
/// transactions is left out: there is one around all.
pub(crate) fn statements(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let adds_labels =
        |change: &Change| matches!(change, Change::AlterEnum(alter) if alter.removed.is_empty());
    let renames_type = |change: &Change| {
        matches!(change, Change::Rename(Rename::EnumType(_) | Rename::Label { .. }))
    };
    let is_first = |change: &&Change| adds_labels(change) || renames_type(change);
    let of = |changes: Vec<&Change>| {
        let all = changes.into_iter().flat_map(|change| change.statements(&plan.names));
        all.filter(|statement| !matches!(statement.as_str(), "BEGIN" | "COMMIT")).collect()
    };
    let (first, rest) = plan.changes.iter().partition(is_first);
    (of(first), of(rest))
}
