//! `undrift db push`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use engine::{Dialogue, PushRequest};

use crate::commands::{Invocation, Outcome, interruption, programs, project, show_renamed};
use crate::prompt::{AnswerFlags, Person};

/// Make the database what the schema says, without a migration.
///
/// What would be lost is counted, and needs a word. All or nothing: a statement that fails leaves the
/// database as it was. Losing data is refused on production, which is every database that is not on
/// this machine and of which undrift.toml does not say otherwise.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift db push
  undrift db push --accept-data-loss
  undrift db push --rename User.name:fullName
  undrift db push --force-reset         drop everything first")]
pub(crate) struct Flags {
    /// Go on where data is lost
    #[arg(long)]
    accept_data_loss: bool,
    /// Drop everything in the database's schemas first
    #[arg(long)]
    force_reset: bool,
    /// Something has another name and keeps its data [Model.old:new, Enum.OLD:NEW, Old:New]
    #[arg(long = "rename", value_name = "OLD:NEW")]
    renames: Vec<String>,
    /// Do not run the generators afterwards, as Prisma 6 does
    #[arg(long)]
    skip_generate: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Flags { accept_data_loss, force_reset, renames, skip_generate, answers } = flags;
    let Invocation { global, settings, terminal } = invocation;
    let started = Instant::now();
    let project = project::open(&global, &settings, terminal)?;
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers.read()?, &mut person);
    let request = PushRequest { accepts_loss: accept_data_loss, resets: force_reset, renames };
    let pushed = interruption::watched(async |cancel| {
        engine::push(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&pushed?, |terminal, push| {
        if push.statements.is_empty() && !push.was_reset {
            terminal.line("The database is already in sync with the Prisma schema.\n");
            return;
        }
        if !push.warnings.is_empty() {
            terminal.line("");
        }
        show_renamed(terminal, &push.renamed);
        let took = seconds(started.elapsed());
        terminal.line(format_args!(
            "🚀  Your database is now in sync with your Prisma schema. Done in {took}\n"
        ));
    });
    if !skip_generate {
        programs::generate_after(&project, &settings, terminal).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A duration as Prisma writes it: `275ms`, `1.33s`.
fn seconds(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{}ms", took.as_millis())
    } else {
        format!("{:.2}s", took.as_secs_f64())
    }
}
