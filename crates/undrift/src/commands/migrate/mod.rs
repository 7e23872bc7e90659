//! `undrift migrate …`: one file for each command, and one line in each of the two tables below.

mod deploy;
mod dev;
mod diff;
mod reset;
mod resolve;

use clap::Subcommand;

pub(crate) use deploy::show as show_deployment;
pub(crate) use dev::show as show_development;

use super::{Invocation, Outcome, status};

/// Show, check and apply migrations.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  undrift migrate status
  undrift migrate dev --name add_users
  undrift migrate deploy
  undrift migrate diff --from-empty --to-schema prisma/schema.prisma --script")]
pub(crate) enum Command {
    /// Compare any two of: nothing, schema, migrations, database, snapshot
    Diff(Box<diff::Flags>),
    /// Say whether the migrations are applied and the database has not drifted
    Status(status::Flags),
    /// Apply the pending migrations
    Deploy(deploy::Flags),
    /// Apply pending migrations, then write and apply the one that the schema needs
    Dev(dev::Flags),
    /// Drop everything and apply all migrations
    Reset(reset::Flags),
    /// Record that a migration is in the database, or that nothing of it is left there
    Resolve(resolve::Flags),
}

pub(super) async fn run(invocation: Invocation<'_>, command: Command) -> Outcome {
    match command {
        Command::Diff(flags) => diff::run(invocation, *flags).await,
        Command::Status(flags) => status::run_migrate(invocation, flags).await,
        Command::Dev(flags) => dev::run(invocation, flags).await,
        Command::Reset(flags) => reset::run(invocation, flags).await,
        Command::Resolve(flags) => resolve::run(invocation, flags).await,
        Command::Deploy(flags) => deploy::run(invocation, flags).await,
    }
}
