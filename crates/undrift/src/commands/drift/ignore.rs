//! `undrift drift ignore`.

use std::process::ExitCode;

use clap::Args;
use engine::Ignoring;

use crate::commands::{Invocation, Outcome, project};
use crate::terminal::Terminal;

/// Declare what has drifted as meant: a rule in undrift.toml.
///
/// What a rule covers is left alone by status, drift with all its ways, migrate dev and db push.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift drift ignore public.audit_log --reason \"the audit team's\"

undrift.toml, for more than one object; all that a rule says must hold:
  [[drift.ignore]]
  object = \"cron.*\"        # the name with its schema, * is any text
  kind = \"function\"
  schema = \"cron\"
  owner = \"rds_superuser\"
  reason = \"pg_cron\"")]
pub(crate) struct Flags {
    /// The objects, by name, by kind and name, or by a pattern with *
    #[arg(value_name = "OBJECT", required = true)]
    objects: Vec<String>,
    /// Why it is meant
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { objects, reason } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let ignoring =
        engine::ignore(&project, &settings, objects, reason.as_deref(), terminal).await?;
    terminal.result(&ignoring, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, ignoring: &Ignoring) {
    let Ignoring { objects, file } = ignoring;
    terminal.line(format_args!("Ignored from now on, by {file}:"));
    for object in objects {
        terminal.line(format_args!("  {object}"));
    }
}
