//! `undrift explain`.

use std::process::ExitCode;

use clap::Args;
use engine::Topic;

use super::{Invocation, Outcome};
use crate::terminal::{FAINT, GOOD, STRONG, Terminal};

/// Say what the code of an error or a finding means, why it comes up, and the ways out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift explain P3009
  undrift explain migration-behind
  undrift explain                       list all codes
  undrift explain P3009 --json")]
pub(crate) struct Flags {
    /// The code [default: list all]
    code: Option<String>,
    /// Print all of it as a page
    #[arg(long, hide = true, conflicts_with = "code")]
    markdown: bool,
}

pub(crate) fn run(invocation: Invocation<'_>, flags: &Flags) -> Outcome {
    let Invocation { terminal, .. } = invocation;
    if flags.markdown {
        terminal.print(engine::topics_as_markdown());
        return Ok(ExitCode::SUCCESS);
    }
    match &flags.code {
        None => terminal.result(&engine::topics(), |terminal, topics| list(terminal, topics)),
        Some(code) => {
            let Some(topic) = engine::topic(code) else {
                let message = format!("there is no code {code}; `undrift explain` lists them");
                return Err(engine::Error::Usage(message));
            };
            terminal.result(&topic, show);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(terminal: &mut Terminal, topics: &[Topic]) {
    let width = topics.iter().map(|topic| topic.code.len()).max().unwrap_or_default();
    let mut last = None;
    for topic in topics {
        if last != Some(topic.kind) {
            let above = if last.is_some() { "\n" } else { "" };
            terminal.line(format_args!("{above}{STRONG}{}{STRONG:#}", topic.kind.title()));
            last = Some(topic.kind);
        }
        terminal.row(&format!("  {:width$}  ", topic.code), topic.about);
    }
}

fn show(terminal: &mut Terminal, topic: &Topic) {
    terminal.line(format_args!(
        "{STRONG}{}{STRONG:#}: {}\n",
        terminal.linked_code(topic.code),
        topic.about
    ));
    terminal.row("", topic.cause);
    if !topic.ways.is_empty() {
        terminal.line(format_args!("\n{GOOD}Ways out{GOOD:#}"));
    }
    for way in &topic.ways {
        terminal.row("  • ", way);
    }
    if !topic.example.is_empty() {
        terminal.line(format_args!("\n{FAINT}Example{FAINT:#}"));
    }
    for line in topic.example.lines() {
        terminal.line(format_args!("  {line}"));
    }
}
