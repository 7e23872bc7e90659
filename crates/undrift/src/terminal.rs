//! The only module that writes: results to standard output, everything else to standard error.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ColorChoice;
use engine::{Backup, Described, Diagnosis, Retry};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::commands;
use crate::errors::{self, Speaker};

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
    spinner: Option<ProgressBar>,
}

/// How many applied migrations an error names one by one.
const SHOWN_APPLIED: usize = 5;

impl Terminal {
    /// Builds a terminal over the two standard streams.
    pub(crate) fn new(color: ColorChoice, json: bool) -> Self {
        let choice = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Self { choice, json, spinner: None }
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
        self.note(format_args!("{NOTICE}warning:{NOTICE:#} {text}"));
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
        let json = serde_json::to_string_pretty(value)
            .unwrap_or_else(|cause| format!("{{\"error\":{{\"message\":\"{cause}\"}}}}"));
        self.line(json);
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
        if !std::io::stderr().is_terminal() {
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
        if !self.json {
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
        if !self.json {
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
