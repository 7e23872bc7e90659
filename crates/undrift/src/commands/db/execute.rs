//! `undrift db execute`.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::{Error, Executed, ResultSet};

use crate::commands::{Invocation, Outcome, interruption, project};
use crate::terminal::{FAINT, STRONG, Terminal};

/// Run an SQL script on the database.
///
/// The script is one transaction, unless it has its own. Rows and notices are shown with --verbose and
/// --json. What destroys data by its words is refused on production: it belongs into a migration.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift db execute --file fix.sql
  echo 'SELECT count(*) FROM \"User\"' | undrift db execute --stdin --verbose
  undrift db execute --file fix.sql --url \"$STAGING_URL\"")]
pub(crate) struct Flags {
    /// The file with the script
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Read the script from standard input
    #[arg(long)]
    stdin: bool,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let usage = |text: &str| Error::Usage(format!("{text}\nSee `undrift db execute -h`"));
    let script = match (flags.file, flags.stdin) {
        (Some(_), true) => {
            return Err(usage(
                "--stdin and --file cannot be used at the same time. Only 1 must be provided.",
            ));
        }
        (None, false) => return Err(usage("Either --stdin or --file must be provided.")),
        (Some(path), false) => {
            let full = settings.current_directory.join(&path);
            if !full.exists() {
                let text = format!("Provided --file at {} doesn't exist.", path.display());
                return Err(Error::Usage(text));
            }
            let read = std::fs::read_to_string(&full);
            read.map_err(|cause| Error::File { doing: "reading", path: full, cause })?
        }
        (None, true) => {
            let mut script = String::new();
            let read = std::io::stdin().read_to_string(&mut script);
            let error =
                |cause| Error::File { doing: "reading", path: "standard input".into(), cause };
            read.map_err(error)?;
            script
        }
    };
    // A database that is named needs no project.
    let project = match project::open(&global, &settings, terminal) {
        Ok(project) => Some(project),
        Err(_) if settings.url.is_some() || settings.env.is_some() => None,
        Err(error) => return Err(error),
    };
    let executed = interruption::watched(async |cancel| {
        engine::execute(project.as_ref(), &settings, &script, cancel, terminal).await
    })
    .await;
    terminal.result(&executed?, |terminal, executed| {
        if global.verbose {
            show(terminal, executed);
        }
        terminal.line("Script executed successfully.");
    });
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, executed: &Executed) {
    for notice in &executed.notices {
        terminal.note(format_args!("{FAINT}{notice}{FAINT:#}"));
    }
    for result in &executed.results {
        table(terminal, result);
    }
}

/// Rows under their columns, as wide as their longest value.
fn table(terminal: &mut Terminal, ResultSet { columns, rows }: &ResultSet) {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "NULL".to_owned());
    let width = |at: usize, name: &String| {
        let values =
            rows.iter().filter_map(|row| row.get(at)).map(|value| text(value).chars().count());
        values.chain([name.chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = columns.iter().enumerate().map(|(at, name)| width(at, name)).collect();
    let line = |values: Vec<String>| {
        let cells = values.iter().zip(&widths).map(|(value, width)| format!("{value:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    terminal.line(format_args!("{STRONG}{}{STRONG:#}", line(columns.clone())));
    for row in rows {
        terminal.line(line(row.iter().map(text).collect()));
    }
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    terminal.line(format_args!("({} {noun})\n", rows.len()));
}
