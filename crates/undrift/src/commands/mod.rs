//! The commands: one file each, and one line in each of the two tables below.

pub(crate) mod apply;
mod approve;
pub(crate) mod backup;
mod baseline;
mod check;
mod completions;
pub(crate) mod db;
mod demo;
mod differences;
mod drift;
mod env;
mod erd;
mod explain;
mod format;
mod generate;
mod init;
mod interruption;
mod itself;
mod lint;
mod local;
mod man;
mod mcp;
pub(crate) mod migrate;
pub(crate) mod plan;
mod preflight;
mod programs;
mod project;
pub(crate) mod recover;
mod repair;
mod report;
mod rollback;
mod snapshot;
mod split;
mod squash;
mod status;
mod ui;
mod validate;
mod version;
mod waiting;

use std::process::ExitCode;

use clap::Subcommand;
use engine::Renamed;

use crate::arguments::{Arguments, Global};
use crate::settings::settings;
use crate::terminal::Terminal;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say whether database, migrations and schema agree, and what to do if not
    Status(status::Flags),
    /// Show, check and apply migrations
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Say what stands in the way of a deploy, and what it would do harm to
    Preflight(preflight::Flags),
    /// Say what would be done to the database, to be looked at and agreed to
    Plan(plan::Flags),
    /// Carry out a plan
    Apply(apply::Flags),
    /// Look at a plan and approve it, so that an agent may apply it
    Approve(approve::Flags),
    /// Serve the project to coding agents
    Mcp(mcp::Flags),
    /// Work on the database itself
    #[command(subcommand)]
    Db(db::Command),
    /// Make the files of a new project
    Init(init::Flags),
    /// Keep what is in the database before it is changed; list, restore, prune
    Backup(backup::Flags),
    /// Bring the history to where the database is, without touching the data
    Baseline(baseline::Flags),
    /// Show what the database has other than its migrations make it; adopt, revert, ignore
    Drift(drift::Flags),
    /// List the environments, show what may be done to one, connect and say where that leads
    #[command(subcommand)]
    Env(env::Command),
    /// Get out of a migration that failed or was interrupted
    Recover(recover::Flags),
    /// Put right files of applied migrations that were edited, renamed or lost
    Repair(repair::Flags),
    /// Take applied migrations back, with their data kept where asked
    Rollback(rollback::Flags),
    /// Make one migration of many, equal to them by proof
    Squash(squash::Flags),
    /// Write the migration that the schema needs as several: expand, backfill, contract
    Split(split::Flags),
    /// Check what is about to be merged or deployed: for CI, with a database or without
    Check(check::Flags),
    /// Say what migrations do to a database that is in use; rewrite them into the safe form
    Lint(lint::Flags),
    /// Write all that is known to one page, to be looked at and passed on
    Report(report::Flags),
    /// Show the project and its databases as pages in the browser
    Ui(ui::Flags),
    /// Draw the tables and what refers to what
    Erd(erd::Flags),
    /// Run the generators of the schema
    Generate(generate::Flags),
    /// Check the schema
    Validate(validate::Flags),
    /// Format the schema
    Format(format::Flags),
    /// Save what a database contains to a file, to compare with later
    Snapshot(snapshot::Flags),
    /// Run the PostgreSQL that is inside undrift for other programs
    #[command(subcommand)]
    Local(local::Command),
    /// Make a small project with drift and show how it is found
    Demo(demo::Flags),
    /// Say what the code of an error or a finding means, and the ways out
    Explain(explain::Flags),
    /// Print the completion script of a shell
    Completions(completions::Flags),
    /// Print the manual page
    Man(man::Flags),
    /// Show the version and what this program can do on this machine
    Version(version::Flags),
    /// Show what this program itself is
    #[command(subcommand, name = "self")]
    Itself(itself::Command),
}

/// What every command gets.
pub(crate) struct Invocation<'a> {
    pub(crate) global: Global,
    pub(crate) settings: engine::Settings,
    pub(crate) terminal: &'a mut Terminal,
}

type Outcome = Result<ExitCode, engine::Error>;

