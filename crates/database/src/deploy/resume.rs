//! Going on with a migration that failed, from a statement that the caller found out.

use super::apply::{LastWord, Run};
use super::{Clock, DeployOptions};
use crate::history::{HistoryRow, JOURNAL, rolled_back, write};
use crate::progress::Progress;
use crate::{Error, Session};
use project::Migration;

/// A migration to go on with.
#[derive(Debug, Clone, Copy)]
pub struct Resumption<'a> {
    /// The migration, as it is in the folder.
    pub migration: &'a Migration,
    /// Its row of the history.
    pub row: &'a HistoryRow,
    /// How many of its statements took effect.
    pub done: usize,
}

/// Runs the statements that are left, with the lock held by the caller; those that can be in one
/// transaction are. Before the history says that the migration is applied, `prove` looks whether the
/// outcome is right, in the last transaction if there is one. If it is not, that transaction is undone and
/// the history keeps the failure.
///
/// The row goes on to count the statements that are done. If the file was changed since, the old row is
/// marked as rolled back and a new one begins.
///
/// # Errors
/// When the server refuses a statement, `prove` fails, the user interrupts, or the connection breaks.
pub async fn resume<E: From<Error> + std::fmt::Display>(
    session: &Session,
    resumption: Resumption<'_>,
    options: &DeployOptions,
    progress: &mut (dyn Progress + '_),
    prove: impl AsyncFnOnce(&Session) -> Result<(), E>,
) -> Result<(), E> {
    let Resumption { migration, row, done } = resumption;
    session.ensure_writable().await?;
    session.end_with_client().await?;
    let schema = &session.server().schema;
    let (entry, begin) = if migration.checksum == row.checksum {
        let entry = row.entry();
        let begin = entry.update_steps(schema, done, JOURNAL);
        (entry, begin)
    } else {
        let entry = Clock::new(session).entry(migration);
        let old = rolled_back(schema, &migration.name);
        let begin = format!("{old}; {}", entry.insert_started(schema, Some(JOURNAL), done));
        (entry, begin)
    };
    write(session, "recording how far a migration is", &begin).await?;
    progress.migration_started(&migration.name, done);
    let run = Run { session, options, migration, entry: &entry, last_word: LastWord::Caller };
    let last_word = run.apply(true, done, progress).await?;
    let refused = match prove(session).await {
        Ok(()) => match write(session, "recording a migration", &last_word).await {
            Ok(()) => return Ok(()),
            Err(error) => E::from(error),
        },
        Err(error) => error,
    };
    // Why the proof failed matters more than that this could not be kept.
    drop(session.run("rolling back", "ROLLBACK").await);
    let logs = format!("{JOURNAL}\n\n{refused}");
    let keep = format!("{}{}", session.restore_settings(), entry.update_failed(schema, &logs));
    drop(write(session, "recording a failed migration", &keep).await);
    Err(refused)
}
