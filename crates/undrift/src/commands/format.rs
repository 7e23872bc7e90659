//! `undrift format`.

use std::process::ExitCode;

use clap::Args;
use engine::FormatMode;

use super::{Invocation, Outcome, project};

/// Format the schema files in place, as `prisma format` does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift format
  undrift format --check              exit code 1 when a file is not formatted")]
pub(crate) struct Flags {
    /// Change nothing; fail when a file is not formatted
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(invocation: Invocation<'_>, flags: &Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let mode = if flags.check { FormatMode::Check } else { FormatMode::Write };
    let formatting = engine::format(&project, mode, terminal.has_colors())?;
    terminal.result(&formatting, |terminal, formatting| match mode {
        FormatMode::Write => terminal.line(format_args!("Formatted {} 🚀", formatting.schema)),
        FormatMode::Check if formatting.changed.is_empty() => {
            terminal.line("All files are formatted correctly!");
        }
        FormatMode::Check => {
            for path in &formatting.changed {
                terminal.note(format_args!("not formatted: {path}"));
            }
            terminal.note("! There are unformatted files. Run undrift format to format them.");
        }
    });
    let failed = flags.check && !formatting.changed.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
