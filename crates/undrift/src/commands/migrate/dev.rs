//! `undrift migrate dev`.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use engine::{Created, DevRequest, Development, Dialogue};

use crate::commands::waiting::WaitingFlags;
use crate::commands::{Invocation, Outcome, interruption, programs, project, show_renamed};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::Terminal;

/// Apply pending migrations, then write and apply the one that the schema needs.
///
/// Works without a terminal, too: what it would ask has a flag, and a question that nobody answers
/// ends it with exit code 130 before anything is written, with --json as data. Drift never ends in a
/// reset: it is shown, with the commands that repair it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift migrate dev --name add_users
  undrift migrate dev --name add_users --create-only      write it, do not apply it
  undrift migrate dev --name full_name --rename User.name:fullName
  undrift migrate dev --name add_index --online           for tables in use: no lock that blocks them
  undrift migrate dev --name drop_age --answer data-loss=yes")]
pub(crate) struct Flags {
    /// The name of the new migration
    #[arg(long, short, value_name = "NAME")]
    name: Option<String>,
    /// Write the new migration, do not apply it
    #[arg(long)]
    create_only: bool,
    /// Do not write down.sql, which takes the migration back, beside it
    #[arg(long)]
    no_down: bool,
    /// Something has another name and keeps its data [Model.old:new, Enum.OLD:NEW, Old:New]
    #[arg(long = "rename", value_name = "OLD:NEW")]
    renames: Vec<String>,
    /// Write it in the form that lets a database in use go on: indexes CONCURRENTLY, constraints validated
    /// afterwards; it takes more than one migration then, which make the same, by proof
    #[arg(long)]
    online: bool,
    /// Accepted as Prisma 6 does; nothing is seeded
    #[arg(long, hide = true)]
    skip_seed: bool,
    /// Do not run the generators afterwards, as Prisma 6 does
    #[arg(long)]
    skip_generate: bool,
    #[command(flatten)]
    answers: AnswerFlags,
    #[command(flatten)]
    waiting: WaitingFlags,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let settings = flags.waiting.within(settings);
    let Flags { name, create_only, no_down, renames, online, skip_generate, answers, .. } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let mut person = Person::at_terminal(global.json);
    let dialogue = Dialogue::new(answers.read()?, &mut person);
    #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
    let now = SystemTime::now();
    let request = DevRequest {
        name,
        create_only,
        with_down: !no_down,
        renames,
        online,
        splitting: None,
        now,
    };
    let developed = interruption::watched(async |cancel| {
        engine::dev(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&developed?, show);
    if !skip_generate && !create_only {
        programs::generate_after(&project, &settings, terminal).await?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn show(terminal: &mut Terminal, development: &Development) {
    let Development { applied, created, renamed, .. } = development;
    if !applied.is_empty() {
        terminal.line("\nThe following migration(s) have been applied:\n\nmigrations/");
        for migration in applied {
            terminal.line(format_args!("  └─ {}/\n    └─ migration.sql", migration.name));
        }
    }
    show_renamed(terminal, renamed);
    match created {
        Some(created) => show_created(terminal, created),
        None if applied.is_empty() => {
            terminal.line("Already in sync, no schema change or pending migration was found.\n");
        }
        None => terminal.line("\nYour database is now in sync with your schema.\n"),
    }
}

fn show_created(terminal: &mut Terminal, created: &Created) {
    let Created { name, followed_by, migrations_folder, is_applied, .. } = created;
    if !is_applied {
        let names = std::iter::once(name).chain(followed_by).cloned().collect::<Vec<_>>();
        terminal.line(format_args!(
            "Prisma Migrate created the following migration without applying it {}\n\nYou can now \
             edit it and apply it by running undrift migrate dev.",
            names.join(", ")
        ));
        return;
    }
    terminal.line(format_args!(
        "\nThe following migration(s) have been created and applied from new schema changes:\n\n\
         {migrations_folder}/"
    ));
    for name in std::iter::once(name).chain(followed_by) {
        terminal.line(format_args!("  └─ {name}/\n    └─ migration.sql"));
    }
    terminal.line("\nYour database is now in sync with your schema.\n");
}
