//! `undrift recover`.

use std::process::ExitCode;

use clap::Args;
use engine::{
    Diagnosis, Dialogue, Effect, Evidence, RecoverRequest, Recovery, StatementState, Way, Witness,
};

use super::{Invocation, Outcome, interruption, project};
use crate::prompt::{AnswerFlags, Person};
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Get out of a migration that failed or was interrupted.
///
/// Works out from the database's catalog, statement by statement, what took effect, whichever tool ran
/// the migration; shows the true error; and offers what can be proven: to go on from there, to undo what
/// took effect, or to mark the migration as applied or as rolled back. The outcome is proven before the
/// history says so, in the same transaction where PostgreSQL allows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift recover                 find out, show, ask
  undrift recover --dry-run       find out and show
  undrift recover --try           see the true error on the database itself; nothing of it is kept
  undrift recover --resume        go on from where the database stands
  undrift recover --resume --from 4
                                  where the catalog does not show it")]
pub(crate) struct Flags {
    /// The migration; the one that failed first if none is named
    #[arg(value_name = "MIGRATION")]
    migration: Option<String>,
    /// Run the statements that are left
    #[arg(long, group = "way")]
    resume: bool,
    /// Undo what took effect
    #[arg(long, group = "way")]
    undo: bool,
    /// Record that all of it is in the database
    #[arg(long, group = "way")]
    mark_applied: bool,
    /// Record that nothing of it is in the database
    #[arg(long, group = "way")]
    mark_rolled_back: bool,
    /// The statement to go on from, where the catalog does not tell
    #[arg(long, value_name = "NUMBER", requires = "resume")]
    from: Option<usize>,
    /// Run what is left on the database, in a transaction that is always rolled back, to see the error
    #[arg(long = "try")]
    tries: bool,
    /// Go on where data is lost
    #[arg(long)]
    accept_data_loss: bool,
    /// Find out and show it, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

impl Flags {
    fn way(&self) -> Option<Way> {
        let flags = [self.resume, self.undo, self.mark_applied, self.mark_rolled_back];
        Way::ALL.into_iter().zip(flags).find_map(|(way, is_set)| is_set.then_some(way))
    }
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let project = project::open(&global, &settings, terminal)?;
    let way = flags.way();
    let Flags { migration, from, tries, accept_data_loss, dry_run, answers, .. } = flags;
    let mut person = Person::at_terminal(global.json);
    let accepts = accept_data_loss.then(|| "yes".to_owned());
    let answers = answers.read()?.with("data-loss", accepts);
    let dialogue = Dialogue::new(answers, &mut person);
    let request = RecoverRequest { migration, way, from, tries, dry_run };
    let recovered = interruption::watched(async |cancel| {
        engine::recover(&project, &settings, request, dialogue, cancel, terminal).await
    })
    .await;
    terminal.result(&recovered?, show);
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, recovery: &Recovery) {
    let Recovery { datasource: _, diagnosis, done, others } = recovery;
    let Some(diagnosis) = diagnosis else {
        terminal.line("Nothing to recover: no migration has failed.");
        return;
    };
    let name = &diagnosis.migration;
    match done {
        None => show_diagnosis(terminal, diagnosis),
        Some(Way::Resume) => {
            terminal.line(format_args!("{GOOD}Applied{GOOD:#}: {name}, and proven on the database."));
        }
        Some(Way::Undo) => terminal.line(format_args!(
            "{GOOD}Undone{GOOD:#}: {name}; the database is proven to be as before it. Repair the file, \
             then: undrift migrate deploy"
        )),
        Some(Way::MarkApplied) => {
            terminal.line(format_args!("{GOOD}Marked as applied{GOOD:#}: {name}, proven to be."));
        }
        Some(Way::MarkRolledBack) => terminal.line(format_args!(
            "{GOOD}Marked as rolled back{GOOD:#}: {name}; nothing of it is in the database. Repair the \
             file, then: undrift migrate deploy"
        )),
    }
    for other in others {
        terminal.line(format_args!("Failed as well: {other}. Next: undrift recover {other}"));
    }
}

/// Shows what is known about a migration that failed.
pub(crate) fn show_diagnosis(terminal: &mut Terminal, diagnosis: &Diagnosis) {
    let Diagnosis {
        migration,
        file,
        started_at,
        is_edited,
        statements,
        statements_done,
        error,
        invalid_indexes,
        differs,
        drift_elsewhere,
        ways,
    } = diagnosis;
    terminal.line(format_args!("{STRONG}{migration}{STRONG:#}, begun {started_at} UTC, {file}\n"));
    if *is_edited {
        terminal.line(format_args!(
            "{NOTICE}The file was changed since: the statements are those it has now.{NOTICE:#}\n"
        ));
    }
    for statement in statements {
        show_statement(terminal, statement, statements.len());
    }
    terminal.line("");
    if let Some(error) = error {
        let witness = match error.witness {
            Witness::History => "as the history has it",
            Witness::Shadow => "found on a shadow database: it has nothing to do with the data",
            Witness::Trial => "found by trying it; nothing of that was kept",
            Witness::TrialPassed => "by trying it; nothing of that was kept",
        };
        let at = error.statement.map(|number| format!("statement {number}, ")).unwrap_or_default();
        terminal.line(format_args!("{BAD}error{BAD:#} ({at}{witness}):"));
        for line in error.text.lines() {
            terminal.line(format_args!("  {line}"));
        }
    } else {
        terminal.line(
            "The error was not kept, and the migration passes on a shadow database. See whether it fails \
             with the data that is there: undrift recover --try",
        );
    }
    for index in invalid_indexes {
        terminal.line(format_args!("The index {index} is half built and not valid."));
    }
    if statements_done.is_empty() {
        terminal.line("\nThe database is in no state that the migration goes through. It differs from before it:");
        for difference in differs {
            terminal.line(format_args!("  {difference}"));
        }
    }
    if !drift_elsewhere.is_empty() {
        terminal.line(
            "\nThe database differs from the history elsewhere as well; that is left as it is:",
        );
        for difference in drift_elsewhere {
            terminal.line(format_args!("  {FAINT}{difference}{FAINT:#}"));
        }
    }
    if !ways.is_empty() {
        terminal.line("\nWhat can be done, and proven:");
    }
    for out in ways {
        let flag = format!("--{}", out.way);
        terminal.line(format_args!("  {GOOD}{flag:<19}{GOOD:#} {}", out.text));
        if out.way == Way::Undo {
            for statement in &out.statements {
                terminal.line(format_args!("{:22}{FAINT}{statement}{FAINT:#}", ""));
            }
        }
        for loss in &out.losses {
            terminal.line(format_args!("{:22}{BAD}lost:{BAD:#} {loss}", ""));
        }
        for empty in &out.comes_back_empty {
            terminal.line(format_args!("{:22}{NOTICE}comes back empty:{NOTICE:#} {empty}", ""));
        }
    }
}

fn show_statement(terminal: &mut Terminal, statement: &StatementState, of: usize) {
    let StatementState { number, line, text, effect, evidence } = statement;
    let width = of.to_string().len();
    let (style, mark) = match effect {
        Effect::Yes => (GOOD, "yes"),
        Effect::No => (FAINT, "no"),
        Effect::Half => (BAD, "half"),
        Effect::CannotBeSeen => (NOTICE, "cannot be seen"),
        Effect::Other => (BAD, "neither"),
        Effect::None => (FAINT, "-"),
    };
    let how = match (effect, evidence) {
        (Effect::Yes, Evidence::Order) => " (a later one did)",
        (_, Evidence::Journal) => " (counted)",
        _ => "",
    };
    terminal.line(format_args!(
        "  {number:>width$}  {FAINT}line {line:<4}{FAINT:#} {style}{mark:<14}{style:#}  {text}{FAINT}{how}{FAINT:#}"
    ));
}
