//! `undrift rollback`.

use std::process::ExitCode;

use clap::Args;
use engine::{Answers, Dialogue, DownSource, Extent, Rollback, RollbackRequest};

use super::{Invocation, Outcome, interruption, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{BAD, FAINT, GOOD, Terminal};

/// Take applied migrations back, the last one first.
///
/// Each is taken back by its down.sql, or by SQL that is worked out from what the migrations make with
/// it and without it, in one transaction that is committed only if the database is then what it was
/// before the migration. The data that goes is counted first; a copy of it can be kept. The migrations
/// are pending afterwards. Refused on production unless undrift.toml allows it there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift rollback --dry-run                  the SQL, and what would be lost
  undrift rollback --steps 2 --save
  undrift rollback --to 20260101000000_init --answer data-loss=DATABASE --no-save

undrift.toml, for an environment where it may be needed:
  [environments.production]
  variable = \"PRODUCTION_URL\"
  class = \"production\"
  allow = [\"rollback\"]")]
pub(crate) struct Flags {
    /// Take back all that were applied after this migration
    #[arg(long, value_name = "NAME", conflicts_with = "steps")]
    to: Option<String>,
    /// Take back so many of those that were applied last
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    steps: usize,
    /// Keep a copy of the data that goes, in the schema `undrift_backup`
    #[arg(long, conflicts_with = "no_save")]
    save: bool,
    /// Keep no copy of the data that goes
    #[arg(long)]
    no_save: bool,
    /// Do not ask, if no data is lost
    #[arg(long, short)]
    yes: bool,
    /// Work the SQL out, whatever down.sql says
    #[arg(long)]
    ignore_files: bool,
    /// Show the SQL and what would be lost, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { to, steps, save, no_save, yes, ignore_files, dry_run, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let saves = match (save, no_save) {
        (true, _) => Some("yes".to_owned()),
        (_, true) => Some("no".to_owned()),
        (false, false) => None,
    };
    let answers: Answers = answers.read()?.with("save", saves);
    let answers = answers.with("rollback", yes.then(|| "yes".to_owned()));
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    let extent = to.map_or(Extent::Steps(steps), Extent::To);
    let request = RollbackRequest { extent, uses_files: !ignore_files, dry_run };
    let rollback = interruption::watched(async |cancel| {
        engine::rollback(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&rollback?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, rollback: &Rollback) {
    let Rollback { datasource: _, migrations, losses, saved, not_restored, dry_run } = rollback;
    if migrations.is_empty() {
        terminal.line("Nothing to do: no migration is applied.");
        return;
    }
    if *dry_run {
        for migration in migrations {
            let source = match migration.source {
                DownSource::File => "its down.sql",
                DownSource::ByHand => "its down.sql, written by hand",
                DownSource::WorkedOut => "worked out",
            };
            terminal.line(format_args!("{FAINT}-- {}: {source}{FAINT:#}", migration.name));
            terminal.print(format_args!("{}\n", migration.script));
        }
    }
    let (gone, back) =
        if *dry_run { ("would go", "would not come back") } else { ("gone", "did not come back") };
    for loss in losses {
        terminal.line(format_args!("{BAD}{gone}:{BAD:#} {loss}"));
    }
    for line in not_restored {
        terminal.line(format_args!("{BAD}{back}:{BAD:#} {line}"));
    }
    for copy in saved {
        let of = &copy.of;
        terminal
            .line(format_args!("{GOOD}kept:{GOOD:#} {of} in undrift_backup.\"{}\"", copy.table));
    }
    if !*dry_run {
        terminal.line(format_args!("{GOOD}Taken back, and proven:{GOOD:#}"));
        for migration in migrations {
            terminal.line(format_args!("  {}", migration.name));
        }
    }
}
