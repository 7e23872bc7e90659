//! `undrift db …`: one file for each command, and one line in each of the two tables below.

mod execute;
mod pull;
mod push;
mod seed;

use clap::Subcommand;

use super::{Invocation, Outcome};

/// Work on the database itself.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  undrift db pull
  undrift db pull --print
  undrift db push
  undrift db execute --file fix.sql")]
pub(crate) enum Command {
    /// Write the schema of the database
    Pull(pull::Flags),
    /// Make the database what the schema says, without a migration
    Push(push::Flags),
    /// Run an SQL script
    Execute(execute::Flags),
    /// Run the command that fills the database with data
    Seed(seed::Flags),
}

pub(super) async fn run(invocation: Invocation<'_>, command: Command) -> Outcome {
    match command {
        Command::Pull(flags) => pull::run(invocation, flags).await,
        Command::Push(flags) => push::run(invocation, flags).await,
        Command::Execute(flags) => execute::run(invocation, flags).await,
        Command::Seed(flags) => seed::run(invocation, flags).await,
    }
}
