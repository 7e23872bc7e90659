//! The only module that writes: results to standard output, everything else to standard error.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ColorChoice;
use engine::{Backup, Described, Diagnosis, Retry};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::arguments::Global;
use crate::errors::{self, Speaker};
use crate::{commands, links};

/// Something good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something to look at.
pub(crate) const NOTICE: Style = AnsiColor::Yellow.on_default();
/// Something bad, or removed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Headings and names.
pub(crate) const STRONG: Style = Style::new().bold();
/// What can be skipped.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Where results and messages go. A closed pipe ends the output, not the work.
pub(crate) struct Terminal {
    choice: anstream::ColorChoice,
    json: bool,
    quiet: bool,
    /// Whether the terminal, if it is one, has links.
    links: bool,
    spinner: Option<ProgressBar>,
}

/// How many applied migrations an error names one by one.
const SHOWN_APPLIED: usize = 5;

impl Terminal {
    /// Builds a terminal over the two standard streams.
    pub(crate) fn new(global: &Global, environment: &BTreeMap<String, String>) -> Self {
        let choice = match global.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        let Global { json, quiet, .. } = *global;
        let links = links::has_links(environment);
        Self { choice, json, quiet, links, spinner: None }
    }

    /// A file's name, as a link to it where the terminal has links.
    pub(crate) fn linked_file(&self, path: &Path, text: &str) -> String {
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if self.links && std::io::stdout().is_terminal() && full.exists() {
            links::link(&links::of_file(&full), text)
        } else {
            text.to_owned()
        }
    }

    /// Whether standard output gets colours.
    pub(crate) fn has_colors(&self) -> bool {
        AutoStream::new(std::io::stdout(), self.choice).current_choice()
            != anstream::ColorChoice::Never
    }

    /// Writes text to standard output as it is.
    pub(crate) fn print(&mut self, text: impl Display) {
        self.settle();
        let mut out = AutoStream::new(std::io::stdout(), self.choice);
        drop(write!(out, "{text}"));
    }

    /// Writes a line to standard output.
    pub(crate) fn line(&mut self, text: impl Display) {
        self.print(format_args!("{text}\n"));
    }

    /// Writes a line to standard error: what is going on, not the result.
    pub(crate) fn note(&mut self, text: impl Display) {
        self.settle();
        let mut err = AutoStream::new(std::io::stderr(), self.choice);
        drop(writeln!(err, "{text}"));
    }

    /// Writes a warning to standard error.
    pub(crate) fn warn(&mut self, text: &str) {
        if !self.quiet {
            self.note(format_args!("{NOTICE}warning:{NOTICE:#} {text}"));
        }
    }

    /// Whether only results and errors are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether standard output is for the result as JSON alone.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Writes a line to standard output that is no part of the result as JSON.
    pub(crate) fn told(&mut self, text: impl Display) {
        if !self.json {
            self.line(text);
        }
    }

    /// Writes a value as JSON.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) {
        self.print(as_json(value));
    }

    /// Writes a text behind a head, wrapped to the width of the terminal and indented as far as the head
    /// is long; where it is not a terminal, in one line.
    pub(crate) fn row(&mut self, head: &str, text: &str) {
        let indent = anstream::adapter::strip_str(head).to_string().chars().count();
        self.line(format_args!("{head}{}", wrapped(text, indent, width())));
    }

    /// Where a code is told of, if a stream can show that.
    fn link_of(&self, code: &str, is_terminal: bool) -> Option<String> {
        links::of_code(code).filter(|_| self.links && is_terminal)
    }

    /// A code, as a link to what Prisma says of it where there is something and the terminal has links.
    pub(crate) fn linked_code(&self, code: &str) -> String {
        match self.link_of(code, std::io::stdout().is_terminal()) {
            Some(address) => links::link(&address, code),
            None => code.to_owned(),
        }
    }

    /// Writes the result: as JSON when that was asked for, else with the function.
    pub(crate) fn result<T: Serialize>(&mut self, result: &T, text: impl FnOnce(&mut Self, &T)) {
        if self.json {
            self.json(result);
        } else {
            text(self, result);
        }
    }

    /// Writes an error with what to do about it, and returns the exit code that it means.
    pub(crate) fn error(&mut self, error: &engine::Error, speaker: Speaker) -> ExitCode {
        let report = error.report();
        if self.json {
            let json = serde_json::json!({ "error": report });
            self.line(format_args!("{json:#}"));
        } else {
            let text = errors::text(&report, error, speaker);
            self.note(format_args!("{BAD}Error:{BAD:#} {text}"));
            if let Some(cause) = &report.cause {
                self.note(format_args!("{NOTICE}cause:{NOTICE:#} {cause}"));
            }
            if !report.applied.is_empty() {
                let applied = match report.applied.as_slice() {
                    [.., last] if report.applied.len() > SHOWN_APPLIED => {
                        format!("{} migrations up to {last}", report.applied.len())
                    }
                    applied => applied.join(", "),
                };
                self.note(format_args!(
                    "{NOTICE}applied before that, and stays:{NOTICE:#} {applied}"
                ));
            }
            for next in &report.next {
                self.note(format_args!("{GOOD}next:{GOOD:#} {next}"));
            }
            // A schema that is refused shows its lines, and there is no more to say.
            let topic = report.explain.filter(|_| !matches!(error, engine::Error::Schema { .. }));
            if let (Some(topic), false) = (topic, self.quiet) {
                let shown = match self.link_of(topic, std::io::stderr().is_terminal()) {
                    Some(address) => links::link(&address, topic),
                    None => topic.to_owned(),
                };
                self.note(format_args!("{FAINT}more: undrift explain{FAINT:#} {shown}"));
            }
        }
        ExitCode::from(error.exit_code())
    }

    /// Writes what clap has to say, and returns 0 for help and version, 1 for wrong usage.
    pub(crate) fn usage(usage: &clap::Error) -> ExitCode {
        drop(usage.print());
        if usage.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    /// Shows what takes its time, after a second of silence and only on a terminal.
    pub(crate) fn busy(&mut self, text: &str) {
        if self.quiet || !std::io::stderr().is_terminal() {
            return;
        }
        self.spinner.get_or_insert_with(spinner).set_message(text.to_owned());
    }

    fn settle(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }
}

