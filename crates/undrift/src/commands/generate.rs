//! `undrift generate`.

use std::process::ExitCode;

use clap::Args;

use super::{Invocation, Outcome, programs, project};

/// Run the generators of the schema, by the project's own Prisma.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift generate
  undrift generate --generator client      flags are passed on to prisma generate")]
pub(crate) struct Flags {
    /// Flags for `prisma generate`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAGS")]
    arguments: Vec<String>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let program = engine::generate_program(&project, &settings, &flags.arguments)?;
    programs::run(&program, &settings, terminal).await?;
    terminal.result(&serde_json::json!({ "command": program.shown }), |_, _| {});
    Ok(ExitCode::SUCCESS)
}
