//! What pending migrations meet of the data, told before a deploy runs them. It asks nothing: who wants to
//! be asked makes a plan.

use std::time::{Duration, Instant};

use database::{Limits, Session};
use lint::{ActionKind, Alteration, Filling, Step};
use project::Migration;

use super::{Fate, Stakes};
use crate::pending::Pending;
use crate::{Error, Progress, datasource};

/// A deploy is not to wait for counts.
const LIMITS: Limits = Limits {
    exact: Duration::from_secs(2),
    sample: Duration::from_secs(1),
    examples: Duration::from_secs(1),
};

/// How long all of it may take, before the last question is asked.
const BUDGET: Duration = Duration::from_secs(10);

/// Tells of the data that the pending migrations lose, and of the data that makes them fail.
///
/// # Errors
/// When the connection breaks.
pub(crate) async fn tell(
    session: &Session,
    schemas: &[String],
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    // Without a history there is nothing yet to lose.
    let Some(rows) = database::history(session).await? else { return Ok(()) };
    let steps = Pending::of(migrations, Some(&rows), &session.server().schema).steps;
    if !steps.iter().any(|(_, step)| may_meet_data(step)) {
        return Ok(());
    }
    progress.busy("counting what is at stake");
    let met = schemas_met(schemas, steps.iter().map(|(_, step)| step));
    let actual = datasource::catalog(session, &met).await?;
    let started = Instant::now();
    let mut stakes = Stakes::new(session, &actual, LIMITS);
    for (migration, step) in &steps {
        if started.elapsed() > BUDGET {
            progress.notice("the rest is not counted, since that takes long: undrift plan");
            break;
        }
        for (_, stake) in stakes.of(std::slice::from_ref(step)).await? {
            if stake.fate == Fate::MayStop {
                continue;
            }
            progress.notice(&format!("{}: {stake}", Pending::place(migration, step)));
        }
    }
    Ok(())
}

/// Whether a step is one that data matters to.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other action meets data")]
fn may_meet_data(step: &Step) -> bool {
    // Nothing is locked of what the migration itself makes.
    let is_on_what_is_there = !step.effect.locks.is_empty();
    match &step.action.kind {
        ActionKind::DropOther { cascade, .. } => *cascade,
        ActionKind::DropTable { .. }
        | ActionKind::Truncate(_)
        | ActionKind::ChangeRows { verb: "DELETE", some_rows: false, .. } => is_on_what_is_there,
        ActionKind::CreateIndex(index) => index.unique && is_on_what_is_there,
        ActionKind::AlterTable(_, alteration) => {
            is_on_what_is_there
                && match alteration {
                    Alteration::AddColumn(column) => {
                        column.not_null && column.filling == Filling::Null
                    }
                    Alteration::DropColumn { .. }
                    | Alteration::SetNotNull(_)
                    | Alteration::AddConstraint(_)
                    | Alteration::Validate(_)
                    | Alteration::ChangeType { .. } => true,
                    _ => false,
                }
        }
        _ => false,
    }
}

/// The project's schemas, and those of the tables that some steps meet: data is data, whoever declares it.
pub(crate) fn schemas_met<'a>(
    schemas: &[String],
    steps: impl Iterator<Item = &'a Step>,
) -> Vec<String> {
    let mut all = schemas.to_vec();
    for (table, _) in steps.flat_map(|step| &step.effect.locks) {
        if !all.contains(&table.schema) {
            all.push(table.schema.clone());
        }
    }
    all
}
