//! What pending migrations meet of the data, told before a deploy runs them. It asks nothing: who wants to
//! be asked makes a plan.

use std::time::{Duration, Instant};

use database::{HistoryState, Limits, Session};
use lint::{ActionKind, Alteration, Context, Filling, Step};
use project::{Due, Migration};
use script::Script;

use super::{Fate, Stakes};
use crate::drift::is_adoption;
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
    let is_begun = |name: &str| {
        let mut rows = rows.iter().filter(|row| row.state() != HistoryState::RolledBack);
        rows.any(|row| row.migration_name == name)
    };
    let mut context = Context { schema: &session.server().schema, ..Context::none() };
    let mut steps: Vec<(&Migration, Step)> = Vec::new();
    for due in project::unfold(migrations, &is_begun) {
        let Due::Run(migration) = due else { continue };
        if is_begun(&migration.name) || is_adoption(migration) {
            continue;
        }
        let script = Script::parse(&migration.script);
        let own = lint::steps(&script, &context);
        steps.extend(own.into_iter().map(|step| (migration, step)));
        context.known.learn(&script, &session.server().schema);
    }
    if !steps.iter().any(|(_, step)| may_meet_data(step)) {
        return Ok(());
    }
    progress.busy("counting what is at stake");
    let actual = datasource::catalog(session, schemas).await?;
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
            let place = Script::parse(&migration.script).place(step.action.span.start);
            progress.notice(&format!("{}, line {}: {stake}", migration.name, place.line));
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
