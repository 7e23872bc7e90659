//! The plan of `db push`.

use catalog::{Catalog, Language, Pair, Qualification};
use lint::{Context, Known, TableSize};
use planner::Plan;
use script::Script;

use super::statement::{self, Action, PlannedScript};
use super::{Files, Place, PlanFile, PlanOf};
use crate::drift::Meant;
use crate::rename::{self, Decision, Reach};
use crate::stake::Stakes;
use crate::{Answers, Error, Progress, Question, loss, push, schema};

/// Makes the plan.
pub(super) async fn plan(
    place: &Place<'_>,
    answers: &Answers,
    progress: &mut (dyn Progress + '_),
) -> Result<PlanFile, Error> {
    let declared = schema::declared(place.project)?;
    let migrations = project::read_migrations(&place.project.migrations_folder)?.migrations;
    progress.busy("reading the database");
    let (target, whole) = place.target().await?;
    let meant = Meant::read(place.settings, &place.session).await?;
    let actual = meant.overlook(Pair::new(&whole, &declared.catalog));
    let catalogs = Pair::new(&actual, &declared.catalog);
    let (session, vocabulary) = (&place.session, &declared.vocabulary);
    let Decision { renames, answered, open, notes } =
        rename::decide(session, catalogs, vocabulary, &[], answers, Reach::Here).await?;
    let renamed = renames.applied_to(&actual);
    let catalogs = Pair::new(&renamed, &declared.catalog);
    let changing = Plan::of(catalogs, declared.language, declared.names.clone()).after(&renames);
    let files = Files { schema: Some(declared.catalog.fingerprint()), ..Files::of(&migrations) };
    let mut plan = PlanFile::new(PlanOf::Schema, target, files);
    if changing.is_empty() {
        return Ok(plan);
    }
    plan.notices = notes;
    if !open.is_empty() {
        plan.notices.push(UNDECIDED.to_owned());
    }
    plan.questions = answered;
    plan.questions.extend(open.into_iter().map(answered_here));
    progress.busy("counting what is at stake");
    let default_schema = place.url.schema();
    let filled =
        catalog::filled_by_client(&place.project.schema_files.load().schema, default_schema);
    let loss = loss::assess(&place.session, &changing, catalogs, &filled, &renames).await?;
    let (first, rest) = push::statements(&changing);
    for statements in [first, rest].iter().filter(|statements| !statements.is_empty()) {
        plan.scripts.push(script(place, statements, &actual, &declared.names).await?);
    }
    plan.sum_up();
    plan.losses = loss.warnings;
    // The same in other words.
    if plan.stops.is_empty() {
        plan.stops = loss.unexecutable;
    }
    if !plan.losses.is_empty() {
        plan.questions.push(push::accepts(&plan.losses));
    }
    Ok(plan)
}

/// What is said while it is open what has another name.
const UNDECIDED: &str =
    "whether something has another name is open: as long as it is, it is dropped and added here";

/// A question about a name with the flag that this command has for it.
fn answered_here(question: Question) -> Question {
    let first = question.options.first().map(String::as_str).unwrap_or_default();
    let flag = format!("--answer {0}={first}, or --answer {0}=no to drop it", question.id);
    Question { flag, ..question }
}

/// What is known of statements that are run together.
async fn script(
    place: &Place<'_>,
    statements: &[String],
    actual: &Catalog,
    names: &Qualification,
) -> Result<PlannedScript, Error> {
    let text = statements.join(";\n");
    let script = Script::parse(&text);
    let schema = place.url.schema();
    let sizes = database::table_sizes(&place.session).await?.into_iter();
    let sizes = sizes.map(|it| (it.table, TableSize { rows: it.rows, bytes: it.bytes }));
    let context = Context {
        migration: None,
        schema,
        known: known(actual, names, schema),
        allowed: crate::lint::allowed(place.settings)?,
        sizes: sizes.collect(),
    };
    let steps = lint::steps(&script, &context);
    let met = Stakes::new(&place.session, actual, database::LIMITS).of(&steps).await?;
    let (statements, findings) = statement::describe(&script, &context, &steps, met, 0);
    Ok(PlannedScript { migration: None, action: Action::Run, statements, findings })
}

/// What is there, as the migrations that make it would tell.
fn known(actual: &Catalog, names: &Qualification, schema: &str) -> Known {
    let nothing = Catalog::default();
    let making = Plan::of(Pair::new(&nothing, actual), Language::WHOLE, names.clone());
    let mut known = Known::default();
    known.learn(&Script::parse(&planner::script(&making)), schema);
    known
}
