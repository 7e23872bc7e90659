//! Getting back to a database to which the connection was lost.
//!
//! Names are resolved anew for each attempt, since after a failover the old name leads to another
//! server, and some time passes until it does. Only a server that takes changes will do.

use crate::cancel::Cancel;
use crate::connect::connect;
use crate::lock::{LockOptions, lock_again};
use crate::patience::Pauses;
use crate::progress::Progress;
use crate::session::Backend;
use crate::{Error, Session};
use catalog::literal;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pauses between two attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// How long our former process on the server may go on before it is told to end. It works for nobody, and
/// holds the locks.
const GRACE: Duration = Duration::from_secs(3);

/// Opens a new connection for a session that lost its own, waits until what the old one ran has come to
/// its end, and takes the migration lock as often as it was held. Answers whether somebody ended the old one
/// on a server that kept running.
///
/// # Errors
/// The one that the connection was lost with, with what stood in the way last, if there is no server that
/// takes changes in time; that the lock is held by somebody else; that the user interrupts.
pub(crate) async fn reconnect(
    session: &Session,
    within: Duration,
    lock: LockOptions,
    seed: u64,
    cancel: &Cancel,
    progress: &mut dyn Progress,
) -> Result<bool, Error> {
    let started = Instant::now();
    let former = session.backend();
    for pause in Pauses::new(FIRST_PAUSE, LONGEST_PAUSE, seed) {
        let attempt = async {
            let fresh = open(session).await?;
            outlive(&fresh, &former, within.saturating_sub(started.elapsed()), cancel).await?;
            Ok::<Session, Error>(fresh)
        };
        let attempt = tokio::select! {
            attempt = attempt => attempt,
            () = cancel.cancelled() => return Err(Error::Interrupted),
        };
        let waited = started.elapsed();
        let error = match attempt {
            Ok(fresh) => {
                let kept_running = fresh.backend().server_started == former.server_started;
                let was_meant = session.was_ended_by_command() && kept_running;
                session.take_over(&fresh);
                // The connection itself goes on in the session.
                drop(fresh);
                match lock_again(session, lock, cancel, progress).await {
                    Ok(()) => {
                        progress.reconnected(waited);
                        return Ok(was_meant);
                    }
                    Err(error @ Error::ConnectionClosed { .. }) => error,
                    Err(error) => return Err(error),
                }
            }
            Err(error @ (Error::DatabaseMissing { .. } | Error::Interrupted)) => return Err(error),
            Err(error) => error,
        };
        if waited + pause >= within {
            return Err(error);
        }
        progress.reconnecting(waited, within, &summary(&error));
        tokio::select! {
            () = sleep(pause) => {}
            () = cancel.cancelled() => return Err(Error::Interrupted),
        }
    }
    Err(Error::Interrupted)
}

/// A connection to a server that takes changes, with the session's settings.
async fn open(session: &Session) -> Result<Session, Error> {
    let route = session.route();
    let fresh = connect(&route.url, &route.options).await?;
    // Which endpoint it is was judged when the session began.
    crate::writable::ensure_writer(&fresh)?;
    fresh.run("restoring settings", &session.settings()).await?;
    Ok(fresh)
}

/// Waits until a process on the server is gone: what it runs can still be committed. After a while it is
/// told to end.
async fn outlive(
    fresh: &Session,
    former: &Backend,
    limit: Duration,
    cancel: &Cancel,
) -> Result<(), Error> {
    let started = Instant::now();
    let question = format!(
        "SELECT pid FROM pg_catalog.pg_stat_activity WHERE pid = {} AND backend_start = {}",
        former.pid,
        literal(&former.started)
    );
    // Nothing is known of it behind a pooler that hides it.
    if former.started.is_empty() {
        return Ok(());
    }
    while !fresh.rows("looking for the former session", &question).await?.is_empty() {
        let waited = started.elapsed();
        if waited >= limit {
            let cause = format!("our former session is still there, as process {}", former.pid);
            return Err(Error::ConnectionClosed { cause });
        }
        if waited >= GRACE {
            let end = format!("SELECT pg_catalog.pg_terminate_backend({})", former.pid);
            // Who may not end it can wait for it.
            if let Err(error @ Error::ConnectionClosed { .. }) =
                fresh.run("ending the former session", &end).await
            {
                return Err(error);
            }
        }
        tokio::select! {
            () = sleep(Duration::from_millis(50)) => {}
            () = cancel.cancelled() => return Err(Error::Interrupted),
        }
    }
    Ok(())
}

/// What an error says, in one line.
fn summary(error: &Error) -> String {
    if let Error::Unreachable { cause, .. } | Error::ConnectionClosed { cause } = error {
        return cause.clone();
    }
    if let Error::ConnectTimeout { address, waited } = error {
        return format!("{address} does not answer within {} s", waited.as_secs());
    }
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
