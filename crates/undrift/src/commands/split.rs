//! `undrift split`.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use engine::{DevRequest, Dialogue, Error, Pace, Splitting};

use super::{Invocation, Outcome, interruption, migrate, project};
use crate::prompt::{AnswerFlags, Person};

/// Write the migration that the schema needs as several: expand, backfill, contract.
///
/// In between, programs from before and after the change can use the database. A new required column is
/// added without NOT NULL, filled, then required. A column that gets another name or type is added beside the
/// one that is there, kept in step by a trigger, filled, given its indexes and keys, and takes the other
/// one's place at the end, with views, grants and comments; a table that gets another name keeps the former
/// one as a view. Labels leave an enum type once the rows that have them have others. A column that moves to
/// another table takes its values along. What is dropped is dropped last.
///
/// Rows are filled some at a time, each lot in a transaction of its own; a run that was broken off goes on
/// with what is left. The scripts are plain SQL, which Prisma can apply, too. All of them together make
/// what the one migration would have made, by proof. Nothing is applied: deploy each when the programs are
/// ready for it. To rename at once instead: undrift migrate dev --rename
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift split --name add_size --fill User.size=0
  undrift split --name full_name --rename User.name:fullName
  undrift split --name amounts --cast 'Order.amount=round(amount * 100)::int'
  undrift split --name fewer_states --map State.DRAFT=NEW --map State.LOST=null
  undrift split --name addresses --move User.street:Address.street
  undrift split --name add_slug --fill 'Post.slug=lower(title)' --batch 500 --pause 200")]
pub(crate) struct Flags {
    /// The name of the new migrations
    #[arg(long, short, value_name = "NAME")]
    name: Option<String>,
    /// The value that rows get which are there, for a column that is required: an SQL expression
    #[arg(long = "fill", value_name = "TABLE.COLUMN=EXPRESSION")]
    fills: Vec<String>,
    /// What has got another name: `Model.old:new`, `Old:New`, `Enum.OLD:NEW`
    #[arg(long = "rename", value_name = "FROM:TO")]
    renames: Vec<String>,
    /// How a value becomes one of the column's new type: an SQL expression
    #[arg(long = "cast", value_name = "TABLE.COLUMN=EXPRESSION")]
    casts: Vec<String>,
    /// What rows get that have a label which goes; `null` for none
    #[arg(long = "map", value_name = "ENUM.OLD=NEW")]
    maps: Vec<String>,
    /// A column that comes to another table with its values; `@FOREIGN_KEY` behind FROM says by which, if
    /// there are several
    #[arg(long = "move", value_name = "FROM.COLUMN:TO.COLUMN")]
    moves: Vec<String>,
    /// How many rows are filled in one transaction
    #[arg(long, value_name = "ROWS", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// How long to wait behind each lot of rows, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 50)]
    pause: u32,
    /// Do not write down.sql beside them
    #[arg(long)]
    no_down: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { name, fills, renames, casts, maps, moves, batch, pause, no_down, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let mut answers = answers.read()?;
    for (flag, form, texts) in [
        ("fill", "TABLE.COLUMN=EXPRESSION", fills),
        ("cast", "TABLE.COLUMN=EXPRESSION", casts),
        ("map", "ENUM.OLD=NEW", maps),
    ] {
        for text in texts {
            let (what, value) = text.split_once('=').ok_or_else(|| misspelt(flag, &text, form))?;
            answers = answers.with(&format!("{flag}:{what}"), Some(value.to_owned()));
        }
    }
    for text in moves {
        let (from, to) = text
            .rsplit_once(':')
            .ok_or_else(|| misspelt("move", &text, "FROM.COLUMN:TO.COLUMN"))?;
        answers = answers.with(&format!("move:{to}"), Some(from.to_owned()));
    }
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers, &mut person);
    #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
    let now = SystemTime::now();
    let request = DevRequest {
        name,
        create_only: true,
        with_down: !no_down,
        renames,
        online: true,
        splitting: Some(Splitting { pace: Pace { rows: batch, pause } }),
        now,
    };
    let developed = interruption::watched(async |cancel| {
        engine::dev(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&developed?, migrate::show_development);
    Ok(ExitCode::SUCCESS)
}

fn misspelt(flag: &str, text: &str, form: &str) -> Error {
    Error::Answers(format!("--{flag} {text}: it is written {form}"))
}
