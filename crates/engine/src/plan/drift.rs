//! The plan of `drift revert`, of all that has drifted.

use planner::full::{Batch, FullPlan};

use super::statement::{Action, PlannedScript, PlannedStatement};
use super::{Files, Place, PlanFile, PlanOf, PlannedChange};
use crate::drift::Reversal;
use crate::{Error, Progress};

/// Makes the plan.
pub(super) async fn plan(
    place: &Place<'_>,
    progress: &mut (dyn Progress + '_),
) -> Result<PlanFile, Error> {
    let migrations = project::read_migrations(&place.project.migrations_folder)?.migrations;
    let (target, _) = place.target().await?;
    let reversal = Reversal {
        project: place.project,
        settings: place.settings,
        session: &place.session,
        schemas: &place.schemas,
        url: &place.url,
    };
    let worked_out = reversal.work_out(&[], progress).await?;
    let mut plan = PlanFile::new(PlanOf::Drift, target, Files::of(&migrations));
    plan.scripts = scripts(&worked_out.plan);
    plan.losses.clone_from(&worked_out.losses);
    let unsupported = worked_out.plan.unsupported.iter().map(ToString::to_string);
    plan.stops = unsupported.collect();
    if !worked_out.losses.is_empty() {
        plan.questions.push(reversal.loses(&worked_out.losses));
    }
    plan.changes = PlannedChange::all(worked_out.reverted);
    Ok(plan)
}

/// The transactions of a full plan.
fn scripts(plan: &FullPlan) -> Vec<PlannedScript> {
    let script = |batch: &Batch| {
        let statements = batch.steps.iter().flat_map(|step| &step.statements);
        let mut line = 1;
        let planned = statements.map(|statement| {
            let sql = script::without_passwords(&statement.sql).into_owned();
            let begins = line;
            line += sql.lines().count();
            PlannedStatement {
                line: begins,
                sql,
                is_done: false,
                in_transaction: true,
                locks: statement.lock.iter().cloned().collect(),
                work: None,
                data: Vec::new(),
                findings: Vec::new(),
            }
        });
        PlannedScript {
            migration: None,
            action: Action::Run,
            statements: planned.collect(),
            findings: Vec::new(),
        }
    };
    plan.batches.iter().map(script).collect()
}
