//! `undrift repair`.

use std::process::ExitCode;

use clap::Args;
use engine::{Dialogue, Meaning, Origin, Problem, Remedy, Repair, RepairRequest};

use super::{Invocation, Outcome, interruption, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Put right the files of applied migrations: edited, renamed, encoded otherwise, or lost.
///
/// The history holds the SHA-256 of each file as it was applied. What an edit means is found out by the
/// text, by git, and by what both texts make on a shadow database. Then the file is put back, or the history
/// is made to say what the file is, with a note. On the database nothing is changed but that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift repair --dry-run    find out and show
  undrift repair              put right what can be; ask where there is a choice
  undrift repair --restore    write edited files as they were applied
  undrift repair --rehash     accept edits that change nothing")]
pub(crate) struct Flags {
    /// Only this migration
    #[arg(value_name = "MIGRATION")]
    migration: Option<String>,
    /// Write edited files as they were applied
    #[arg(long, conflicts_with = "rehash")]
    restore: bool,
    /// Accept edits that change nothing: the history gets the sum of the file as it is
    #[arg(long)]
    rehash: bool,
    /// Find out and show it, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { migration, restore, rehash, dry_run, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let remedy = match (restore, rehash) {
        (true, _) => Some(Remedy::Restore),
        (_, true) => Some(Remedy::Rehash),
        (false, false) => None,
    };
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers.read()?, &mut person);
    let request = RepairRequest { migration, remedy, dry_run };
    let repaired = interruption::watched(async |cancel| {
        engine::repair(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    let repair = repaired?;
    terminal.result(&repair, show);
    Ok(if repair.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(terminal: &mut Terminal, repair: &Repair) {
    if repair.problems.is_empty() {
        terminal.line(
            "Nothing to repair: the files of all applied migrations are as they were applied.",
        );
        return;
    }
    for problem in &repair.problems {
        show_problem(terminal, problem);
    }
}

fn show_problem(terminal: &mut Terminal, problem: &Problem) {
    let Problem { migration, renamed_to, original, meaning, remedies, done, advice, .. } = problem;
    let what = match renamed_to {
        Some(name) => format!("is now {name}"),
        None => meaning.to_string(),
    };
    let style = match meaning {
        Meaning::Encoding | Meaning::Layout | Meaning::Renamed | Meaning::AsDatabase => GOOD,
        Meaning::SameEffect { .. } => NOTICE,
        Meaning::DifferentEffect { .. } | Meaning::Unreplayable { .. } | Meaning::Gone => BAD,
    };
    terminal.line(format_args!("{STRONG}{migration}{STRONG:#}: {style}{what}{style:#}"));
    if let Some(Origin::Git { commit }) = original {
        terminal.line(format_args!("  {FAINT}as it was applied: in git, commit {commit}{FAINT:#}"));
    }
    match done {
        Some(Remedy::Restore) => terminal.line("  The file is as it was applied again."),
        Some(Remedy::Rehash) => terminal.line(
            "  The history has the sum of the file as it is. Other databases need the same: undrift repair",
        ),
        Some(Remedy::Rename) => terminal.line(
            "  The history has the new name. Other databases need the same: undrift repair",
        ),
        None if !remedies.is_empty() => {
            let flags: Vec<String> = remedies.iter().map(ToString::to_string).collect();
            terminal.line(format_args!("  Possible: {}", flags.join(", ")));
        }
        None => {}
    }
    if let Some(advice) = advice {
        terminal.line(format_args!("  {NOTICE}To do:{NOTICE:#} {advice}"));
    }
}
