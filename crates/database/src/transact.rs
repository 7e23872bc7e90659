//! Changes that are kept only if they turn out as they were meant.

use script::Script;

use crate::{Cancel, Error, Session};

/// How long a statement waits for a lock on a table. Whoever wants the table after us waits behind us.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '10s';\n";

/// Runs scripts in one transaction, or, where the server wants something committed before it is used, each
/// in its own. The last one is committed only after `check`, which runs in it: it looks whether all is as
/// it should be, and may write down what was done. Where it fails, the last transaction is undone.
///
/// # Errors
/// When the server refuses a statement, the check fails, the user interrupts, or the connection breaks.
pub async fn transact<E: From<Error>>(
    session: &Session,
    scripts: &[String],
    cancel: &Cancel,
    check: impl AsyncFnOnce(&Session) -> Result<(), E>,
) -> Result<(), E> {
    session.ensure_writable().await?;
    match (begin(session, &scripts.concat(), cancel).await, scripts.split_last()) {
        (Ok(()), _) => {}
        (Err(error), Some((last, first))) if wants_commit(&error) => {
            for script in first {
                begin(session, script, cancel).await?;
                session.run("committing", "COMMIT").await?;
            }
            begin(session, last, cancel).await?;
        }
        (Err(error), _) => return Err(error.into()),
    }
    let checked = check(session).await;
    match checked {
        Ok(()) if cancel.is_cancelled() => {
            session.run("rolling back", "ROLLBACK").await?;
            Err(Error::Interrupted.into())
        }
        Ok(()) => {
            session.run("committing", "COMMIT").await?;
            if scripts.iter().any(|script| Script::parse(script).changes_session()) {
                session.run("restoring settings", &session.restore_settings()).await?;
            }
            Ok(())
        }
        Err(error) => {
            // What the check found matters more than that the connection broke meanwhile.
            drop(session.run("rolling back", "ROLLBACK").await);
            Err(error)
        }
    }
}

/// Whether a label of an enum type was used before it was committed.
fn wants_commit(error: &Error) -> bool {
    matches!(error, Error::Server { cause, .. } if cause.sqlstate == "55P04")
}

/// Begins a transaction and runs a script in it.
async fn begin(session: &Session, script: &str, cancel: &Cancel) -> Result<(), Error> {
    if cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    let script = format!("BEGIN;\n{LOCK_TIMEOUT}{script}");
    let Some(error) = session.run_counting(&script, cancel).await.error else { return Ok(()) };
    let error = session.error("changing the database", &error);
    if let Error::Server { .. } = &error {
        session.run("rolling back", "ROLLBACK").await?;
    }
    Err(if cancel.is_cancelled() { Error::Interrupted } else { error })
}
