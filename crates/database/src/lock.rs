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

/// A session that holds the lock.
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
    /// What it runs, or ran last; none if the user may not see it.
    pub query: Option<String>,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
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
        if let Some(query) = &self.query {
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

/// Gives the lock back. The end of the connection does so too.
pub async fn unlock(session: &Session, options: LockOptions) -> Result<(), Error> {
    if options == LockOptions::Disabled {
        return Ok(());
    }
    let release = format!("SELECT pg_catalog.pg_advisory_unlock({KEY})");
    session.run("releasing the migration lock", &release).await
}

/// The sessions that hold the lock in this database.
pub async fn holders(session: &Session) -> Result<Vec<LockHolder>, Error> {
    // A bigint key shows as its two halves, and objsubid 1.
    let question = format!(
        "SELECT l.pid, a.usename, a.application_name, a.client_addr, a.state,
                extract(epoch from pg_catalog.clock_timestamp() - a.state_change)::bigint,
                nullif(left(a.query, 200), '<insufficient privilege>')
         FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = {KEY}
               AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
               AND l.database = (SELECT oid FROM pg_catalog.pg_database
                                 WHERE datname = pg_catalog.current_database())
         ORDER BY l.pid"
    );
    let rows = session.rows("asking who holds the migration lock", &question).await?;
    let holder = |row: &tokio_postgres::SimpleQueryRow| {
        let text = |column| row.get(column).map(str::to_owned);
        LockHolder {
            pid: row.get(0).and_then(|pid| pid.parse().ok()).unwrap_or(0),
            user: text(1),
            application: text(2),
            client: text(3),
            state: text(4),
            seconds_in_state: row.get(5).and_then(|seconds| seconds.parse().ok()),
            query: text(6).map(|query| script::without_passwords(&query).into_owned()),
        }
    };
    Ok(rows.iter().map(holder).collect())
}
