//! `undrift version`.

use std::process::ExitCode;

use clap::Args;

use super::Invocation;

/// Show the version and what this program can do on this machine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift version
  undrift version --json")]
pub(crate) struct Flags;

pub(crate) fn run(invocation: Invocation<'_>, _flags: Flags) -> ExitCode {
    let Invocation { settings, terminal, .. } = invocation;
    let version = engine::version(&settings);
    terminal.result(&version, |terminal, version| {
        let programs = if version.server_programs.is_empty() {
            "none found".to_owned()
        } else {
            version.server_programs.join(", ")
        };
        let embedded = version.embedded_postgresql.unwrap_or("not in this build");
        let commit = version.commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
        terminal.line(format_args!("undrift              : {}{commit}", version.undrift));
        terminal
            .line(format_args!("Built for            : {}, {}", version.target, version.profile));
        terminal.line(format_args!("Follows Prisma       : {}", version.follows.join(", ")));
        terminal.line(format_args!("Platform             : {}", version.platform));
        terminal.line(format_args!("Embedded PostgreSQL  : {embedded}"));
        terminal.line(format_args!("PostgreSQL programs  : {programs}"));
        terminal.line(format_args!("RDS authorities      : of {}", version.rds_authorities));
    });
    ExitCode::SUCCESS
}
