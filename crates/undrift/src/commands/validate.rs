//! `undrift validate`.

use std::process::ExitCode;

use clap::Args;

use super::{Invocation, Outcome, project};

/// Check the schema, as `prisma validate` does; no database is needed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift validate
  undrift validate --schema prisma/schema")]
pub(crate) struct Flags;

pub(crate) fn run(invocation: Invocation<'_>, _flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let validation = engine::validate(&project, terminal.has_colors())?;
    terminal.result(&validation, |terminal, validation| {
        for warning in &validation.warnings {
            terminal.note(warning);
        }
        terminal.line(format_args!("The schema at {} is valid 🚀", validation.schema));
    });
    Ok(ExitCode::SUCCESS)
}