impl Command {
    /// Whether the command itself sees to it that an interruption ends it in order.
    fn ends_in_order(&self) -> bool {
        match self {
            Self::Drift(flags) => flags.ends_in_order(),
            Self::Backup(flags) => flags.ends_in_order(),
            Self::Migrate(
                migrate::Command::Deploy(_)
                | migrate::Command::Dev(_)
                | migrate::Command::Reset(_)
                | migrate::Command::Resolve(_),
            )
            | Self::Db(db::Command::Push(_) | db::Command::Execute(_))
            | Self::Local(local::Command::Serve(_))
            | Self::Apply(_)
            | Self::Mcp(_)
            | Self::Baseline(_)
            | Self::Recover(_)
            | Self::Repair(_)
            | Self::Rollback(_)
            | Self::Split(_)
            | Self::Squash(_)
            | Self::Ui(_) => true,
            Self::Migrate(migrate::Command::Diff(_) | migrate::Command::Status(_))
            | Self::Local(
                local::Command::Start(_)
                | local::Command::Stop
                | local::Command::Url
                | local::Command::Reset,
            )
            | Self::Env(_)
            | Self::Check(_)
            | Self::Explain(_)
            | Self::Status(_)
            | Self::Approve(_)
            | Self::Db(db::Command::Pull(_) | db::Command::Seed(_))
            | Self::Erd(_)
            | Self::Generate(_)
            | Self::Init(_)
            | Self::Lint(_)
            | Self::Man(_)
            | Self::Plan(_)
            | Self::Preflight(_)
            | Self::Report(_)
            | Self::Validate(_)
            | Self::Format(_)
            | Self::Snapshot(_)
            | Self::Demo(_)
            | Self::Completions(_)
            | Self::Itself(_)
            | Self::Version(_) => false,
        }
    }
}

/// Runs the command that was typed. An interruption drops it where it is, and with it the servers
/// that it started.
pub(crate) async fn run(arguments: Arguments, terminal: &mut Terminal) -> Outcome {
    if arguments.command.ends_in_order() {
        return Box::pin(dispatch(arguments, terminal)).await;
    }
    tokio::select! {
        outcome = dispatch(arguments, terminal) => outcome,
        Ok(()) = interruption::asked() => Err(engine::Error::Interrupted),
    }
}

async fn dispatch(arguments: Arguments, terminal: &mut Terminal) -> Outcome {
    let Arguments { global, command } = arguments;
    let settings = settings(&global).map_err(engine::Error::CurrentDirectory)?;
    let invocation = Invocation { global, settings, terminal };
    match command {
        Command::Status(flags) => status::run(invocation, flags).await,
        Command::Migrate(command) => Box::pin(migrate::run(invocation, command)).await,
        Command::Db(command) => Box::pin(db::run(invocation, command)).await,
        Command::Preflight(flags) => preflight::run(invocation, flags).await,
        Command::Plan(flags) => plan::run(invocation, flags).await,
        Command::Apply(flags) => Box::pin(apply::run(invocation, flags)).await,
        Command::Approve(flags) => approve::run(invocation, flags),
        Command::Mcp(flags) => mcp::run(invocation, flags).await,
        Command::Init(flags) => init::run(invocation, flags).await,
        Command::Backup(flags) => backup::run(invocation, flags).await,
        Command::Baseline(flags) => baseline::run(invocation, flags).await,
        Command::Drift(flags) => Box::pin(drift::run(invocation, flags)).await,
        Command::Env(command) => env::run(invocation, command).await,
        Command::Recover(flags) => recover::run(invocation, flags).await,
        Command::Repair(flags) => repair::run(invocation, flags).await,
        Command::Rollback(flags) => rollback::run(invocation, flags).await,
        Command::Split(flags) => split::run(invocation, flags).await,
        Command::Squash(flags) => squash::run(invocation, flags).await,
        Command::Check(flags) => check::run(invocation, flags).await,
        Command::Explain(flags) => explain::run(invocation, &flags),
        Command::Lint(flags) => lint::run(invocation, flags).await,
        Command::Report(flags) => report::run(invocation, flags).await,
        Command::Ui(flags) => ui::run(invocation, flags).await,
        Command::Erd(flags) => erd::run(invocation, flags).await,
        Command::Generate(flags) => generate::run(invocation, flags).await,
        Command::Man(flags) => man::run(invocation, &flags),
        Command::Validate(flags) => validate::run(invocation, flags),
        Command::Format(flags) => format::run(invocation, &flags),
        Command::Snapshot(flags) => snapshot::run(invocation, flags).await,
        Command::Local(command) => local::run(invocation, command).await,
        Command::Demo(flags) => demo::run(invocation, flags).await,
        Command::Completions(flags) => Ok(completions::run(invocation, &flags)),
        Command::Version(flags) => Ok(version::run(invocation, flags)),
        Command::Itself(itself::Command::Version(flags)) => Ok(version::run(invocation, flags)),
    }
}

/// Shows what has got another name.
fn show_renamed(terminal: &mut Terminal, renamed: &[Renamed]) {
    if !renamed.is_empty() {
        terminal.line("\nRenamed, with what is in it:\n");
    }
    for Renamed { from, to } in renamed {
        terminal.line(format_args!("  • {from} → {to}"));
    }
}
