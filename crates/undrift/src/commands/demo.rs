//! `undrift demo`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::Progress as _;

use super::{Invocation, Outcome, status};
use crate::terminal::{FAINT, GOOD, STRONG, Terminal};

/// Make a small project with drift and show how it is found.
///
/// Everything happens in a new folder, on the PostgreSQL that is inside undrift (or, in a build
/// without it, on a private one run from the machine's own programs).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift demo
  undrift demo ./try-undrift")]
pub(crate) struct Flags {
    /// The folder to make [default: a new one among the temporary files]
    folder: Option<PathBuf>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { settings, terminal, .. } = invocation;
    // Who tries undrift out has not installed it yet.
    let program = std::env::current_exe()
        .map_or_else(|_| "undrift".to_owned(), |program| program.display().to_string());
    let demo = engine::demo(&settings, flags.folder, terminal).await?;
    terminal.result(&demo, |terminal, demo| {
        step(terminal, 1, "a project", &format!("{} holds", demo.folder));
        for file in &demo.files {
            terminal.line(format_args!("     {file}"));
        }
        step(terminal, 2, "its migrations, deployed", "undrift migrate deploy");
        for migration in &demo.deployed {
            terminal.line(format_args!("     {GOOD}applied{GOOD:#} {migration}"));
        }
        step(terminal, 3, "somebody changes the database behind its back", "psql");
        for statement in &demo.drift {
            terminal.line(format_args!("     {statement}"));
        }
        step(terminal, 4, "undrift finds it", "undrift status");
        terminal.line("");
        terminal.datasource(&demo.status.datasource);
        terminal.migrations_found(demo.status.migrations_found, &demo.status.migrations_folder);
        status::show(terminal, &demo.status);
        step(
            terminal,
            5,
            "your turn",
            "the demo's database is in .undrift/, started when it is needed",
        );
        terminal.line(format_args!("     cd {}", demo.folder));
        for command in ["drift --sql", "drift adopt --name keep_it", "status"] {
            terminal.line(format_args!("     {program} {command}"));
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn step(terminal: &mut Terminal, number: u8, title: &str, command: &str) {
    terminal
        .line(format_args!("\n{STRONG}{number}. {title}{STRONG:#}   {FAINT}{command}{FAINT:#}"));
}
