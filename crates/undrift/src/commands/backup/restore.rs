//! `undrift backup restore`.

use std::process::ExitCode;

use clap::Args;
use engine::{Answers, Dialogue, RestoreRequest, RestoreTo, Restored};

use crate::commands::{Invocation, Outcome, interruption, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{FAINT, GOOD, NOTICE, Terminal};

/// Get back from a backup. What is there now stays.
///
/// Copied rows go back to their tables: rows that are missing, and values that are null now. What has
/// other values by now is only counted, and overwritten with --overwrite, behind a backup of it. If a
/// migration took the table or column away, undrift rollback brings it back first.
///
/// A dump goes into a new database, an empty one, or where nothing that is in it is there. Of a snapshot or
/// a point in time the commands of AWS are shown; with --new-instance they are carried out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift backup restore 20261201t043355123 --dry-run
  undrift backup restore 20261201t043355123 --table User --overwrite
  undrift backup restore 20261201t043355123 --into app_restored
  undrift backup restore 20261201t043355123 --to-url \"$EMPTY_DATABASE_URL\"
  undrift backup restore 20261201t043355123 --new-instance app-restored")]
pub(crate) struct Flags {
    /// The backup
    #[arg(value_name = "ID")]
    id: String,
    /// Of a dump: make a database of this name on the same server
    #[arg(long, value_name = "DATABASE", group = "to")]
    into: Option<String>,
    /// Of a dump: an empty database
    #[arg(long, value_name = "URL", group = "to")]
    to_url: Option<String>,
    /// Of a dump: the database it is of, where nothing that is in it must be there
    #[arg(long, group = "to")]
    in_place: bool,
    /// Of a snapshot or point in time: make a new instance or cluster with this name
    #[arg(long, value_name = "NAME", group = "to")]
    new_instance: Option<String>,
    /// Of copied rows: only those of this table
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Of copied rows: overwrite what has other values by now
    #[arg(long)]
    overwrite: bool,
    /// Show what would be done, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(super) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { id, into, to_url, in_place, new_instance, table, overwrite, dry_run, answers } =
        flags;
    let project = project::open(&global, &settings, terminal)?;
    let to = match (into, to_url, new_instance) {
        (Some(database), _, _) => RestoreTo::Database(database),
        (_, Some(url), _) => RestoreTo::Url(url),
        (_, _, Some(instance)) => RestoreTo::Instance(instance),
        (None, None, None) if in_place => RestoreTo::InPlace,
        (None, None, None) => RestoreTo::Default,
    };
    let request = RestoreRequest { id, to, table, overwrite, dry_run };
    let answers: Answers = answers.read()?;
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    let restored = interruption::watched(async |cancel| {
        engine::restore(&project, &settings, &request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&restored?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, restored: &Restored) {
    let Restored { datasource: _, backup, to, tables, overwritten, next, dry_run } = restored;
    terminal.line(&backup.made.kept);
    let (back, replaced) =
        if *dry_run { ("would be back", "would be overwritten") } else { ("back", "overwritten") };
    for table in tables {
        let left = match (table.differing, table.overwritten) {
            (0, _) => String::new(),
            (count, true) => format!(", {count} rows {replaced}"),
            (count, false) => {
                format!(", {NOTICE}{count} rows have other values and stay{NOTICE:#}")
            }
        };
        terminal.line(format_args!(
            "  {}: {} rows and {} values {back}{left}",
            table.of, table.rows, table.values
        ));
    }
    if let Some(id) = overwritten {
        terminal.line(format_args!(
            "What was overwritten is kept: undrift backup restore {id} --overwrite"
        ));
    }
    match to {
        Some(to) if *dry_run => terminal.line(format_args!("Would be restored to {to}")),
        Some(to) => terminal.line(format_args!("{GOOD}Restored to {to}{GOOD:#}")),
        None if *dry_run => terminal.line("Nothing was changed."),
        None => terminal.line("Nothing was done. To restore it:"),
    }
    for step in next {
        terminal.line(format_args!("  {FAINT}next:{FAINT:#} {step}"));
    }
}
