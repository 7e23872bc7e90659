//! `undrift check`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use engine::{Check, CheckRequest, CheckState, Checked, Progress as _, Severity, Topic, TopicKind};

use super::{Invocation, Outcome, project};
use crate::output::{count, github, gitlab, junit, markdown, sarif, text};
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal, as_json};

/// Check what is about to be merged or deployed, with a database or without: for CI and before a push.
///
/// Without a database: is there a migration for what the schema says; do all migrations run on an empty
/// database; are those of the base left as they are, and new ones behind them; are they in git; what do new
/// ones do to a database in use, and to its data; can they be taken back. With --database (or --url) also:
/// does the folder fit the history, has the database drifted, which data goes or stands in the way, counted.
/// What is pending is no problem. Changes nothing.
///
/// New are the migrations that the base has not: the branch named by --base, else the target of the pull
/// request that the build machine is about, else the default branch of origin. Without git all are judged.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift check                                 before a push
  undrift check --base origin/main --github     on a build machine
  undrift check --base origin/main --sarif -o undrift.sarif
  undrift check --markdown                      a comment for the pull request
  undrift check --database                      ask the project's database, too
  undrift check --url \"$STAGING_URL\"            ask this one
  undrift explain migration-behind              what a code means

Exit codes: 0 nothing, or notes and warnings only; 1 errors, or with --strict warnings, or something could
not be told, or the check could not be made. Ready files for GitHub, GitLab, pre-commit and Kubernetes: docs/ci.")]
pub(crate) struct Flags {
    /// The branch that this one goes into [default: found out]
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// Judge all migrations, not only new ones
    #[arg(long)]
    all: bool,
    /// Ask the project's database, too; --url implies it
    #[arg(long)]
    database: bool,
    /// Warnings fail, too
    #[arg(long)]
    strict: bool,
    /// How the outcome is written
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        conflicts_with = "json",
        help_heading = "Output"
    )]
    format: Format,
    /// The same as --format sarif
    #[arg(long, group = "form", conflicts_with_all = ["format", "json"], help_heading = "Output")]
    sarif: bool,
    /// The same as --format junit
    #[arg(long, group = "form", conflicts_with_all = ["format", "json"], help_heading = "Output")]
    junit: bool,
    /// The same as --format github
    #[arg(long, group = "form", conflicts_with_all = ["format", "json"], help_heading = "Output")]
    github: bool,
    /// The same as --format gitlab
    #[arg(long, group = "form", conflicts_with_all = ["format", "json"], help_heading = "Output")]
    gitlab: bool,
    /// The same as --format markdown
    #[arg(long, group = "form", conflicts_with_all = ["format", "json"], help_heading = "Output")]
    markdown: bool,
    /// Write it to this file, and the text to standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the lines
    Text,
    /// The result as JSON, as with --json
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For test reports: a test case for each check
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// Code quality of GitLab
    Gitlab,
    /// A comment for a pull request, with what the migrations do folded in
    Markdown,
}

