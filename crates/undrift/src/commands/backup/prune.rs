//! `undrift backup prune`.

use std::process::ExitCode;

use clap::Args;
use engine::{Answers, Dialogue, PruneRequest, Pruned};

use crate::commands::{Invocation, Outcome, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{BAD, GOOD, Terminal};

/// Throw old backups away: copies, dumps, snapshots.
///
/// Those go that are beyond the number to keep of their kind, and old enough. The newest whole backup of
/// each kind stays whatever is asked for; what undrift did not make is not touched.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift backup prune --dry-run
  undrift backup prune --keep 5 --older-than 30 --yes")]
pub(crate) struct Flags {
    /// Keep so many of each kind
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    keep: usize,
    /// Keep what is younger
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    older_than: u32,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Show what would go, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(super) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { keep, older_than, yes, dry_run, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let request = PruneRequest { keep, older_than: i64::from(older_than) * 86_400, dry_run };
    let answers: Answers = answers.read()?.with("prune", yes.then(|| "yes".to_owned()));
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    let pruned = engine::prune(&project, &settings, request, dialogue, terminal).await?;
    terminal.result(&pruned, show);
    Ok(if pruned.left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(terminal: &mut Terminal, pruned: &Pruned) {
    let Pruned { datasource: _, gone, left, kept, dry_run } = pruned;
    let word = if *dry_run { "would go" } else { "gone" };
    for backup in gone {
        terminal.line(format_args!("{GOOD}{word}:{GOOD:#} {} {}", backup.id, backup.made.kept));
    }
    for line in left {
        terminal.line(format_args!("{BAD}could not be thrown away:{BAD:#} {line}"));
    }
    terminal.line(match kept {
        1 => "1 backup stays.".to_owned(),
        kept => format!("{kept} backups stay."),
    });
}
