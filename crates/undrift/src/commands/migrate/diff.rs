//! `undrift migrate diff`: the flags of Prisma 6 and 7, both at once.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use engine::{DiffRequest, Pair, Source};

use crate::commands::{Invocation, Outcome, project};

/// Compare any two of: nothing, schema, migrations, database, snapshot.
///
/// The answer is what has to be done to turn the first into the second.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("from").required(true).multiple(false),
    group = ArgGroup::new("to").required(true).multiple(false),
    after_help = "\
Examples:
  The SQL of a whole schema
    undrift migrate diff --from-empty --to-schema prisma/schema.prisma --script
  What the next migration has to do
    undrift migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --script
  The same, with a column that has another name and keeps its data
    undrift migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --script \
      --rename User.name:fullName
  Is the database what the migrations make it? (exit code 2 when not)
    undrift migrate diff --from-migrations prisma/migrations --to-config-datasource --exit-code"
)]
pub(crate) struct Flags {
    /// Nothing: an empty database
    #[arg(long, group = "from", help_heading = "From")]
    from_empty: bool,
    /// A schema file or folder
    #[arg(
        long,
        group = "from",
        value_name = "PATH",
        visible_alias = "from-schema-datamodel",
        help_heading = "From"
    )]
    from_schema: Option<PathBuf>,
    /// The database named in a schema file's datasource
    #[arg(long, group = "from", value_name = "PATH", help_heading = "From")]
    from_schema_datasource: Option<PathBuf>,
    /// A migrations folder, replayed on a shadow database
    #[arg(long, group = "from", value_name = "PATH", help_heading = "From")]
    from_migrations: Option<PathBuf>,
    /// The project's database
    #[arg(long, group = "from", help_heading = "From")]
    from_config_datasource: bool,
    /// A database
    #[arg(long, group = "from", value_name = "URL", help_heading = "From")]
    from_url: Option<String>,
    /// A file made by `undrift snapshot`
    #[arg(long, group = "from", value_name = "FILE", help_heading = "From")]
    from_snapshot: Option<PathBuf>,

    /// Nothing: an empty database
    #[arg(long, group = "to", help_heading = "To")]
    to_empty: bool,
    /// A schema file or folder
    #[arg(
        long,
        group = "to",
        value_name = "PATH",
        visible_alias = "to-schema-datamodel",
        help_heading = "To"
    )]
    to_schema: Option<PathBuf>,
    /// The database named in a schema file's datasource
    #[arg(long, group = "to", value_name = "PATH", help_heading = "To")]
    to_schema_datasource: Option<PathBuf>,
    /// A migrations folder, replayed on a shadow database
    #[arg(long, group = "to", value_name = "PATH", help_heading = "To")]
    to_migrations: Option<PathBuf>,
    /// The project's database
    #[arg(long, group = "to", help_heading = "To")]
    to_config_datasource: bool,
    /// A database
    #[arg(long, group = "to", value_name = "URL", help_heading = "To")]
    to_url: Option<String>,
    /// A file made by `undrift snapshot`
    #[arg(long, group = "to", value_name = "FILE", help_heading = "To")]
    to_snapshot: Option<PathBuf>,

    /// Database to replay migrations on [default: one that undrift starts itself]
    #[arg(long, value_name = "URL")]
    shadow_database_url: Option<String>,
    /// Something has another name and keeps its data [Model.old:new, Enum.OLD:NEW, Old:New]
    #[arg(long = "rename", value_name = "OLD:NEW")]
    renames: Vec<String>,
    /// Print SQL instead of a summary
    #[arg(long)]
    script: bool,
    /// Exit with 2 when there is a difference
    #[arg(long)]
    exit_code: bool,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let sources = Pair::new(
        source(
            flags.from_schema,
            flags.from_schema_datasource,
            flags.from_migrations,
            flags.from_config_datasource,
            flags.from_url,
            flags.from_snapshot,
        ),
        source(
            flags.to_schema,
            flags.to_schema_datasource,
            flags.to_migrations,
            flags.to_config_datasource,
            flags.to_url,
            flags.to_snapshot,
        ),
    );
    let needs_project = [&sources.actual, &sources.desired].iter().any(|s| s.needs_project());
    let project =
        if needs_project { Some(project::open(&global, &settings, terminal)?) } else { None };
    let request = DiffRequest {
        sources,
        shadow_database_url: flags.shadow_database_url,
        renames: flags.renames,
    };
    let colors = terminal.has_colors() && flags.output.is_none();
    let diff = engine::diff(project.as_ref(), &settings, request, terminal, colors).await?;
    let differs = flags.exit_code && !diff.is_empty;
    let text = ended(if flags.script { &diff.script } else { &diff.summary });
    if let Some(path) = &flags.output {
        engine::write_file(&settings.current_directory.join(path), &text)?;
    }
    terminal.result(&diff, |terminal, _| {
        if flags.output.is_none() {
            terminal.print(&text);
        }
        // What Prisma's command line returns it prints, even when that is nothing; only to exit with 2
        // it leaves before that.
        if !differs {
            terminal.line("");
        }
    });
    Ok(if differs { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Ends a text as Prisma's engine does: its last line, and one empty line.
fn ended(text: &str) -> String {
    let line = if text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{line}\n")
}

fn source(
    schema: Option<PathBuf>,
    schema_datasource: Option<PathBuf>,
    migrations: Option<PathBuf>,
    config_datasource: bool,
    url: Option<String>,
    snapshot: Option<PathBuf>,
) -> Source {
    if let Some(path) = schema {
        Source::Schema(path)
    } else if let Some(path) = schema_datasource {
        Source::SchemaDatasource(path)
    } else if let Some(path) = migrations {
        Source::Migrations(path)
    } else if config_datasource {
        Source::Datasource
    } else if let Some(url) = url {
        Source::Url(url)
    } else if let Some(path) = snapshot {
        Source::Snapshot(path)
    } else {
        Source::Empty
    }
}
