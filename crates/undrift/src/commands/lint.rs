//! `undrift lint`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use engine::{Issue, Lint, LintRequest, LintTarget, Topic, TopicKind};

use super::{Invocation, Outcome, project};
use crate::output::{count, github, sarif, text};
use crate::terminal::{FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Say what migrations do to a database that is in use, and what to write instead.
///
/// Which locks a statement takes, and whether it reads or writes all rows meanwhile, is worked out from
/// its words and from what the migrations before it make. With --pending the size of the tables counts:
/// what is a moment's work on a small table is only noted, and is an error on a large one.
///
/// A comment allows what is meant, before a statement or behind it, or at the head of the file with an
/// empty line below it: -- undrift: allow(rule): reason
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift lint                          all migrations
  undrift lint --pending                those that the database has not; its tables' sizes count
  undrift lint --base origin/main       those of this branch: for pull requests
  undrift lint --pending --fix          rewrite them into the form that lets writes go on
  undrift lint --base origin/main --github
  undrift migrate diff ... --script | undrift lint -
  undrift lint --rules                  list the rules

Exit codes: 0 nothing, or notes and warnings only; 1 errors, or with --strict warnings.")]
pub(crate) struct Flags {
    /// Scripts, or folders of migrations; `-` is standard input
    #[arg(value_name = "FILES", conflicts_with_all = ["pending", "base"])]
    files: Vec<PathBuf>,
    /// Only the migrations that the database has not
    #[arg(long, conflicts_with = "base")]
    pending: bool,
    /// Only the migrations that were added or changed since the branch went off this commit
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// Rewrite pending migrations into their safe form; it is proved that they make the same
    #[arg(long)]
    fix: bool,
    /// Warnings fail, too
    #[arg(long)]
    strict: bool,
    /// How findings are written
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json")]
    format: Format,
    /// The same as --format sarif
    #[arg(long, conflicts_with_all = ["format", "json"])]
    sarif: bool,
    /// The same as --format github
    #[arg(long, conflicts_with_all = ["format", "json", "sarif"])]
    github: bool,
    /// List the rules, or tell about one of them
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "", conflicts_with = "fix")]
    rules: Option<String>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the lines
    Text,
    /// The result as JSON, as with --json
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    if let Some(name) = &flags.rules {
        return tell_rules(terminal, name);
    }
    let format = match (global.json, flags.sarif, flags.github) {
        (true, _, _) => Format::Json,
        (_, true, _) => Format::Sarif,
        (_, _, true) => Format::Github,
        (false, false, false) => flags.format,
    };
    let target = match (flags.files, flags.pending, flags.base) {
        (files, _, _) if matches!(files.as_slice(), [file] if file.as_os_str() == "-") => {
            let read = std::io::read_to_string(std::io::stdin());
            let error = |cause| engine::Error::File {
                doing: "reading",
                path: PathBuf::from("standard input"),
                cause,
            };
            LintTarget::Text(read.map_err(error)?)
        }
        (files, _, _) if !files.is_empty() => LintTarget::Files(files),
        (_, true, _) => LintTarget::Pending,
        (_, _, Some(base)) => LintTarget::Base(base),
        (_, false, None) => LintTarget::All,
    };
    let project = match project::open(&global, &settings, terminal) {
        Ok(project) => Some(project),
        // A script by itself needs no project.
        Err(_) if matches!(target, LintTarget::Files(_) | LintTarget::Text(_)) && !flags.fix => {
            None
        }
        Err(error) => return Err(error),
    };
    let request = LintRequest { target, fix: flags.fix };
    let lint = engine::lint(project.as_ref(), &settings, &request, terminal).await?;
    let place = match format {
        Format::Text | Format::Json => String::new(),
        Format::Sarif | Format::Github => engine::place_in_repository(&settings).await,
    };
    let issues = || lint.issues().into_iter().map(|issue| issue.below(&place));
    match format {
        Format::Text => show(terminal, &lint),
        Format::Json => terminal.json(&lint),
        Format::Sarif => {
            let is_rule = |topic: &Topic| topic.kind == TopicKind::Lint;
            terminal.json(&sarif::log(&issues().collect::<Vec<_>>(), is_rule));
        }
        Format::Github => {
            for issue in issues() {
                terminal.line(github::annotation(&issue));
            }
            terminal.line(summary(&lint));
        }
    }
    let fails = lint.errors > 0 || (flags.strict && lint.warnings > 0);
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Lists the rules, or tells about one.
fn tell_rules(terminal: &mut Terminal, name: &str) -> Outcome {
    let rules = engine::lint_rules();
    if name.is_empty() {
        for rule in rules {
            terminal.line(format_args!("{STRONG}{}{STRONG:#}  {}", rule.name, rule.finds));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(rule) = rules.iter().find(|rule| rule.name == name) else {
        let message = format!("there is no rule {name}; `undrift lint --rules` lists them");
        return Err(engine::Error::Usage(message));
    };
    terminal.line(format_args!("{STRONG}{}{STRONG:#}: {}\n\n{}", rule.name, rule.finds, rule.why));
    for (title, text) in [("Found:", rule.bad), ("Not found:", rule.good)] {
        terminal.line(format_args!("\n{FAINT}{title}{FAINT:#}"));
        for line in text.lines() {
            terminal.line(format_args!("  {line}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, lint: &Lint) {
    for fixed in &lint.fixed {
        let name = &fixed.migration;
        if let Some(reason) = &fixed.reason {
            terminal
                .line(format_args!("{NOTICE}not rewritten:{NOTICE:#} {name}, because {reason}"));
        } else {
            terminal
                .line(format_args!("{GOOD}rewritten:{GOOD:#} {name}; it makes the same, by proof"));
        }
        for file in &fixed.written {
            terminal.line(format_args!("  {file}"));
        }
    }
    let mut is_fixable = false;
    for file in &lint.files {
        for finding in &file.findings {
            is_fixable |= finding.fixable;
            let note = if finding.fixable { " (--fix)" } else { "" };
            text::show(terminal, &Issue::found(&file.path, finding), note);
        }
    }
    terminal.line(summary(lint));
    if is_fixable {
        terminal.line(format_args!(
            "{GOOD}next:{GOOD:#} undrift lint --pending --fix    (rewrites what is marked so, with proof)"
        ));
    }
}

/// What is found, in a few words.
fn summary(lint: &Lint) -> String {
    format!(
        "{}, {}, {} in {}",
        count(lint.errors, "error"),
        count(lint.warnings, "warning"),
        count(lint.notes, "note"),
        count(lint.files.len(), "file")
    )
}
