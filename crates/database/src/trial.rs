//! Running statements only to see what the server says: nothing is kept.

use std::ops::Range;

use script::{Kind, Script};

use crate::deploy::{Located, Message, needs_client};
use crate::session::Ran;
use crate::{Cancel, Error, ScriptFailure, Session};

/// For how long a statement waits for a lock, and for how long it may run, in a trial.
const LIMITS: &str = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '60s';";

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What the server refused, if it refused something.
    pub failure: Option<ScriptFailure>,
    /// The number, from 0, of the first statement that could not be tried in a transaction, if the trial
    /// came to one; those behind it were not tried either.
    pub stopped_at: Option<usize>,
}

/// Runs statements of a script in one transaction that is rolled back in every case. What others do waits
/// for it where they need the same tables, for the time of `LIMITS` at most with each statement.
///
/// # Errors
/// When the connection breaks, or the user interrupts.
pub async fn trial(
    session: &Session,
    script: &Script<'_>,
    statements: Range<usize>,
    cancel: &Cancel,
) -> Result<Trial, Error> {
    session.ensure_writable().await?;
    if cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    session.run("beginning a trial", &format!("BEGIN; {LIMITS}")).await?;
    let tried = run(session, script, statements, cancel).await;
    session.run("ending a trial", "ROLLBACK").await?;
    session.run("restoring settings", &session.restore_settings()).await?;
    tried
}

async fn run(
    session: &Session,
    script: &Script<'_>,
    statements: Range<usize>,
    cancel: &Cancel,
) -> Result<Trial, Error> {
    let stopped = |at| Ok(Trial { failure: None, stopped_at: Some(at) });
    if !script.is_certain() {
        return stopped(statements.start);
    }
    let from = statements.start;
    for at in 0..statements.end {
        let Some(statement) = script.statements().get(at) else { break };
        if at < from && !statement.is_setting {
            continue;
        }
        match &statement.kind {
            Kind::Begin | Kind::Commit => continue,
            Kind::Rollback | Kind::Control | Kind::Alone(_) => return stopped(at),
            Kind::CopyStream if needs_client(script).is_some() => return stopped(at),
            Kind::Ordinary | Kind::AddLabel(_) | Kind::CopyStream => {}
        }
        let message = Message::verbatim(script, at..at + 1);
        let Ran { completed, error } = session.run_counting(&message.text, cancel).await;
        let Some(error) = error else { continue };
        if cancel.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let error = session.error("trying a statement", &error).into_server_error()?;
        // A label that is not committed yet, a transaction that a procedure ends, a table with events
        // that wait for the end: the transaction is in the way here, not the statement.
        if matches!(error.sqlstate.as_str(), "55P04" | "2D000" | "25001" | "55006") {
            return stopped(at);
        }
        let statement =
            message.locate(&error, completed).or(Some(Located { number: at, byte: None }));
        let statement = statement.and_then(|located| located.describe(script));
        return Ok(Trial { failure: Some(ScriptFailure { error, statement }), stopped_at: None });
    }
    // What is put off to the end of the transaction.
    let at_the_end = session.run("trying the end", "SET CONSTRAINTS ALL IMMEDIATE").await;
    let failure = match at_the_end {
        Ok(()) => None,
        Err(Error::Server { cause, .. }) => Some(ScriptFailure { error: *cause, statement: None }),
        Err(error) => return Err(error),
    };
    Ok(Trial { failure, stopped_at: None })
}
