//! `undrift report`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::{Project, Scope};

use super::{Invocation, Outcome, project};
use crate::settings::now;

/// Write all that is known about the project on its database to one page, to be looked at and passed on.
///
/// The page is one file and loads nothing: the state and what to do next, the migrations in the order of
/// time, drift with the SQL of both ways, what the next deploy would do with its locks and the data at stake,
/// what lint finds, and a diagram of the schema that marks what is other than in the database. It never
/// holds a password. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift report -o report.html
  undrift report --offline -o report.html      of the files alone: no database is asked
  undrift report --url \"$STAGING_URL\" -o staging.html")]
pub(crate) struct Flags {
    /// Where to write it; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Ask no database: lint, and the schema against what the migrations make
    #[arg(long)]
    offline: bool,
    /// What the page calls the project [default: the name of its folder]
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { output, offline, title } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let scope = if offline { Scope::Files } else { Scope::Database };
    let overview = engine::overview(&project, &settings, scope, now(), terminal).await?;
    let title = title.unwrap_or_else(|| name(&project));
    let page = web::report(&overview, &title);
    if output.as_os_str() == "-" {
        terminal.print(page);
        return Ok(ExitCode::SUCCESS);
    }
    engine::write_file(&settings.current_directory.join(&output), &page)?;
    terminal.result(&overview, |terminal, _| {
        terminal.line(format_args!("Wrote {} ({} kB)", output.display(), page.len() / 1000));
    });
    Ok(ExitCode::SUCCESS)
}

/// What a project is called if nobody says: as its folder is.
pub(crate) fn name(project: &Project) -> String {
    let root = project.root.canonicalize().unwrap_or_else(|_| project.root.clone());
    root.file_name().map_or_else(|| "project".to_owned(), |it| it.to_string_lossy().into_owned())
}
