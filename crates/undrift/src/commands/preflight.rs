//! `undrift preflight`.

use std::process::ExitCode;

use clap::Args;
use engine::{Preflight, PreflightFinding, Severity};

use super::{Invocation, Outcome, project};
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Say what stands in the way of a deploy, and what it would do harm to.
///
/// Looks at what the pending migrations touch: rights and owners, extensions, statements that RDS
/// refuses, sessions and prepared transactions that hold locks, autovacuum that does not give way,
/// logical replication, slots, replicas, room on disk, invalid indexes, limits, connections, windows of
/// RDS, the end of support. Every finding has its cause, its effect and the command for it. Nothing is
/// changed.
///
/// `undrift migrate deploy` looks, too, by one message to the server. On production an error stops it;
/// elsewhere all is told, and it goes on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift preflight
  undrift preflight --url \"$PRODUCTION_URL\"
  undrift preflight --json | jq '.findings[].command'

Exit codes: 0 nothing worse than a warning, 1 an error was found, or the database cannot be reached;
with --strict 1 for a warning, too")]
pub(crate) struct Flags {
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let preflight = engine::preflight(&project, &settings, terminal).await?;
    terminal.result(&preflight, show);
    let fails = preflight.errors > 0 || flags.strict && preflight.warnings > 0;
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(terminal: &mut Terminal, preflight: &Preflight) {
    let Preflight { pending, findings, unknown, class, .. } = preflight;
    terminal.line(match pending.len() {
        0 => "No pending migrations.".to_owned(),
        1 => "1 pending migration.".to_owned(),
        count => format!("{count} pending migrations."),
    });
    let groups = [
        (Severity::Error, "Errors", BAD),
        (Severity::Warning, "Warnings", NOTICE),
        (Severity::Note, "Notes", FAINT),
    ];
    for (severity, title, style) in groups {
        let own: Vec<&PreflightFinding> =
            findings.iter().filter(|it| it.severity == severity).collect();
        if own.is_empty() {
            continue;
        }
        terminal.line(format_args!("\n{style}{title}{style:#}"));
        for PreflightFinding { code, cause, effect, command, .. } in own {
            terminal.line(format_args!(
                "  {STRONG}{code}{STRONG:#}: {cause}\n    {effect}\n    {GOOD}next:{GOOD:#} {command}"
            ));
        }
    }
    if !unknown.is_empty() {
        terminal.line(format_args!("\n{NOTICE}Not known{NOTICE:#}"));
    }
    for unknown in unknown {
        terminal.line(format_args!("  {}: {}", unknown.what, unknown.reason));
    }
    terminal.line(match (preflight.errors, class.as_str()) {
        (0, _) => format!("\n{GOOD}Nothing stands in the way.{GOOD:#}"),
        (_, "production") => {
            format!("\n{BAD}A deploy would be stopped{BAD:#}: errors stop it on production.")
        }
        (_, class) => {
            format!("\n{BAD}A deploy would probably fail.{BAD:#} ({class}: it would be tried)")
        }
    });
}
