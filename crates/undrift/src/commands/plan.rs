//! `undrift plan`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap::ValueEnum;
use engine::{Action, PlanFile, PlanOf, PlannedScript, PlannedStatement, Severity, Stake};

use super::{Invocation, Outcome, project};
use crate::prompt::AnswerFlags;
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Say what would be done to the database, statement by statement, and write it to a file to be agreed to.
///
/// Of the pending migrations, if nothing else is said: they are tried on a shadow database; of each
/// statement the locks, what it does with the rows under them, and the data that it meets on the database
/// are told, counted there. The file holds all that as JSON, with the questions and the answers given, and
/// what it was made of: the folder and the database as they are now. `undrift apply --plan FILE` carries
/// it out if that is still so. Changes nothing; never holds a password.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift plan                                 what `migrate deploy` would do
  undrift plan -o plan.json                    the same, to be looked at and applied
  undrift plan -o plan.json --answer data-loss=yes
  undrift plan --to schema -o plan.json        what `db push` would do
  undrift plan --drift -o plan.json            what `drift revert` would do
  undrift apply --plan plan.json

Exit codes: 0 the plan is made; 130 it is made, and a question is open: answer it with --answer and make
it again; 1 it is made, and data makes it fail, or it cannot be made.")]
pub(crate) struct Flags {
    /// Write the plan to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What the database is to become
    #[arg(long, value_name = "WHAT", default_value = "migrations")]
    to: To,
    /// Plan to take back what has drifted
    #[arg(long, conflicts_with = "to")]
    drift: bool,
    #[command(flatten)]
    answers: AnswerFlags,
}

/// What the database is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// What the pending migrations make it
    Migrations,
    /// What the schema says, without a migration
    Schema,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { output, to, drift, answers } = flags;
    let project = project::open(&global, &settings, terminal)?;
    let of = match to {
        _ if drift => PlanOf::Drift,
        To::Migrations => PlanOf::Deploy,
        To::Schema => PlanOf::Schema,
    };
    let plan = engine::plan(&project, &settings, of, answers.read()?, terminal).await?;
    if let Some(path) = &output {
        plan.write(&settings.current_directory.join(path))?;
    }
    terminal.result(&plan, |terminal, plan| show(terminal, plan, output.as_deref()));
    Ok(if !plan.stops.is_empty() {
        ExitCode::FAILURE
    } else if plan.open_questions().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(OPEN)
    })
}

/// The exit code where a question is open.
const OPEN: u8 = 130;

fn show(terminal: &mut Terminal, plan: &PlanFile, output: Option<&Path>) {
    let datasource = &plan.target.datasource;
    terminal.line(format_args!(
        "Plan for the database \"{}\", schema \"{}\" at \"{}\"",
        datasource.database, datasource.schema, datasource.address
    ));
    for notice in &plan.notices {
        terminal.line(format_args!("{NOTICE}note:{NOTICE:#} {notice}"));
    }
    if plan.is_empty() && plan.stops.is_empty() {
        terminal.line("Nothing to do.");
        return;
    }
    for script in &plan.scripts {
        show_script(terminal, script);
    }
    terminal.line("");
    for loss in &plan.losses {
        terminal.line(format_args!("{BAD}lost:{BAD:#} {loss}"));
    }
    for stop in &plan.stops {
        terminal.line(format_args!("{BAD}fails:{BAD:#} {stop}"));
    }
    let open = plan.open_questions();
    for question in &open {
        let text = &question.text;
        terminal.line(format_args!("{NOTICE}open:{NOTICE:#} {text} ({})", question.flag));
    }
    if let Some(path) = output {
        terminal.line(format_args!("Written to {}", path.display()));
        if open.is_empty() && plan.stops.is_empty() {
            terminal
                .line(format_args!("{GOOD}next:{GOOD:#} undrift apply --plan {}", path.display()));
        }
    }
}

fn show_script(terminal: &mut Terminal, script: &PlannedScript) {
    let name = script.migration.as_deref().unwrap_or("in one transaction");
    let action = match script.action {
        Action::Run => "",
        Action::Resume => " goes on where it was interrupted",
        Action::Record => " is recorded: the database has what it stands in place of",
        Action::Recognise => " is recorded where the database has what it makes, and run otherwise",
    };
    terminal.line(format_args!("\n{STRONG}{name}{STRONG:#}{action}"));
    for statement in &script.statements {
        show_statement(terminal, statement);
    }
    for finding in &script.findings {
        let (style, severity) = (style(finding.severity), finding.severity);
        terminal.line(format_args!(
            "  {style}{severity}[{}]{style:#}: {}",
            finding.rule, finding.message
        ));
    }
}

fn show_statement(terminal: &mut Terminal, statement: &PlannedStatement) {
    let PlannedStatement { line, sql, is_done, in_transaction, data, findings, .. } = statement;
    let done = if *is_done { " (done)" } else { "" };
    terminal.line(format_args!("{FAINT}{line:>5}{FAINT:#}  {}{done}", shortened(sql)));
    let mut facts = Vec::new();
    for lock in &statement.locks {
        facts.push(format!("{} on {} ({} wait)", lock.mode, lock.relation, lock.mode.blocks()));
    }
    facts.extend(statement.work.and_then(work).map(str::to_owned));
    if !in_transaction {
        facts.push("outside any transaction".to_owned());
    }
    if !facts.is_empty() {
        terminal.line(format_args!("       {FAINT}{}{FAINT:#}", facts.join("; ")));
    }
    for stake in data {
        terminal.line(format_args!("       {BAD}{}{BAD:#}", told(stake)));
    }
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
        let (style, severity) = (style(finding.severity), finding.severity);
        terminal.line(format_args!(
            "       {style}{severity}[{}]{style:#}: {}",
            finding.rule, finding.message
        ));
    }
}

fn told(stake: &Stake) -> String {
    stake.to_string()
}

fn style(severity: Severity) -> anstyle::Style {
    match severity {
        Severity::Error => BAD,
        Severity::Warning => NOTICE,
        Severity::Note => FAINT,
    }
}

/// What is done with the rows, if it is worth a word.
fn work(work: engine::Work) -> Option<&'static str> {
    match work {
        engine::Work::Nothing => None,
        engine::Work::Unknown => Some("may write the table anew"),
        engine::Work::Scan => Some("all rows are read"),
        engine::Work::Index => Some("all rows are read, and an index is written"),
        engine::Work::Rewrite => Some("the table is written anew"),
    }
}

/// How much of a statement is shown, in characters.
const SHOWN: usize = 90;

/// The beginning of a statement in one line.
fn shortened(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let words = words.join(" ");
    let shown: String = words.chars().take(SHOWN).collect();
    let rest = if shown.len() < words.len() { "…" } else { "" };
    format!("{shown}{rest}")
}
