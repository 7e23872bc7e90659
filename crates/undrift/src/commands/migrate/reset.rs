//! `undrift migrate reset`.

use std::process::ExitCode;

use clap::Args;
use engine::{Dialogue, Reset};

use crate::commands::{Invocation, Outcome, interruption, programs, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::Terminal;

/// Drop everything in the database's schemas and apply all migrations.
///
/// Refused on production, which is every database that is not on this machine and of which
/// undrift.toml does not say otherwise; no flag changes that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift migrate reset
  undrift migrate reset --force
  undrift migrate reset --answer reset=DATABASE

undrift.toml, for a database elsewhere that may be thrown away:
  [environments.branch]
  url = \"postgresql://db.example:5432/branch\"
  class = \"dev\"")]
pub(crate) struct Flags {
    /// Do not ask
    #[arg(long, short)]
    force: bool,
    /// Do not run the seed command afterwards, as Prisma 6 does
    #[arg(long)]
    skip_seed: bool,
    /// Do not run the generators afterwards, as Prisma 6 does
    #[arg(long)]
    skip_generate: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(flags.answers.read()?, &mut person);
    let reset = interruption::watched(async |cancel| {
        engine::reset(&project, &settings, flags.force, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&reset?, show);
    if !flags.skip_generate {
        programs::generate_after(&project, &settings, terminal).await?;
    }
    if !flags.skip_seed
        && engine::seeds_by_itself(&project)
        && let Some(program) = engine::seed_program(&project, &[])
    {
        programs::seed(&program, &settings, terminal).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, reset: &Reset) {
    if reset.applied.is_empty() {
        terminal.line("Database reset successful\n\n");
        return;
    }
    terminal.line(
        "\nDatabase reset successful\n\nThe following migration(s) have been applied:\n\nmigrations/",
    );
    for migration in &reset.applied {
        terminal.line(format_args!("  └─ {}/\n    └─ migration.sql", migration.name));
    }
    terminal.line("");
}
