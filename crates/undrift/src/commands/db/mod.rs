//! `undrift db …`: one file for each command, and one line in each of the two tables below.

mod pull;

use clap::Subcommand;

use super::{Invocation, Outcome};

/// Work on the database itself.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  undrift db pull
  undrift db pull --print")]
pub(crate) enum Command {
    /// Write the schema of the database
    Pull(pull::Flags),
}

pub(super) async fn run(invocation: Invocation<'_>, command: Command) -> Outcome {
    match command {
        Command::Pull(flags) => pull::run(invocation, flags).await,
    }
}
