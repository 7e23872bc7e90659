//! `undrift baseline`.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use engine::{Baseline, BaselineRequest};

use super::{Invocation, Outcome, interruption, project};
use crate::terminal::Terminal;

/// Bring the history to where the database is, without touching the data.
///
/// For a database that has tables and no history, and for one that has drifted. The migration that is
/// missing is written, proven on a shadow database (the migrations must make exactly what the database
/// is, every object counted), and marked as applied. On the database nothing is run but that mark.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift baseline                        the first migration of an existing database
  undrift baseline --name hotfix_index    adopt what was changed by hand
  undrift baseline --dry-run              show the SQL, write nothing")]
pub(crate) struct Flags {
    /// The name of the new migration
    #[arg(long, short, value_name = "NAME", default_value = "baseline")]
    name: String,
    /// Prove and show it, write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { name, dry_run } = flags;
    let project = project::open(&global, &settings, terminal)?;
    #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
    let request = BaselineRequest { name, now: SystemTime::now(), dry_run };
    let baseline = interruption::watched(async |cancel| {
        engine::baseline(&project, &settings, request, cancel, terminal).await
    })
    .await;
    terminal.result(&baseline?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, baseline: &Baseline) {
    let Baseline { migrations_folder, created, script, marked, dry_run, .. } = baseline;
    if *dry_run && let Some(script) = script {
        terminal.print(format_args!("\n{script}"));
    }
    if marked.is_empty() {
        terminal.line("Nothing to do: the migrations make what the database is.");
        return;
    }
    if let Some(name) = created {
        let written = if *dry_run { "This would be written" } else { "Written" };
        terminal.line(format_args!("\n{written}: {migrations_folder}/{name}/migration.sql"));
    }
    terminal.line("Proven: the migrations make exactly what the database is.");
    let will = if *dry_run { "Would be marked" } else { "Marked" };
    terminal.line(format_args!("{will} as applied: {}", marked.join(", ")));
}
