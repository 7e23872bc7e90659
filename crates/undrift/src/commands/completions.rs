//! `undrift completions`.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Invocation;
use crate::arguments::Arguments;

/// Print the completion script of a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift completions bash > ~/.local/share/bash-completion/completions/undrift
  undrift completions zsh > ~/.zfunc/_undrift")]
pub(crate) struct Flags {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(Invocation { terminal, .. }: Invocation<'_>, flags: &Flags) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut Arguments::command(), "undrift", &mut script);
    terminal.print(String::from_utf8_lossy(&script));
    ExitCode::SUCCESS
}
