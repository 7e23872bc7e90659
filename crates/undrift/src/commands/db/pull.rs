//! `undrift db pull`.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use engine::{Described, Progress, Pull, PullRequest};

use crate::commands::{Invocation, Outcome, project};
use crate::terminal::Terminal;

/// Write the schema of the database.
///
/// What only a schema can say is kept: names, the order of models, `///` comments, `@updatedAt`,
/// defaults that the client makes. What the schema language cannot say is warned of.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  Bring the schema up to date with the database
    undrift db pull
  Look at it first
    undrift db pull --print
  Begin anew, with nothing kept but datasource and generators
    undrift db pull --force
  A schema folder, and two PostgreSQL schemas
    undrift db pull --schema prisma/schema --schemas public,auth")]
pub(crate) struct Flags {
    /// Print the schema instead of writing it
    #[arg(long)]
    print: bool,
    /// Keep nothing of the schema but datasource and generators
    #[arg(long)]
    force: bool,
    /// PostgreSQL schemas to look at, instead of those of the datasource
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    schemas: Option<Vec<String>>,
    /// Of databases with documents; without effect on PostgreSQL
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, hide = true)]
    composite_type_depth: Option<i32>,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Flags { print, force, schemas, composite_type_depth: _ } = flags;
    let Invocation { global, settings, terminal } = invocation;
    let started = Instant::now();
    let project = project::open(&global, &settings, terminal)?;
    let request = PullRequest { force, schemas };
    let prints_progress = !print && !global.json;
    let mut watch = Watch { terminal, prints_progress, begun: None };
    let pulled = engine::pull(&project, &settings, &request, &mut watch).await;
    let Watch { terminal, prints_progress: _, begun } = watch;
    if let (Err(error), false) = (&pulled, global.json) {
        if let Some(schema) = &begun {
            terminal.line(format_args!("✖ {}", introspecting(schema)));
        }
        // What Prisma's engine objects to comes behind an empty line; what its command line does, not.
        let is_engines = !matches!(error.code(), None | Some("P1003" | "P4001"));
        if is_engines && (print || begun.is_some()) {
            terminal.line("");
        }
    }
    let pulled = pulled?;
    if print {
        terminal.result(&pulled, show);
        return Ok(ExitCode::SUCCESS);
    }
    pulled.write()?;
    terminal.result(&pulled, |terminal, pulled| {
        let Pull { schema, models, warning_text, .. } = pulled;
        let (noun, them) = if *models > 1 { ("models", "them") } else { ("model", "it") };
        let milliseconds = started.elapsed().as_millis();
        terminal.line(format_args!(
            "✔ Introspected {models} {noun} and wrote {them} into {schema} in {milliseconds}ms"
        ));
        terminal.line("      ");
        if !warning_text.is_empty() {
            terminal.line(warning_text);
        }
        terminal.line("Run prisma generate to generate Prisma Client.\n");
    });
    Ok(ExitCode::SUCCESS)
}

fn introspecting(schema: &str) -> String {
    format!("Introspecting based on datasource defined in {schema}")
}

/// Prints the schema; each file behind its path if there are several. Warnings are comments on standard
/// error.
fn show(terminal: &mut Terminal, pulled: &Pull) {
    let texts: Vec<String> = match pulled.files.as_slice() {
        [only] => vec![only.text.clone()],
        files => files.iter().map(|file| format!("// {}\n{}", file.path, file.text)).collect(),
    };
    terminal.line(texts.join("\n"));
    terminal.line("");
    if !pulled.warning_text.is_empty() {
        terminal.note(format_args!("\n// {}", pulled.warning_text.replace('\n', "\n// ")));
    }
}

/// Shows what is going on, unless standard output is for the schema.
struct Watch<'a> {
    terminal: &'a mut Terminal,
    prints_progress: bool,
    /// The schema, once it was said that the database is being read for it.
    begun: Option<String>,
}

impl Progress for Watch<'_> {
    fn busy(&mut self, doing: &str) {
        Progress::busy(self.terminal, doing);
    }

    fn datasource(&mut self, database: &Described) {
        if self.prints_progress {
            self.terminal.datasource(database);
        }
    }

    fn introspecting(&mut self, schema: &str) {
        if self.prints_progress {
            self.terminal.line(format_args!("- {}", introspecting(schema)));
            self.begun = Some(schema.to_owned());
        }
    }

    fn notice(&mut self, text: &str) {
        Progress::notice(self.terminal, text);
    }
}
