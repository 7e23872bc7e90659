//! `undrift drift …`: what has drifted, and the three ways to end it.

mod adopt;
mod ignore;
mod revert;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use engine::{Against, DriftRequest, Explained, Explanation};

pub(crate) use revert::show as show_reversion;

use super::{Invocation, Outcome, differences, project};
use crate::terminal::{BAD, FAINT, GOOD, STRONG, Terminal};

/// Show what the database has other than its migrations make it.
///
/// Every kind of object is compared: tables with all that is on them, indexes, views, functions,
/// triggers, policies, privileges, comments. Each difference comes with its probable cause, the rows of
/// the table, and what needs the object. What extensions own is no drift.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  undrift drift
  undrift drift --sql --only public.users     the SQL that would take it back, and that would keep it
  undrift drift --exit-code --json            for CI: 0 without drift, 2 with
  undrift drift --against \"$PRODUCTION_URL\"  compare with another database
  undrift drift --against production.json     compare with a file made by undrift snapshot"
)]
pub(crate) struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    /// What to compare with instead of the migrations: another database, or a file of undrift snapshot
    #[arg(long, value_name = "URL|FILE")]
    against: Option<String>,
    /// Only these objects: by name, by kind and name, or by a pattern with *
    #[arg(long, value_name = "OBJECT")]
    only: Vec<String>,
    /// Show the SQL that would end the drift, both ways
    #[arg(long)]
    sql: bool,
    /// End with exit code 2 if there is drift
    #[arg(long)]
    exit_code: bool,
}

/// How to end a drift.
#[derive(Debug, Subcommand)]
enum Command {
    /// Keep it: write the migration that makes it, proven and marked as applied
    Adopt(adopt::Flags),
    /// Take it back: make the database what the migrations make
    Revert(revert::Flags),
    /// Declare it as meant, in undrift.toml
    Ignore(ignore::Flags),
}

impl Flags {
    /// Whether the command itself sees to it that an interruption ends it in order.
    pub(super) fn ends_in_order(&self) -> bool {
        matches!(self.command, Some(Command::Adopt(_) | Command::Revert(_)))
    }
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    match flags.command {
        Some(Command::Adopt(flags)) => return Box::pin(adopt::run(invocation, flags)).await,
        Some(Command::Revert(flags)) => return Box::pin(revert::run(invocation, flags)).await,
        Some(Command::Ignore(flags)) => return ignore::run(invocation, flags).await,
        None => {}
    }
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let against = flags.against.map_or(Against::Migrations, Against::Other);
    let request = DriftRequest { against, objects: flags.only, sql: flags.sql };
    let explanation = engine::explain(&project, &settings, &request, terminal).await?;
    terminal.result(&explanation, show);
    let is_drifted = flags.exit_code && !explanation.objects.is_empty();
    Ok(if is_drifted { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

fn show(terminal: &mut Terminal, explanation: &Explanation) {
    let Explanation { datasource: _, against, objects, ignored, sql, next } = explanation;
    match objects.len() {
        0 => terminal.line(format_args!("{GOOD}No drift{GOOD:#}: everything is {against}")),
        1 => terminal.line(format_args!("{BAD}Drift{BAD:#}: 1 object is not {against}")),
        count => {
            terminal.line(format_args!("{BAD}Drift{BAD:#}: {count} objects are not {against}"));
        }
    }
    for object in objects {
        explained(terminal, object);
    }
    differences::show_ignored(terminal, ignored);
    if let Some(sql) = sql {
        script(terminal, "SQL that takes it back", &sql.revert);
        script(terminal, "SQL that keeps it elsewhere", &sql.adopt);
        for unsupported in &sql.unsupported {
            terminal.line(format_args!("{BAD}no SQL for{BAD:#} {unsupported}"));
        }
    }
    if !next.is_empty() {
        terminal.line(format_args!("\n{STRONG}Next{STRONG:#}"));
    }
    for step in next {
        terminal.line(format_args!("  {FAINT}{}:{FAINT:#}\n    {}", step.why, step.command));
    }
}

fn script(terminal: &mut Terminal, title: &str, sql: &str) {
    terminal.line(format_args!("\n{STRONG}{title}{STRONG:#}\n"));
    terminal.print(sql);
}

fn explained(terminal: &mut Terminal, object: &Explained) {
    let Explained { difference, cause, rows, needed_by } = object;
    let nowhere = if cause.is_some() { "in no migration" } else { "not there" };
    differences::show(terminal, difference, nowhere);
    if let Some(cause) = cause {
        terminal.line(format_args!("      {FAINT}{}{FAINT:#}", cause.text()));
    }
    if let Some(rows) = rows {
        let about = if rows.is_exact { "" } else { "about " };
        terminal.line(format_args!("      {FAINT}{about}{} rows{FAINT:#}", rows.number));
    }
    if !needed_by.is_empty() {
        terminal.line(format_args!("      {FAINT}needed by {}{FAINT:#}", needed_by.join(", ")));
    }
}
