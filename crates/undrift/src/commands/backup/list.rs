//! `undrift backup list`.

use std::process::ExitCode;

use clap::Args;
use engine::{BackupState, Backups};

use crate::commands::{Invocation, Outcome, project};
use crate::terminal::{BAD, FAINT, NOTICE, STRONG, Terminal};

/// Show the backups that undrift made of the database, the newest first, and how each is restored.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift backup list
  undrift backup list --json | jq -r '.backups[0].restore[0]'")]
pub(crate) struct Flags;

pub(super) async fn run(invocation: Invocation<'_>, _flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let backups = engine::backups(&project, &settings, terminal).await?;
    terminal.result(&backups, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, backups: &Backups) {
    if backups.backups.is_empty() {
        terminal.line("No backups.");
    }
    for backup in &backups.backups {
        let state = match backup.state {
            BackupState::Done => String::new(),
            BackupState::Running => {
                format!(" {NOTICE}(not whole: running, or interrupted){NOTICE:#}")
            }
            BackupState::Failed => format!(" {BAD}(failed){BAD:#}"),
        };
        terminal.line(format_args!(
            "{STRONG}{}{STRONG:#}  {} UTC{state}  {}",
            backup.id, backup.started_at, backup.made.kept
        ));
        if backup.state == BackupState::Done {
            for command in &backup.restore {
                terminal.line(format_args!("  {FAINT}restore:{FAINT:#} {command}"));
            }
        }
    }
}
