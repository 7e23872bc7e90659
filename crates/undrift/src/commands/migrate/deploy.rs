//! `undrift migrate deploy`.

use std::process::ExitCode;

use clap::Args;

use crate::commands::backup::DeployBackup;
use crate::commands::waiting::{DEFAULTS, WaitingFlags};
use crate::commands::{Invocation, Outcome, interruption, project};
use crate::terminal::Terminal;

/// Apply the pending migrations.
///
/// Each migration and its row of the history are one transaction; statements that PostgreSQL refuses
/// in a transaction are run apart and looked after. Interrupted runs go on where they stopped; when the
/// connection is lost, this one connects again and goes on, too.
///
/// First it looks what stands in the way (undrift preflight): on production an error stops it. With
/// --backup, or backup = … in undrift.toml, it goes on only behind a backup that is whole.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  undrift migrate deploy
  undrift migrate deploy --url \"$PRODUCTION_URL\"
  undrift migrate deploy --lock-timeout 500ms --lock-retries 50
  undrift migrate deploy --backup=snapshot
  undrift migrate deploy --json

Environment:
  PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK=1   do not take the migration lock

{DEFAULTS}"))]
pub(crate) struct Flags {
    #[command(flatten)]
    waiting: WaitingFlags,
    #[command(flatten)]
    backup: DeployBackup,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let settings = flags.waiting.within(settings);
    let project = project::open(&global, &settings, terminal)?;
    let request = flags.backup.request()?;
    let deployed = interruption::watched(async |cancel| {
        engine::deploy(&project, &settings, &request, cancel, terminal).await
    })
    .await;
    terminal.result(&deployed?, show);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn show(terminal: &mut Terminal, deployment: &engine::Deployment) {
    terminal.line("\n");
    let applied = &deployment.report.applied;
    if !deployment.recognised.is_empty() {
        terminal.line(format_args!(
            "Recorded and not run, since the database has what they make: {}",
            deployment.recognised.join(", ")
        ));
    }
    if applied.is_empty() {
        terminal.line("No pending migrations to apply.");
        return;
    }
    terminal.line("The following migration(s) have been applied:\n\nmigrations/");
    for migration in applied {
        terminal.line(format_args!("  └─ {}/\n    └─ migration.sql", migration.name));
        if migration.recorded {
            terminal.line("       (recorded: the database has what it stands in place of)");
        }
    }
    terminal.line("\nAll migrations have been successfully applied.");
}
