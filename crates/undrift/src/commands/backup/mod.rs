//! `undrift backup …`: what is kept before a deploy, and how to get back from it.

mod list;
mod prune;
mod restore;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use engine::{BackedUp, Backup, BackupKind, BackupRequest, DeployRequest};

use super::{Invocation, Outcome, interruption, project};
use crate::terminal::{FAINT, GOOD, Terminal};

/// Keep what is in the database, before something is changed.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    long_about = "\
Keep what is in the database, before something is changed.

  snapshot       of the RDS instance or Aurora cluster; waits until it is whole
  point-in-time  the time that RDS can restore to, taken down
  dump           pg_dump of the whole database, in its custom format
  dump-touched   the same, of the tables that the pending migrations touch
  rows           copies of the rows and values that the pending migrations take away or change,
                 in the schema undrift_backup of the same database

Each is written down in undrift_backup.backups; how it is restored is said at once.",
    after_help = "\
Examples:
  undrift backup                        a snapshot on RDS, a dump elsewhere
  undrift backup --kind rows
  undrift backup --kind rows --tables User,billing.invoices
  undrift backup list
  undrift backup restore ID
  undrift backup prune --keep 5 --older-than 30
  undrift migrate deploy --backup=snapshot

undrift.toml, so that every deploy there makes one first:
  [environments.production]
  variable = \"PRODUCTION_URL\"
  class = \"production\"
  backup = \"snapshot\""
)]
pub(crate) struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    /// The kind of backup [default: snapshot on RDS, dump elsewhere]
    #[arg(long, value_name = "KIND")]
    kind: Option<BackupKind>,
    /// Only these tables, of a dump or of rows
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    tables: Vec<String>,
    /// Where dumps are written [default: .undrift/backups]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The instance or cluster of RDS, where the host's name does not tell it
    #[arg(long, value_name = "ID")]
    instance: Option<String>,
    /// How long a snapshot may take
    #[arg(long, value_name = "MINUTES", default_value_t = 120)]
    wait_at_most: u64,
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show the backups that there are, and how each is restored
    List(list::Flags),
    /// Get back from one
    Restore(restore::Flags),
    /// Throw old ones away
    Prune(prune::Flags),
}

impl Flags {
    /// Whether the command itself sees to it that an interruption ends it in order.
    pub(super) fn ends_in_order(&self) -> bool {
        match &self.command {
            None | Some(Command::Restore(_)) => true,
            Some(Command::List(_) | Command::Prune(_)) => false,
        }
    }
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    match flags.command {
        Some(Command::List(flags)) => return list::run(invocation, flags).await,
        Some(Command::Restore(flags)) => return restore::run(invocation, flags).await,
        Some(Command::Prune(flags)) => return prune::run(invocation, flags).await,
        None => {}
    }
    let Invocation { global, settings, terminal } = invocation;
    let Flags { command: _, kind, tables, folder, instance, wait_at_most } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let patience = Duration::from_mins(wait_at_most);
    let request = BackupRequest { kind, tables, folder, patience, instance };
    let backup = interruption::watched(async |cancel| {
        engine::backup(&project, &settings, &request, cancel, terminal).await
    })
    .await;
    terminal.result(&backup?, |terminal, BackedUp { backup, .. }| show(terminal, backup));
    Ok(ExitCode::SUCCESS)
}

/// The backup that a deploy is to make first.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Backup")]
pub(crate) struct DeployBackup {
    /// Make a backup first: snapshot, point-in-time, dump, dump-touched, rows [default: as undrift.toml
    /// says; without a kind, a snapshot on RDS, a dump elsewhere]
    #[arg(
        long,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    backup: Option<String>,
}

impl DeployBackup {
    /// What the deploy is asked for.
    pub(crate) fn request(&self) -> Result<DeployRequest, engine::Error> {
        let Some(kind) = self.backup.as_deref() else { return Ok(DeployRequest::default()) };
        let kind =
            match kind {
                "" => None,
                kind => Some(kind.parse().map_err(|problem| {
                    engine::Error::Usage(format!("--backup={kind}: {problem}"))
                })?),
            };
        Ok(DeployRequest { backup: Some(BackupRequest { kind, ..BackupRequest::default() }) })
    }
}

/// Shows a backup that is whole, and how it is restored.
pub(crate) fn show(terminal: &mut Terminal, backup: &Backup) {
    terminal.line(format_args!("{GOOD}Backup {}:{GOOD:#} {}", backup.id, backup.made.kept));
    for command in &backup.restore {
        terminal.line(format_args!("  {FAINT}restore:{FAINT:#} {command}"));
    }
}
