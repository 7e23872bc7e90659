//! `undrift split`.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use engine::{DevRequest, Dialogue, Error};

use super::{Invocation, Outcome, interruption, migrate, project};
use crate::prompt::{AnswerFlags, Person};

/// Write the migration that the schema needs as several: expand, backfill, contract.
///
/// A required column is added without NOT NULL first, then filled some rows at a time, then required; what
/// is to be unique is made so at the end. In between programs of both sorts can use the database. The
/// last ones lock nobody out. All of them together make what one would have made, by proof. Nothing is
/// applied: deploy each when the programs are ready for it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift split --name add_size --fill User.size=0
  undrift split --name unique_email
  undrift split --name add_slug --fill 'Post.slug=lower(title)' --json")]
pub(crate) struct Flags {
    /// The name of the new migrations
    #[arg(long, short, value_name = "NAME")]
    name: Option<String>,
    /// The values that rows get which are there, for a required column: an SQL expression
    #[arg(long = "fill", value_name = "TABLE.COLUMN=EXPRESSION")]
    fills: Vec<String>,
    /// Do not write down.sql beside them
    #[arg(long)]
    no_down: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { name, fills, no_down, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let mut answers = answers.read()?;
    for fill in fills {
        let (column, value) = fill.split_once('=').ok_or_else(|| {
            Error::Answers(format!("--fill {fill}: it is written TABLE.COLUMN=EXPRESSION"))
        })?;
        answers = answers.with(&format!("fill:{column}"), Some(value.to_owned()));
    }
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
    let now = SystemTime::now();
    let request = DevRequest {
        name,
        create_only: true,
        with_down: !no_down,
        renames: Vec::new(),
        online: true,
        splits: true,
        now,
    };
    let developed = interruption::watched(async |cancel| {
        engine::dev(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&developed?, migrate::show_development);
    Ok(ExitCode::SUCCESS)
}
