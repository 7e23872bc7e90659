//! `undrift apply`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::{AppliedPlan, PlanFile};

use super::waiting::{DEFAULTS, WaitingFlags};
use super::{Invocation, Outcome, interruption, project};
use crate::terminal::{BAD, GOOD, Terminal};

/// Carry out a plan that `undrift plan` wrote and somebody has agreed to.
///
/// It is refused, with what differs, if the database, the folder of migrations or the schema is not what
/// it was when the plan was made, if more data would go than the plan says, or if a question of it is not
/// answered. Nothing is asked. One that was interrupted goes on when it is run again. What destroys data
/// stays refused where undrift.toml forbids it.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  undrift apply --plan plan.json
  undrift apply --plan plan.json --json

Exit codes: 0 done, or there was nothing left to do; 1 refused, or it failed; 130 interrupted, or the plan
does not answer a question that it asks.

{DEFAULTS}"))]
pub(crate) struct Flags {
    /// The plan
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    #[command(flatten)]
    waiting: WaitingFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let settings = flags.waiting.within(settings);
    let plan = PlanFile::read(&settings.current_directory.join(&flags.plan))?;
    let project = project::open(&global, &settings, terminal)?;
    let applied = interruption::watched(async |cancel| {
        engine::apply(&project, &settings, &plan, cancel, terminal).await
    })
    .await;
    terminal.result(&applied?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, applied: &AppliedPlan) {
    match applied {
        AppliedPlan::Nothing => terminal.line("Nothing to do: all of the plan is applied."),
        AppliedPlan::Deploy(deployment) => super::migrate::show_deployment(terminal, deployment),
        AppliedPlan::Schema(push) => {
            terminal
                .line(format_args!("{GOOD}Applied:{GOOD:#} the database is what the schema says."));
            for warning in &push.warnings {
                terminal.line(format_args!("{BAD}lost:{BAD:#} {warning}"));
            }
        }
        AppliedPlan::Drift(reversion) => super::drift::show_reversion(terminal, reversion),
    }
}
