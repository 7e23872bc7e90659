//! The plan of a deploy: the pending migrations, tried on a shadow database.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Catalog, Pair, drift};
use database::{HistoryRow, HistoryState};
use lint::{Context, Known};
use project::{Due, Migration};
use script::Script;

use super::statement::{self, Action, PlannedScript};
use super::{Files, Place, PlanFile, PlanOf, changes};
use crate::drift::{Meant, is_adoption};
use crate::shadow::{Histories, Shadow};
use crate::stake::{Stakes, schemas_met};
use crate::status::Migrations;
use crate::{Error, Progress, Question, datasource};

/// Makes the plan.
pub(super) async fn plan(
    place: &Place<'_>,
    progress: &mut (dyn Progress + '_),
) -> Result<PlanFile, Error> {
    let migrations = project::read_migrations(&place.project.migrations_folder)?.migrations;
    progress.busy("reading the database");
    let (target, actual) = place.target().await?;
    let rows = database::history(&place.session).await?;
    ensure_deployable(place, rows.as_deref(), &migrations, &actual)?;
    let found = Migrations::compare(&migrations, rows.as_deref());
    let applied = found.applied_in(&migrations);
    let shadow = Shadow::of(place.project, place.settings, place.schemas.clone(), &place.session)?;
    let histories = Histories { applied: &applied, all: &migrations };
    let history = shadow.catalogs(histories, progress).await?;
    let made = history.all?;
    let mut plan = PlanFile::new(PlanOf::Deploy, target, Files::of(&migrations));
    plan.changes = changes(Pair::new(&history.applied, &made));
    let meant = Meant::read(place.settings, &place.session).await?;
    let drifted =
        drift(Pair::new(&meant.overlook(Pair::new(&actual, &history.applied)), &history.applied));
    if !drifted.is_empty() {
        plan.notices.push(format!(
            "{} objects of the database are not as the applied migrations make them, so that it may take \
             the pending ones in another way than the shadow database did: undrift drift",
            drifted.len()
        ));
    }
    for edited in &found.edited {
        plan.notices.push(format!("{} was edited after it was applied", edited.name));
    }
    progress.busy("counting what is at stake");
    plan.scripts = scripts(place, &actual, &migrations, rows.as_deref()).await?;
    plan.sum_up();
    if !plan.losses.is_empty() {
        plan.questions.push(loses(&plan.losses));
    }
    Ok(plan)
}

/// Asks whether the data may go.
pub(super) fn loses(losses: &[String]) -> Question {
    let text = "The migrations lose data. May it go?";
    let flag = "--answer data-loss=yes, when the plan is made";
    Question::confirm("data-loss", text, flag).about(losses)
}

/// Fails where a deploy would.
fn ensure_deployable(
    place: &Place<'_>,
    rows: Option<&[HistoryRow]>,
    migrations: &[Migration],
    actual: &Catalog,
) -> Result<(), Error> {
    let found = Migrations::compare(migrations, rows);
    if let Some(failed) = found.failed.iter().find(|failed| !failed.is_resumable) {
        return Err(Error::Unready(format!(
            "the migration `{}` has failed; get out of that first: undrift recover",
            failed.name
        )));
    }
    let tables: Vec<String> = actual.tables.iter().map(|table| table.name.name.clone()).collect();
    if rows.is_none() && !tables.is_empty() {
        let schema = place.url.schema().to_owned();
        return Err(Error::Database(database::Error::NotEmpty { schema, found: tables }));
    }
    Ok(())
}

/// The migrations that are to be applied, with what is known about their statements.
pub(super) async fn scripts(
    place: &Place<'_>,
    actual: &Catalog,
    migrations: &[Migration],
    rows: Option<&[HistoryRow]>,
) -> Result<Vec<PlannedScript>, Error> {
    let rows: BTreeMap<&str, &HistoryRow> = rows
        .unwrap_or_default()
        .iter()
        .filter(|row| row.state() != HistoryState::RolledBack)
        .map(|row| (row.migration_name.as_str(), row))
        .collect();
    let sizes = crate::lint::sizes(&place.session).await?;
    let allowed = crate::lint::allowed(place.settings)?;
    let mut known = Known::default();
    let schema = place.url.schema();
    let unapplied = migrations.iter().filter(|it| {
        rows.get(it.name.as_str()).is_none_or(|row| row.state() != HistoryState::Applied)
    });
    let steps: Vec<lint::Step> = unapplied
        .flat_map(|it| {
            lint::steps(&Script::parse(&it.script), &Context { schema, ..Context::none() })
        })
        .collect();
    let met = schemas_met(&place.schemas, steps.iter());
    let wider;
    let actual = if met == place.schemas {
        actual
    } else {
        wider = datasource::catalog(&place.session, &met).await?;
        &wider
    };
    let mut stakes = Stakes::new(&place.session, actual, database::LIMITS);
    let mut scripts = Vec::new();
    for due in project::unfold(migrations, &|name| rows.contains_key(name)) {
        let migration = due.migration();
        let script = Script::parse(&migration.script);
        let row = rows.get(migration.name.as_str());
        if row.is_some_and(|row| row.state() == HistoryState::Applied) {
            known.learn(&script, place.url.schema());
            continue;
        }
        let action = match (due, row) {
            (Due::Record(_), _) => Action::Record,
            (Due::Run(_), Some(_)) => Action::Resume,
            (Due::Run(_), None) if is_adoption(migration) => Action::Recognise,
            (Due::Run(_), None) => Action::Run,
        };
        let mut planned = PlannedScript {
            migration: Some(migration.name.clone()),
            action,
            statements: Vec::new(),
            findings: Vec::new(),
        };
        if action != Action::Record {
            let done = row.and_then(|row| row.statements_done()).unwrap_or(0);
            let context = Context {
                migration: Some(&migration.name),
                schema: place.url.schema(),
                known: known.clone(),
                allowed: allowed.clone(),
                sizes: sizes.clone(),
            };
            let steps = lint::steps(&script, &context);
            let left: Vec<lint::Step> =
                steps.iter().filter(|step| step.statement >= done).cloned().collect();
            let met =
                if action == Action::Recognise { Vec::new() } else { stakes.of(&left).await? };
            (planned.statements, planned.findings) =
                statement::describe(&script, &context, &steps, met, done);
        }
        known.learn(&script, place.url.schema());
        scripts.push(planned);
    }
    Ok(scripts)
}

/// The names of the migrations that a plan applies.
pub(super) fn names(plan: &PlanFile) -> BTreeSet<&str> {
    plan.scripts.iter().filter_map(|script| script.migration.as_deref()).collect()
}
