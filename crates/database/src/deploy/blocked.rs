//! A migration for which a lock was not to be had: nothing of what was tried is left, so it is pending, as
//! it was before, or stands behind the statements that were done before.

use crate::ServerError;
use crate::lock::LockHolder;
use serde::Serialize;
use std::fmt;

use super::FailedStatement;

/// A migration for which a lock was not to be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// The migration.
    pub migration: String,
    /// What the server said at last.
    pub error: ServerError,
    /// The statement that waited, if that is known.
    pub statement: Option<FailedStatement>,
    /// How often it was tried.
    pub attempts: u32,
    /// How many statements of the migration took effect before, and stay: 0 where it is one transaction.
    pub statements_done: usize,
    /// The sessions that were in the way when somebody last looked.
    pub blockers: Vec<LockHolder>,
}

impl Blocked {
    /// What can be done about it.
    pub(crate) fn help(&self) -> String {
        let longer = "run the command again; --lock-timeout and --lock-retries wait longer and try more often";
        match self.blockers.first() {
            Some(holder) => format!("end what is in the way: {}  Or {longer}", holder.ending()),
            None => longer.to_owned(),
        }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = match self.attempts {
            1 => "once".to_owned(),
            attempts => format!("{attempts} times"),
        };
        write!(
            f,
            "The migration `{}` could not get a lock that it needs, tried {times}.",
            self.migration
        )?;
        match self.statements_done {
            0 => write!(f, " Nothing of it took effect; it is pending as before.")?,
            1 => write!(f, " Its first statement took effect; the next deploy goes on behind it.")?,
            done => write!(
                f,
                " Its first {done} statements took effect; the next deploy goes on behind them."
            )?,
        }
        write!(
            f,
            "\n\nDatabase error code: {}\n\nDatabase error:\n{}\n",
            self.error.sqlstate, self.error
        )?;
        if let Some(statement) = &self.statement {
            writeln!(
                f,
                "\nmigration.sql:{}:{}, statement {} of {}:\n{}",
                statement.line, statement.column, statement.number, statement.of, statement.text
            )?;
        }
        for holder in &self.blockers {
            writeln!(f, "\nIn the way is {holder}")?;
        }
        Ok(())
    }
}
