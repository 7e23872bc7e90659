//! `undrift status` and `undrift migrate status`: the same answer, with different exit codes.

use std::process::ExitCode;

use clap::Args;
use engine::{Drift, Drifted, Failed, Migrations, SchemaState, Status};

use super::{Invocation, Outcome, differences, project};
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Say whether database, migrations and schema agree, and what to do if not.
///
/// Three questions: are the migrations of the folder applied and unchanged; is the database what the
/// applied migrations make it (if not, it has drifted); do the migrations make what the schema says.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift status
  undrift status --json
  undrift status --url \"$STAGING_URL\"

Exit codes:
  undrift status          0 when all three agree, 1 otherwise
  undrift migrate status  0 when the migrations are applied and there is no drift, 1 otherwise;
                          a schema without its migration does not count, as with Prisma")]
pub(crate) struct Flags;

/// `undrift status`.
pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    answer(invocation, flags, Status::is_in_sync).await
}

/// `undrift migrate status`.
pub(crate) async fn run_migrate(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    answer(invocation, flags, Status::is_database_in_sync).await
}

async fn answer(
    invocation: Invocation<'_>,
    _flags: Flags,
    is_fine: fn(&Status) -> bool,
) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let status = engine::status(&project, &settings, terminal).await?;
    terminal.result(&status, show);
    Ok(if is_fine(&status) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows a status, but for the database and the number of migrations: that has been told.
pub(crate) fn show(terminal: &mut Terminal, status: &Status) {
    migrations(terminal, status);
    drift(terminal, status);
    if status.is_database_in_sync() {
        terminal.line(format_args!("\n{GOOD}Database schema is up to date!{GOOD:#}"));
    }
    schema(terminal, &status.schema);
    if !status.next.is_empty() {
        terminal.line(format_args!("\n{STRONG}Next{STRONG:#}"));
    }
    for step in &status.next {
        terminal.line(format_args!("  {FAINT}{}:{FAINT:#}\n    {}", step.why, step.command));
    }
}

fn migrations(terminal: &mut Terminal, status: &Status) {
    let folder = &status.migrations_folder;
    let Migrations {
        has_history_table,
        needs_baseline,
        applied,
        pending,
        failed,
        edited,
        missing,
        out_of_order,
    } = &status.migrations;
    if *needs_baseline || !has_history_table && pending.is_empty() {
        terminal.line(format_args!(
            "{NOTICE}The current database is not managed by Prisma Migrate.{NOTICE:#}\n\n\
             Read more about how to baseline an existing production database:\n\
             https://pris.ly/d/migrate-baseline\n"
        ));
    }
    let diverged = !missing.is_empty() && !pending.is_empty();
    if diverged {
        terminal.line(
            "Your local migration history and the migrations table from your database are different:\n",
        );
        if let Some(last) = applied.last() {
            terminal.line(format_args!("The last common migration is: {last}\n"));
        }
    }
    if !pending.is_empty() {
        let article = if diverged { "The" } else { "Following" };
        terminal.line(format_args!("{article} {} have not yet been applied:", noun(pending.len())));
        for name in pending {
            let older = if out_of_order.contains(name) {
                format!(" {NOTICE}(older than applied ones){NOTICE:#}")
            } else {
                String::new()
            };
            terminal.line(format_args!("{name}{older}"));
        }
    }
    if !failed.is_empty() {
        terminal.line(format_args!("{BAD}Following {} have failed:{BAD:#}", noun(failed.len())));
        for migration in failed {
            let cut = if migration.is_resumable { ", cut off, can go on" } else { "" };
            let Failed { name, started_at, .. } = migration;
            terminal.line(format_args!("{name} (begun {started_at} UTC{cut})"));
            for line in migration.log.lines().filter(|line| !line.is_empty()) {
                terminal.line(format_args!("  {FAINT}{line}{FAINT:#}"));
            }
        }
    }
    if !edited.is_empty() {
        terminal.line(format_args!("{BAD}Changed after being applied:{BAD:#}"));
        for migration in edited {
            terminal.line(&migration.name);
        }
    }
    if !missing.is_empty() {
        if diverged {
            terminal.line("");
        }
        terminal.line(format_args!(
            "{BAD}The {} from the database are not found locally in {folder}:{BAD:#}",
            noun(missing.len())
        ));
        for name in missing {
            terminal.line(name);
        }
    }
}

fn noun(count: usize) -> &'static str {
    if count == 1 { "migration" } else { "migrations" }
}

fn drift(terminal: &mut Terminal, status: &Status) {
    match &status.drift {
        Drift::None { .. } if status.migrations.needs_baseline => {
            terminal.line(format_args!("\n{GOOD}The database is what the migrations make{GOOD:#}"));
        }
        Drift::None { ignored } => differences::show_ignored(terminal, ignored),
        Drift::Unknown { reason } => {
            terminal.line(format_args!("\n{NOTICE}Drift cannot be told{NOTICE:#}: {reason}"));
        }
        Drift::Found { objects, ignored } => {
            let count = match objects.len() {
                1 => "1 object is not as the migrations make it".to_owned(),
                count => format!("{count} objects are not as the migrations make them"),
            };
            terminal.line(format_args!("\n{BAD}Drift{BAD:#}: {count}"));
            for Drifted { difference, cause } in objects {
                differences::show(terminal, difference, "in no migration");
                terminal.line(format_args!("      {FAINT}{}{FAINT:#}", cause.text()));
            }
            differences::show_ignored(terminal, ignored);
        }
    }
}

fn schema(terminal: &mut Terminal, schema: &SchemaState) {
    match schema {
        SchemaState::InSync => {}
        SchemaState::Unknown { reason } => {
            terminal.line(format_args!(
                "\n{NOTICE}The schema cannot be compared with the migrations{NOTICE:#}: {reason}"
            ));
        }
        SchemaState::Ahead { changes } => {
            terminal
                .line(format_args!("\n{NOTICE}The schema says what no migration makes{NOTICE:#}:"));
            for change in changes {
                terminal.line(format_args!("  {change}"));
            }
        }
    }
}
