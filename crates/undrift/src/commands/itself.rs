//! `undrift self …`: the program itself.

use clap::Subcommand;

use super::version;

/// Show what this program itself is.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  undrift self version
  undrift self version --json")]
pub(crate) enum Command {
    /// Show the version and what this program can do on this machine
    Version(version::Flags),
}
