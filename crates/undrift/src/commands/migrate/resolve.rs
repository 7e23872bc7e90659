//! `undrift migrate resolve`.

use std::process::ExitCode;

use clap::Args;
use engine::{Mark, Resolution};

use crate::commands::{Invocation, Outcome, interruption, project};

/// Record that a migration is in the database, or that nothing of it is left there.
///
/// Runs nothing: for a migration that failed and was completed or undone by hand, and for a database
/// that holds what a migration makes from before there was a history.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift migrate resolve --applied 20260105090000_users
  undrift migrate resolve --rolled-back 20260105090000_users")]
pub(crate) struct Flags {
    /// The migration that is in the database
    #[arg(long, value_name = "NAME")]
    applied: Option<String>,
    /// The failed migration of which nothing is left in the database
    #[arg(long, value_name = "NAME")]
    rolled_back: Option<String>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let resolution = match (flags.applied, flags.rolled_back) {
        (Some(name), None) => Resolution::Applied(name),
        (None, Some(name)) => Resolution::RolledBack(name),
        (Some(_), Some(_)) => {
            let text = "Pass either --applied or --rolled-back, not both.";
            return Err(engine::Error::Usage(text.to_owned()));
        }
        (None, None) => {
            let text = "--applied or --rolled-back must be part of the command like:\n\
                        undrift migrate resolve --applied 20201231000000_example\n\
                        undrift migrate resolve --rolled-back 20201231000000_example";
            return Err(engine::Error::Usage(text.to_owned()));
        }
    };
    let project = project::open(&global, &settings, terminal)?;
    let resolved = interruption::watched(async |cancel| {
        engine::resolve(&project, &settings, &resolution, cancel, terminal).await
    })
    .await;
    terminal.result(&resolved?, |terminal, resolved| {
        let state = match resolved.marked {
            Mark::Applied => "applied",
            Mark::RolledBack => "rolled back",
        };
        terminal.line(format_args!("Migration {} marked as {state}.\n", resolved.migration));
    });
    Ok(ExitCode::SUCCESS)
}
