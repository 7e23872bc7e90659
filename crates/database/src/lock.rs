//! The lock that keeps two migration runs apart, Prisma's among them.
//!
//! Prisma waits inside `pg_advisory_lock` and says nothing for ten seconds. Asking again and again
//! with `pg_try_advisory_lock` excludes it as well, leaves no waiting session behind when undrift
//! is killed, and gives time to look who holds the lock.

use crate::cancel::Cancel;
use crate::progress::Progress;
use crate::{Error, Session};
use serde::Serialize;
use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The number both tools lock.
pub const KEY: i64 = 72_707_369;

/// How to take the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockOptions {
    /// Waits for this long at most.
    Wait(Duration),
    /// Goes on without, as `PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK` asks.
    Disabled,
}

impl Default for LockOptions {
    /// Prisma's ten seconds.
    fn default() -> Self {
        Self::Wait(Duration::from_secs(10))
    }
}

/// A session that others wait for: it holds the migration lock, or one on a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockHolder {
    /// The process on the server.
    pub pid: i32,
    /// Its user.
    pub user: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// Where it connects from.
    pub client: Option<String>,
    /// `active`, `idle`, …
    pub state: Option<String>,
    /// For how many seconds it has been in that state.
    pub seconds_in_state: Option<i64>,
    /// For how many seconds its transaction has been open, if one is.
    pub seconds_in_transaction: Option<i64>,
    /// What it runs, or ran last; none if the user may not see it.
    pub query: Option<String>,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            0 => f.write_str("a prepared transaction")?,
            pid => write!(f, "process {pid}")?,
        }
        let parts =
            [("user", &self.user), ("application", &self.application), ("from", &self.client)];
        for (name, value) in parts {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                write!(f, ", {name} {value}")?;
            }
        }
        if let Some(state) = &self.state {
            write!(f, ", {state}")?;
        }
        if let Some(seconds) = self.seconds_in_state {
            write!(f, " for {seconds} s")?;
        }
        // Of a statement outside a transaction it says the same once more.
        let transaction = self.seconds_in_transaction;
        if let Some(seconds) = transaction.filter(|_| transaction != self.seconds_in_state) {
            write!(f, ", its transaction open for {seconds} s")?;
        }
        if let Some(query) = self.query.as_deref().filter(|query| !query.is_empty()) {
            write!(f, ": {query}")?;
        }
        Ok(())
    }
}

/// Takes the lock for this session, waiting as the options say.
pub async fn lock(
    session: &Session,
    options: LockOptions,
    cancel: &Cancel,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    const RETRY: Duration = Duration::from_millis(50);
    const TELL: Duration = Duration::from_secs(1);
    let LockOptions::Wait(limit) = options else { return Ok(()) };
    let start = Instant::now();
    let mut told = start;
    loop {
        if try_lock(session).await? {
            session.locks().fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let waited = start.elapsed();
        if waited >= limit {
            return Err(Error::LockTimeout { waited: limit, holders: holders(session).await? });
        }
        if told.elapsed() >= TELL || told == start {
            told = Instant::now();
            progress.waiting_for_lock(waited, limit, &holders(session).await?);
        }
        tokio::select! {
            () = sleep(RETRY.min(limit.saturating_sub(waited))) => {}
            () = cancel.cancelled() => return Err(Error::Interrupted),
        }
    }
}

async fn try_lock(session: &Session) -> Result<bool, Error> {
    let question = format!("SELECT pg_catalog.pg_try_advisory_lock({KEY})");
    let rows = session.rows("taking the migration lock", &question).await?;
    Ok(rows.first().and_then(|row| row.get(0)) == Some("t"))
}

/// Takes the lock as often as the session held it before its connection was lost, or before it gave all
/// locks away.
pub(crate) async fn lock_again(
    session: &Session,
    options: LockOptions,
    cancel: &Cancel,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    for _ in 0..session.locks().swap(0, Ordering::Relaxed) {
        lock(session, options, cancel, progress).await?;
    }
    Ok(())
}

/// Gives the lock back. The end of the connection does so too.
pub async fn unlock(session: &Session, options: LockOptions) -> Result<(), Error> {
    if options == LockOptions::Disabled {
        return Ok(());
    }
    // What is not held any more need not be counted, whatever becomes of the connection.
    let count = session.locks();
    count.store(count.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
    let release = format!("SELECT pg_catalog.pg_advisory_unlock({KEY})");
    match session.run("releasing the migration lock", &release).await {
        // It went with the session.
        Ok(()) | Err(Error::ConnectionClosed { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The sessions that hold the lock in this database.
pub async fn holders(session: &Session) -> Result<Vec<LockHolder>, Error> {
    // A bigint key shows as its two halves, and objsubid 1.
    let pids = format!(
        "SELECT l.pid FROM pg_catalog.pg_locks l
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = {KEY}
               AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
               AND l.database = (SELECT oid FROM pg_catalog.pg_database
                                 WHERE datname = pg_catalog.current_database())"
    );
    described(session, "asking who holds the migration lock", &pids).await
}

/// The sessions that a process on the server waits for, for whatever lock.
pub(crate) async fn blockers(session: &Session, pid: i32) -> Result<Vec<LockHolder>, Error> {
    let pids = format!("SELECT DISTINCT unnest(pg_catalog.pg_blocking_pids({pid}))");
    described(session, "asking what a statement waits for", &pids).await
}

/// The sessions with the process numbers that a query gives; 0 stands for a prepared transaction.
async fn described(session: &Session, doing: &str, pids: &str) -> Result<Vec<LockHolder>, Error> {
    let question = format!(
        "SELECT l.pid, a.usename, a.application_name, a.client_addr, a.state,
                extract(epoch from pg_catalog.clock_timestamp() - a.state_change)::bigint,
                extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::bigint,
                nullif(left(a.query, 200), '<insufficient privilege>')
         FROM ({pids}) l (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
         ORDER BY l.pid"
    );
    let rows = session.rows(doing, &question).await?;
    let holder = |row: &tokio_postgres::SimpleQueryRow| {
        let text = |column| row.get(column).map(str::to_owned);
        let seconds = |column| row.get(column).and_then(|seconds| seconds.parse().ok());
        LockHolder {
            pid: row.get(0).and_then(|pid| pid.parse().ok()).unwrap_or(0),
            user: text(1),
            application: text(2),
            client: text(3),
            state: text(4),
            seconds_in_state: seconds(5),
            seconds_in_transaction: seconds(6),
            query: text(7).map(|query| script::without_passwords(&query).into_owned()),
        }
    };
    Ok(rows.iter().map(holder).collect())
}

impl LockHolder {
    /// The statement that ends it.
    pub fn ending(&self) -> String {
        match self.pid {
            0 => "SELECT gid FROM pg_prepared_xacts; then ROLLBACK PREPARED or COMMIT PREPARED"
                .to_owned(),
            pid => format!("SELECT pg_terminate_backend({pid});"),
        }
    }
}
