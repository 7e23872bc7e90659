//! `undrift man`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};

use super::{Invocation, Outcome};
use crate::arguments::Arguments;

/// Print the manual page, or write those of all commands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift man | man -l -
  undrift man --output ~/.local/share/man/man1")]
pub(crate) struct Flags {
    /// Write a page for each command into this folder
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

pub(crate) fn run(invocation: Invocation<'_>, flags: &Flags) -> Outcome {
    let Invocation { settings, terminal, .. } = invocation;
    let command = Arguments::command().disable_help_subcommand(true);
    let Some(folder) = &flags.output else {
        let mut page = Vec::new();
        // Writing to memory does not fail.
        drop(clap_mangen::Man::new(command).render(&mut page));
        terminal.print(String::from_utf8_lossy(&page));
        return Ok(ExitCode::SUCCESS);
    };
    let folder = settings.current_directory.join(folder);
    let written =
        std::fs::create_dir_all(&folder).and_then(|()| clap_mangen::generate_to(command, &folder));
    let error = |cause| engine::Error::File { doing: "writing", path: folder.clone(), cause };
    written.map_err(error)?;
    Ok(ExitCode::SUCCESS)
}