/// A value as JSON, with the end of its last line.
pub(crate) fn as_json<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_string_pretty(value)
        .unwrap_or_else(|cause| format!("{{\"error\":{{\"message\":\"{cause}\"}}}}"));
    json + "\n"
}

/// How many characters a line of the terminal has; none if it is not one.
fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let (_, columns) = console::Term::stdout().size_checked()?;
    Some(usize::from(columns))
}

/// A text in lines of a width, the first of which begins behind an indent and the others with it.
fn wrapped(text: &str, indent: usize, width: Option<usize>) -> String {
    const NARROWEST: usize = 20;
    let Some(room) =
        width.and_then(|width| width.checked_sub(indent)).filter(|it| *it >= NARROWEST)
    else {
        return text.to_owned();
    };
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

/// A spinner that shows itself after a second: what is done sooner needs none.
fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let shown = spinner.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        if !shown.is_finished() {
            shown.set_draw_target(ProgressDrawTarget::stderr());
            shown.enable_steady_tick(Duration::from_millis(250));
        }
    });
    spinner
}

impl engine::Progress for Terminal {
    fn busy(&mut self, doing: &str) {
        Self::busy(self, doing);
    }

    // What Prisma prints before it begins, in its words.

    fn datasource(&mut self, database: &Described) {
        if !self.json && !self.quiet {
            let Described { name, database, schema, address } = database;
            self.line(format_args!(
                "Datasource \"{name}\": PostgreSQL database \"{database}\", schema \"{schema}\" at \
                 \"{address}\"\n"
            ));
        }
    }

    fn database_created(&mut self, database: &Described) {
        if !self.json {
            let Described { database, address, .. } = database;
            self.line(format_args!("PostgreSQL database {database} created at {address}\n"));
        }
    }

    fn was_reset(&mut self, database: &Described) {
        if !self.json {
            let Described { database, schema, address, .. } = database;
            self.line(format_args!(
                "The PostgreSQL database \"{database}\" schema \"{schema}\" at \"{address}\" was \
                 successfully reset.\n"
            ));
        }
    }

    fn migrations_found(&mut self, count: usize, folder: &str) {
        if !self.json && !self.quiet {
            self.line(match count {
                0 => format!("No migration found in {folder}"),
                1 => format!("1 migration found in {folder}"),
                _ => format!("{count} migrations found in {folder}"),
            });
        }
    }

    fn losses(&mut self, warnings: &[String], of: Retry) {
        if !self.json {
            let (above, heading, below) = match of {
                Retry::Dev => ("\n", "Warnings for the current datasource:", ""),
                Retry::Push => ("", "There might be data loss when applying the changes:", "\n"),
            };
            self.line(format_args!("{above}⚠️  {heading}\n"));
            for warning in warnings {
                self.line(format_args!("  • {warning}"));
            }
            self.line(below);
        }
    }

    fn diagnosed(&mut self, diagnosis: &Diagnosis) {
        if !self.json {
            commands::recover::show_diagnosis(self, diagnosis);
        }
    }

    fn backed_up(&mut self, backup: &Backup) {
        if self.json {
            // The result may never come, and this is what is needed then.
            self.note(format_args!("backup {}: {}", backup.id, backup.made.kept));
        } else {
            commands::backup::show(self, backup);
        }
    }

    fn asking(&mut self) {
        self.settle();
    }

    fn notice(&mut self, text: &str) {
        self.warn(text);
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn a_text_is_wrapped_to_the_terminal() {
        let text = "one two three four five six seven";
        assert_eq!(wrapped(text, 4, None), text);
        assert_eq!(wrapped(text, 4, Some(10)), text, "too narrow to be wrapped");
        assert_eq!(wrapped(text, 4, Some(24)), "one two three four\n    five six seven");
    }
}
