//! `undrift squash`.

use std::process::ExitCode;

use clap::Args;
use engine::{Answers, Dialogue, Squash, SquashRequest};

use super::{Invocation, Outcome, interruption, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{FAINT, GOOD, NOTICE, Terminal};

/// Make one migration of many, equal to them by proof.
///
/// Those that it supersedes are kept inside its folder, where Prisma does not look. With undrift every
/// database goes on from where it stands: a new one runs the new migration; one that has all of the old
/// ones records it; one that has some runs the others first. With Prisma: deploy the old ones everywhere
/// before, then `prisma migrate resolve --applied NAME` on every database that has them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift squash --dry-run
  undrift squash --to 20251231000000_last_of_the_year --name until_2025
  undrift squash --keep-data-statements")]
pub(crate) struct Flags {
    /// The last migration that goes into it; all if none is named
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// The name of the new migration
    #[arg(long, short, value_name = "NAME", default_value = "squashed")]
    name: String,
    /// Carry over the statements that change data
    #[arg(long, conflicts_with = "leave_out_data")]
    keep_data_statements: bool,
    /// Leave out the statements that change data
    #[arg(long)]
    leave_out_data: bool,
    /// Prove and show it, write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { to, name, keep_data_statements, leave_out_data, dry_run, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let answers: Answers =
        answers.read()?.with("leave-out-data", leave_out_data.then(|| "yes".to_owned()));
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    let request = SquashRequest { name, to, keeps_data: keep_data_statements, dry_run };
    let squash = interruption::watched(async |cancel| {
        engine::squash(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&squash?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, squash: &Squash) {
    let Squash { migrations_folder, created, script, supersedes, data_statements, .. } = squash;
    if squash.dry_run {
        terminal.print(format_args!("\n{script}"));
    }
    let will = if squash.dry_run { "This would be written" } else { "Written" };
    terminal.line(format_args!("\n{will}: {migrations_folder}/{created}/migration.sql"));
    terminal.line(format_args!(
        "{GOOD}Proven:{GOOD:#} it makes exactly what the {} migrations make that it supersedes.",
        supersedes.len()
    ));
    let carried = if squash.keeps_data { "carried over" } else { "left out" };
    for statement in data_statements {
        terminal.line(format_args!("{NOTICE}{carried}:{NOTICE:#} {statement}"));
    }
    if squash.recorded {
        terminal.line("Recorded in their place in the database.");
    } else if !squash.dry_run {
        terminal.line(format_args!(
            "{FAINT}Databases take it over with: undrift migrate deploy{FAINT:#}"
        ));
    }
}
