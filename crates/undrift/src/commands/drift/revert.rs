//! `undrift drift revert`.

use std::process::ExitCode;

use clap::Args;
use engine::{Answers, Dialogue, Reversion, RevertRequest};

use crate::commands::{Invocation, Outcome, interruption, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{BAD, GOOD, Terminal};

/// Take back what has drifted: make the database again what the applied migrations make.
///
/// In one transaction, which is committed only if the database then is what it should be. Data that
/// would be lost is counted first, and takes the name of the database as the word; on production that
/// is refused.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift drift revert --dry-run              the SQL, and what would be lost
  undrift drift revert --yes
  undrift drift revert public.audit_log --answer data-loss=DATABASE")]
pub(crate) struct Flags {
    /// The objects, by name, by kind and name, or by a pattern with *; all if there is none
    #[arg(value_name = "OBJECT")]
    objects: Vec<String>,
    /// Do not ask, if no data is lost
    #[arg(long, short)]
    yes: bool,
    /// Show the SQL and what would be lost, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { objects, yes, dry_run, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let answers: Answers = answers.read()?.with("revert", yes.then(|| "yes".to_owned()));
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    let request = RevertRequest { objects, dry_run, planned: None };
    let reversion = interruption::watched(async |cancel| {
        engine::revert(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&reversion?, show);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn show(terminal: &mut Terminal, reversion: &Reversion) {
    let Reversion { datasource: _, reverted, left, losses, script, dry_run, .. } = reversion;
    if reverted.is_empty() {
        terminal.line("Nothing to do: the database is what the migrations make.");
        return;
    }
    if *dry_run {
        terminal.print(format_args!("{script}\n"));
        for loss in losses {
            terminal.line(format_args!("{BAD}would be lost:{BAD:#} {loss}"));
        }
        return;
    }
    terminal.line(format_args!("{GOOD}As the migrations make it again, and proven:{GOOD:#}"));
    for difference in reverted {
        terminal.line(format_args!("  {} {}", difference.kind.title(), difference.id));
    }
    for loss in losses {
        terminal.line(format_args!("{BAD}lost:{BAD:#} {loss}"));
    }
    if *left > 0 {
        terminal.line(format_args!("Other objects that still differ: {left}"));
    }
}
