//! `undrift snapshot`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Invocation, Outcome, project};

/// Save what the database contains to a file, to compare with later.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift snapshot -o production.json
  undrift migrate diff --from-snapshot production.json --to-schema prisma/schema.prisma")]
pub(crate) struct Flags {
    /// Where to write it; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let snapshot = engine::snapshot(&project, &settings, terminal).await?;
    if flags.output.as_os_str() == "-" {
        terminal.line(snapshot.text);
        return Ok(ExitCode::SUCCESS);
    }
    snapshot.write(&flags.output)?;
    terminal.result(&snapshot.summary, |terminal, summary| {
        terminal.line(format_args!(
            "Saved {} objects of {} to {} (fingerprint {})",
            summary.objects,
            summary.address,
            flags.output.display(),
            summary.fingerprint
        ));
    });
    Ok(ExitCode::SUCCESS)
}
