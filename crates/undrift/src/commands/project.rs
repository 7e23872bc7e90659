//! Opening the project for a command, with `--verbose` telling what was read from where.

use engine::{Project, Settings};

use crate::arguments::Global;
use crate::terminal::{FAINT, Terminal};

/// Finds the project and, with `--verbose`, says what was read from where.
pub(crate) fn open(
    global: &Global,
    settings: &Settings,
    terminal: &mut Terminal,
) -> Result<Project, engine::Error> {
    let project = engine::open(settings)?;
    if global.verbose {
        for read in &project.sources {
            terminal.note(format_args!("{FAINT}{read}{FAINT:#}"));
        }
    }
    for warning in &project.warnings {
        terminal.warn(warning);
    }
    Ok(project)
}