impl Flags {
    fn format(&self, json: bool) -> Format {
        let forms = [
            (json, Format::Json),
            (self.sarif, Format::Sarif),
            (self.junit, Format::Junit),
            (self.github, Format::Github),
            (self.gitlab, Format::Gitlab),
            (self.markdown, Format::Markdown),
        ];
        forms.iter().find(|(is_asked, _)| *is_asked).map_or(self.format, |(_, format)| *format)
    }
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let format = flags.format(global.json);
    let project = project::open(&global, &settings, terminal)?;
    let request = CheckRequest {
        base: flags.base,
        all: flags.all,
        database: flags.database || settings.url.is_some(),
    };
    let mut check = engine::check(&project, &settings, &request, terminal).await?;
    if matches!(format, Format::Sarif | Format::Junit | Format::Github | Format::Gitlab)
        || format == Format::Markdown
    {
        let place = engine::place_in_repository(&settings).await;
        check = check.below(&place);
    }
    match &flags.output {
        None => terminal.print(render(&check, format, flags.strict)),
        Some(path) => {
            engine::write_file(
                &settings.current_directory.join(path),
                &render(&check, format, flags.strict),
            )?;
            show(terminal, &check, flags.strict);
        }
    }
    if flags.output.is_none() && format == Format::Text {
        show(terminal, &check, flags.strict);
    }
    Ok(if check.passes(flags.strict) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The outcome as a program reads it; nothing for people.
fn render(check: &Check, format: Format, strict: bool) -> String {
    let json = |value: &serde_json::Value| format!("{value:#}\n");
    match format {
        Format::Text => String::new(),
        Format::Json => as_json(check),
        Format::Sarif => {
            let is_ours = |topic: &Topic| matches!(topic.kind, TopicKind::Check | TopicKind::Lint);
            json(&sarif::log(check.issues(), is_ours))
        }
        Format::Junit => junit::report(check, strict),
        Format::Github => {
            let lines: String = check.issues().map(|it| github::annotation(it) + "\n").collect();
            let unknown = check.checks.iter().filter_map(github::unknown);
            let unknown: String = unknown.map(|line| line + "\n").collect();
            lines + &unknown + &summary(check) + "\n"
        }
        Format::Gitlab => json(&gitlab::report(check.issues())),
        Format::Markdown => markdown::comment(check, strict),
    }
}

fn show(terminal: &mut Terminal, check: &Check, strict: bool) {
    for issue in check.issues() {
        text::show(terminal, issue, "");
    }
    if let Some(database) = &check.database {
        terminal.datasource(database);
    }
    let width = check.checks.iter().map(|checked| checked.name.len()).max().unwrap_or_default();
    for checked in &check.checks {
        let (style, outcome) = outcome(checked, strict);
        let name = format!("{style}{outcome:7}{style:#} {:width$}  ", checked.name);
        let asks = match &checked.state {
            CheckState::Done => checked.asks.to_owned(),
            CheckState::Skipped { reason } | CheckState::Unknown { reason } => reason.clone(),
        };
        terminal.row(&name, &asks);
    }
    let judged = check.judged.len();
    let base = check.base.as_ref().map_or_else(String::new, |base| {
        let found = if base.is_found { ", found out" } else { "" };
        format!(" ({judged} judged; compared with {}{found})", base.name)
    });
    terminal.line(format_args!(
        "\n{FAINT}{} in {}{base}{FAINT:#}",
        count(check.migrations_found, "migration"),
        check.migrations_folder
    ));
    let style = if check.passes(strict) { GOOD } else { BAD };
    terminal.line(format_args!("{style}{}{style:#}", summary(check)));
    // The first of the worst.
    let worst = check.issues().min_by_key(|issue| std::cmp::Reverse(issue.severity));
    if let Some(worst) = worst.filter(|_| !terminal.is_quiet()) {
        terminal.line(format_args!("{FAINT}more: undrift explain {}{FAINT:#}", worst.code));
    }
}

/// What came of a check, in a word.
fn outcome(checked: &Checked, strict: bool) -> (anstyle::Style, &'static str) {
    match (&checked.state, checked.worst()) {
        (CheckState::Skipped { .. }, _) => (FAINT, "skipped"),
        (CheckState::Unknown { .. }, _) => (BAD, "unknown"),
        (CheckState::Done, None) => (GOOD, "ok"),
        (CheckState::Done, Some(Severity::Error)) => (BAD, "error"),
        (CheckState::Done, Some(Severity::Warning)) if strict => (BAD, "error"),
        (CheckState::Done, Some(Severity::Warning)) => (NOTICE, "warning"),
        (CheckState::Done, Some(Severity::Note)) => (STRONG, "note"),
    }
}

/// What is found, in a few words.
fn summary(check: &Check) -> String {
    let Check { errors, warnings, notes, unknown, .. } = check;
    let found =
        [count(*errors, "error"), count(*warnings, "warning"), count(*notes, "note")].join(", ");
    match unknown {
        0 => found,
        unknown => format!("{found}; {} could not be made", count(*unknown, "check")),
    }
}
