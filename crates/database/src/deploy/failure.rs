//! Migrations that failed: now, or in an earlier run.

use crate::ServerError;
use crate::history::{HistoryRow, JOURNAL, JOURNAL_UNKNOWABLE};
use script::{Place, Script};
use serde::Serialize;
use std::fmt;

/// A migration that the server stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationFailure {
    /// The migration.
    pub migration: String,
    /// What the server said; its `position` counts in what was sent, see `statement` for the file.
    pub error: ServerError,
    /// The statement it stopped at, if that is known.
    pub statement: Option<FailedStatement>,
    /// How many statements of the migration took effect before: 0 where it was one transaction. None
    /// if that is not known, as of a script that ends its transactions itself.
    pub statements_done: Option<usize>,
}

/// The statement that a migration stopped at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedStatement {
    /// Its number in the migration, from 1.
    pub number: usize,
    /// How many statements the migration has.
    pub of: usize,
    /// Its text.
    pub text: String,
    /// The line of the file that the server complains of, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// The line itself and up to four before it.
    pub excerpt: Vec<String>,
}

/// What a failure says of a migration that was one transaction.
pub(crate) const NOTHING_DONE: &str = "Nothing of this migration took effect.";

/// How much of a line is shown, in characters; data can make very long ones.
const WIDTH: usize = 200;

impl FailedStatement {
    /// Describes a statement of a script; `byte` is the place complained of, if there is one.
    pub(crate) fn new(script: &Script<'_>, number: usize, byte: Option<usize>) -> Option<Self> {
        let statement = script.statements().get(number)?;
        let Place { line, column } = script.place(byte.unwrap_or(statement.span.start));
        let first = line.saturating_sub(5);
        let shown = script::without_passwords(script.text());
        let lines = shown.lines().skip(first).take(line - first);
        Some(Self {
            number: number + 1,
            of: script.statements().len(),
            text: script::without_passwords(script.statement_text(statement)).into_owned(),
            line,
            column,
            excerpt: lines.map(|line| line.chars().take(WIDTH).collect()).collect(),
        })
    }
}

impl MigrationFailure {
    /// What can be done about it, where the error tells.
    pub fn help(&self) -> Option<String> {
        let message = &self.error.message;
        match self.error.sqlstate.as_str() {
            // undefined_file, feature_not_supported: the server lacks the extension's files.
            "58P01" | "0A000" if message.contains("extension") => Some(
                "the server that migrations are replayed on lacks this extension; install it \
                 there, or give a database on a server that has it as `shadowDatabaseUrl`"
                    .to_owned(),
            ),
            "42704" if message.contains("role") => Some(
                "roles belong to the server, not to the database: create the role in a migration, \
                 or on the server that migrations are replayed on"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl fmt::Display for MigrationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "A migration failed to apply. New migrations cannot be applied before the error is \
             recovered from. Read more about how to resolve migration issues in a production \
             database: https://pris.ly/d/migrate-resolve\n\nMigration name: {}\n\nDatabase error \
             code: {}\n\nDatabase error:\n{}\n",
            self.migration, self.error.sqlstate, self.error
        )?;
        let Some(statement) = &self.statement else { return Ok(()) };
        let first = statement.line + 1 - statement.excerpt.len();
        writeln!(f, "\nPosition:")?;
        for (number, line) in (first..).zip(&statement.excerpt) {
            writeln!(f, "{}", format!("{number:>3} {line}").trim_end())?;
        }
        writeln!(
            f,
            "\nmigration.sql:{}:{}, statement {} of {}",
            statement.line, statement.column, statement.number, statement.of
        )?;
        match self.statements_done {
            None => Ok(()),
            Some(0) => writeln!(f, "{NOTHING_DONE}"),
            Some(done) => writeln!(f, "The first {done} statements of this migration took effect."),
        }
    }
}

/// A migration that failed in an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedMigration {
    /// Its name.
    pub name: String,
    /// When it began: `2026-11-23 10:42:34.203`, UTC.
    pub started_at: String,
    /// What the history keeps of the error.
    pub logs: Option<String>,
    /// How many of its statements took effect, if it ran in steps.
    pub statements_done: Option<usize>,
    /// Whether it could go on, had the script not been changed since.
    pub edited: bool,
}

impl FailedMigration {
    /// What a row of the history says; `edited` if the migration could go on, but for a changed script.
    pub fn new(row: &HistoryRow, edited: bool) -> Self {
        Self {
            name: row.migration_name.clone(),
            started_at: row.started_at.clone(),
            logs: row.logs.clone().filter(|logs| !logs.is_empty()),
            statements_done: row.statements_done(),
            edited,
        }
    }

    /// Why it failed, in as few words as the logs allow.
    pub fn cause(&self) -> Option<String> {
        let done = self.statements_done.unwrap_or(0);
        if self.edited {
            return Some(format!(
                "it was interrupted after {done} statements, and its script is missing or was \
                 changed since, so it cannot go on"
            ));
        }
        let logs = self.logs.as_deref()?;
        if logs == JOURNAL_UNKNOWABLE {
            return Some(format!(
                "it was interrupted in statement {}, whose effect the catalog does not show",
                done + 1
            ));
        }
        let logs = logs.strip_prefix(JOURNAL).unwrap_or(logs).trim();
        // Prisma's text begins with what every failure has in common, and ends with a dump.
        let error = logs.split_once("Database error:\n").map_or(logs, |(_, error)| error);
        let error = error.split("\n\nDbError {").next().unwrap_or(error);
        Some(error.trim().to_owned())
    }
}
