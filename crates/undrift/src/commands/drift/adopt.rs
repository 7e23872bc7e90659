//! `undrift drift adopt`.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use engine::{AdoptRequest, Adoption, SchemaAfter};

use crate::commands::{Invocation, Outcome, interruption, project};
use crate::terminal::{NOTICE, Terminal};

/// Keep what has drifted: write the migration that makes it, prove it, mark it as applied.
///
/// On the database nothing is run but that mark. Elsewhere undrift migrate deploy runs the migration,
/// or only records it where the database already has what it makes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift drift adopt --name hotfix_index
  undrift drift adopt public.audit_log \"trigger audit on public.users\"
  undrift drift adopt --dry-run")]
pub(crate) struct Flags {
    /// The objects, by name, by kind and name, or by a pattern with *; all if there is none
    #[arg(value_name = "OBJECT")]
    objects: Vec<String>,
    /// The name of the new migration
    #[arg(long, short, value_name = "NAME", default_value = "adopt_drift")]
    name: String,
    /// Prove and show it, write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { objects, name, dry_run } = flags;
    let project = project::open(&global, &settings, terminal)?;
    #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
    let request = AdoptRequest { name, now: SystemTime::now(), objects, dry_run };
    let adoption = interruption::watched(async |cancel| {
        engine::adopt(&project, &settings, request, cancel, terminal).await
    })
    .await;
    terminal.result(&adoption?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, adoption: &Adoption) {
    let Adoption { migrations_folder, adopted, left, created, script, schema, dry_run, .. } =
        adoption;
    let Some(name) = created else {
        terminal.line("Nothing to do: the database is what the migrations make.");
        return;
    };
    if *dry_run && let Some(script) = script {
        terminal.print(format_args!("\n{script}"));
    }
    let written = if *dry_run { "This would be written" } else { "Written" };
    terminal.line(format_args!("\n{written}: {migrations_folder}/{name}/migration.sql"));
    terminal.line("Proven: with it the migrations make what the database has, for");
    for difference in adopted {
        terminal.line(format_args!("  {} {}", difference.kind.title(), difference.id));
    }
    let will = if *dry_run { "It would be marked" } else { "It is marked" };
    terminal.line(format_args!("{will} as applied on this database."));
    match schema {
        SchemaAfter::InSync => {}
        SchemaAfter::Updated { files } => {
            terminal
                .line(format_args!("The schema has been brought up to it: {}", files.join(", ")));
        }
        SchemaAfter::Left { reason } => {
            terminal.line(format_args!("{NOTICE}The schema was left alone{NOTICE:#}: {reason}"));
        }
    }
    if *left > 0 {
        terminal.line(format_args!("Other objects that still differ: {left}"));
    }
}
