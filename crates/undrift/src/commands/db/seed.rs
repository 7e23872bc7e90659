//! `undrift db seed`.

use std::process::ExitCode;

use clap::Args;

use crate::commands::{Invocation, Outcome, programs, project};

/// Run the command that fills the database with data.
///
/// It is `migrations.seed` of prisma.config.ts, or `prisma.seed` of package.json. That there is none is
/// no error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift db seed
  undrift db seed -- --users 100        arguments for the seed command")]
pub(crate) struct Flags {
    /// Arguments for the seed command
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let program = engine::seed_program(&project, &flags.arguments);
    if let Some(program) = &program {
        programs::seed(program, &settings, terminal).await?;
    }
    let command = program.map(|program| program.shown);
    terminal.result(&serde_json::json!({ "command": command }), |terminal, _| {
        if command.is_none() {
            terminal.line(
                "⚠️ No seed command configured\n\n\
                 To seed your database, name the command in prisma.config.ts:\n\n\
                 \u{20} migrations: { seed: \"tsx prisma/seed.ts\" }\n\n\
                 or, without a config file, in package.json:\n\n\
                 \u{20} \"prisma\": { \"seed\": \"tsx prisma/seed.ts\" }\n",
            );
        }
    });
    Ok(ExitCode::SUCCESS)
}
