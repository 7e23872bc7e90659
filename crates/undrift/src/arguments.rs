//! What can be typed: the flags that every command takes, and the table of commands.

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser};

use crate::commands::Command;

/// Detect and repair schema drift; a drop-in for `prisma migrate` and `prisma db` on PostgreSQL.
#[derive(Debug, Parser)]
#[command(
    name = "undrift",
    version,
    about,
    subcommand_required = true,
    arg_required_else_help = true,
    args_override_self = true,
    max_term_width = 100,
    after_help = "\
Examples:
  undrift demo                        see it find drift, with nothing installed
  undrift status                      is the database what the migrations make it?
  undrift migrate deploy              apply pending migrations
  undrift migrate diff --from-empty --to-schema prisma/schema.prisma --script

Exit codes: 0 done, 1 error or not in sync, 2 `migrate diff --exit-code` found differences,
130 interrupted, or a question is open: each has a flag, or --answer ID=VALUE. All of them: docs/exit-codes.md.
`undrift explain CODE` says what a code in an error or a report means.
With --json results and errors are on standard output; an error is
  { \"error\": { \"code\", \"explain\", \"message\", \"cause\", \"applied\": [], \"next\": [] } }
where code and cause may be null; open questions are in \"questions\"."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Schema file or folder [default: where Prisma looks]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Project")]
    pub(crate) schema: Option<PathBuf>,
    /// Prisma config file [default: where Prisma looks]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Project")]
    pub(crate) config: Option<PathBuf>,
    /// Database URL to use instead of the project's
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Project",
        hide_env_values = true
    )]
    pub(crate) url: Option<String>,
    /// Environment of undrift.toml whose database to use
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        conflicts_with = "url",
        help_heading = "Project"
    )]
    pub(crate) env: Option<String>,
    /// Print the result as JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,
    /// Leave out notices and what is going on; results and errors stay
    #[arg(long, short, global = true, help_heading = "Output", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show what was read from where
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
    /// When to use colours; the variable `NO_COLOR` is honoured
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: ColorChoice,
}
