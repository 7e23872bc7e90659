//! `undrift erd`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use engine::{DiagramRequest, DiagramSource, Error};
use web::erd::{Detail, dot, mermaid, svg};

use super::{Invocation, Outcome, project};

/// Draw the tables and what refers to what.
///
/// Of the schema, if nothing else is said: no database is needed. `--database`, `--url` and `--snapshot` draw
/// what is there instead. `--since` marks what is added, changed and dropped; `--changes` draws only that,
/// with the tables next to it. The ending of the file decides on the form: an SVG picture, light or dark as
/// the reader's system is; Mermaid for Markdown; Graphviz.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift erd -o schema.svg
  undrift erd -o schema.mmd                       Mermaid, for a README
  undrift erd --changes -o change.svg             what the next migration changes
  undrift erd --changes --since database -o change.svg
  undrift erd --database -o database.svg
  undrift erd --snapshot production.json --since old.json -o since.svg")]
pub(crate) struct Flags {
    /// Where to write it: .svg, .mmd or .md, .dot or .gv; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The form, whatever the file is called
    #[arg(long, value_name = "FORM")]
    format: Option<Form>,
    /// Draw the project's database
    #[arg(long, conflicts_with = "snapshot")]
    database: bool,
    /// Draw what a file of `undrift snapshot` holds
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Mark what is other than in this: `migrations`, `database`, `schema`, a snapshot file or a URL
    #[arg(long, value_name = "SOURCE")]
    since: Option<String>,
    /// Draw only what changes, with its neighbours; since the migrations, if nothing else is said
    #[arg(long)]
    changes: bool,
    /// Which columns are drawn
    #[arg(long, value_name = "WHICH", default_value = "fitting")]
    columns: Columns,
}

/// The forms of a diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A picture
    Svg,
    /// Mermaid's erDiagram
    Mermaid,
    /// Graphviz
    Dot,
}

/// Which columns are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Columns {
    /// All, of more than 60 tables those of keys
    Fitting,
    /// All
    All,
    /// Those of primary and foreign keys, and those that change
    Keys,
    /// None
    None,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let is_standard_output = flags.output.as_os_str() == "-";
    let form = match flags.format {
        Some(form) => form,
        None => Form::of(&flags.output)?,
    };
    let project = project::open(&global, &settings, terminal)?;
    let request = DiagramRequest {
        of: match flags.snapshot {
            Some(path) => DiagramSource::Snapshot(path),
            None if flags.database || settings.url.is_some() => DiagramSource::Database,
            None => DiagramSource::Schema,
        },
        since: match flags.since.as_deref().map(since) {
            None if flags.changes => Some(DiagramSource::Migrations),
            since => since,
        },
        only_changes: flags.changes,
    };
    let diagram = engine::diagram(&project, &settings, &request, terminal).await?;
    let detail = match flags.columns {
        Columns::Fitting => Detail::Fitting,
        Columns::All => Detail::All,
        Columns::Keys => Detail::Keys,
        Columns::None => Detail::Names,
    };
    let text = match form {
        Form::Svg => svg(&diagram, detail),
        Form::Mermaid => mermaid(&diagram),
        Form::Dot => dot(&diagram),
    };
    if is_standard_output {
        terminal.print(text);
        return Ok(ExitCode::SUCCESS);
    }
    engine::write_file(&settings.current_directory.join(&flags.output), &text)?;
    terminal.result(&diagram, |terminal, diagram| {
        let [added, changed, dropped] = diagram.changed();
        let marked = match &diagram.since {
            Some(since) => {
                format!(", against {since}: {added} added, {changed} changed, {dropped} dropped")
            }
            None => String::new(),
        };
        terminal.line(format_args!(
            "Drew {} tables and {} foreign keys of {} to {}{marked}",
            diagram.tables.len(),
            diagram.relations.len(),
            diagram.of,
            flags.output.display()
        ));
    });
    Ok(ExitCode::SUCCESS)
}

impl Form {
    /// The form that a file's name asks for.
    fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("mmd" | "mermaid" | "md") => Ok(Self::Mermaid),
            Some("dot" | "gv") => Ok(Self::Dot),
            _ => Err(Error::Usage(format!(
                "-o {}: the name must end in .svg, .mmd or .dot, or --format say which form is meant",
                path.display()
            ))),
        }
    }
}

/// What `--since` names.
fn since(text: &str) -> DiagramSource {
    match text {
        "migrations" => DiagramSource::Migrations,
        "database" => DiagramSource::Database,
        "schema" => DiagramSource::Schema,
        url if url.contains("://") => DiagramSource::Url(url.to_owned()),
        path => DiagramSource::Snapshot(PathBuf::from(path)),
    }
}
