//! Applying pending migrations.
//!
//! Each migration is one transaction that holds its history row, so that a migration is either in
//! the database and in the history, or in neither, whatever is cut in between. Statements that
//! PostgreSQL refuses in a transaction split a migration into steps; the history row then counts
//! the statements that are done, and the next run goes on from there after looking at the catalog
//! ([`effect`]).

mod apply;
mod blocked;
mod effect;
mod failure;
mod message;
mod resume;

pub use blocked::Blocked;
pub use failure::{FailedMigration, FailedStatement, MigrationFailure};
pub use resume::{Resumption, resume};

use crate::cancel::Cancel;
use crate::history::{
    Entry, HistoryRow, HistoryState, create_history, history, new_id, record_squash,
};
use crate::lock::{LockOptions, lock, unlock};
use crate::patience::{Reconnection, TableLocks};
use crate::progress::Progress;
use crate::reconnect::reconnect;
use crate::{Error, Session};
use catalog::literal;
use project::{Due, Migration};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) use apply::needs_client;
pub(crate) use failure::NOTHING_DONE;
pub(crate) use message::{Located, Message};

/// How to deploy.
#[derive(Debug, Clone, Default)]
pub struct DeployOptions {
    /// How to take the migration lock.
    pub lock: LockOptions,
    /// The schemas that must hold no tables when there is no history; the URL's if empty.
    pub schemas: Vec<String>,
    /// How long a statement may wait for a lock on a table, and how often its transaction is tried
    /// again; for ever if none, as Prisma does.
    pub table_locks: Option<TableLocks>,
    /// How long a statement may run; as the server says if none.
    pub statement_timeout: Option<Duration>,
    /// How to go on when the connection is lost; not at all if none.
    pub reconnection: Option<Reconnection>,
    /// What makes the pauses of this run differ from those of others.
    pub seed: u64,
    /// Whether to go on with a migration that failed after some of its steps.
    pub resume_failed: bool,
    /// When to stop.
    pub cancel: Cancel,
}

/// What a deploy did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct DeployReport {
    /// The migrations applied, in order.
    pub applied: Vec<Applied>,
    /// The migrations that are still to be applied: none after success.
    pub pending: Vec<String>,
}

/// A migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Applied {
    /// Its name.
    pub name: String,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    #[cfg_attr(feature = "json-schema", schemars(with = "u64"))]
    pub took: Duration,
    /// Whether an interrupted run was continued.
    pub resumed: bool,
    /// Whether it was recorded and not run, since those that it supersedes are applied.
    pub recorded: bool,
}

/// Writes a duration as whole milliseconds.
fn milliseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}

/// A deploy that did not reach its end.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct DeployError {
    /// Why.
    pub error: Error,
    /// What was applied before, and what was not.
    pub report: DeployReport,
}

impl From<Error> for Box<DeployError> {
    fn from(error: Error) -> Self {
        Self::new(DeployError { error, report: DeployReport::default() })
    }
}

/// Applies the migrations that the history does not have, in the order given.
pub async fn deploy(
    session: &Session,
    migrations: &[Migration],
    options: &DeployOptions,
    progress: &mut dyn Progress,
) -> Result<DeployReport, Box<DeployError>> {
    session.ensure_writable().await?;
    session.end_with_client().await?;
    lock(session, options.lock, &options.cancel, progress).await?;
    let result = persist(session, migrations, options, progress).await;
    match (result, unlock(session, options.lock).await) {
        (Ok(report), Ok(())) => Ok(report),
        (Ok(report), Err(error)) => Err(Box::new(DeployError { error, report })),
        // Why the lock could not be released matters less than why the migrations failed.
        (Err(error), _) => Err(error),
    }
}

/// Deploys, and goes on over a new connection when one is lost: what the database tells then is all that is
/// asked, as in a new run.
async fn persist(
    session: &Session,
    migrations: &[Migration],
    options: &DeployOptions,
    progress: &mut dyn Progress,
) -> Result<DeployReport, Box<DeployError>> {
    let mut applied = Vec::new();
    let mut in_flight = None;
    let mut losses = 0;
    let mut was_meant = false;
    loop {
        let result = deploy_locked(session, migrations, options, in_flight.as_deref(), progress);
        let mut failed = match result.await {
            Ok(mut report) => {
                report.applied.splice(0..0, applied);
                return Ok(report);
            }
            Err(failed) => failed,
        };
        applied.append(&mut failed.report.applied);
        let pending = failed.report.pending.first().cloned();
        losses = if pending == in_flight { losses + 1 } else { 1 };
        in_flight = pending;
        let again = match (&failed.error, options.reconnection) {
            (Error::ConnectionClosed { cause }, Some(reconnection))
                if losses < reconnection.attempts && !was_meant =>
            {
                progress.connection_lost(cause, reconnection.within);
                let (lock, seed, cancel) = (options.lock, options.seed, &options.cancel);
                let within = reconnection.within;
                Box::pin(reconnect(session, within, lock, seed, cancel, progress)).await
            }
            _ => {
                failed.report.applied = applied;
                return Err(failed);
            }
        };
        match again {
            // Once may be a mistake. Whoever does it twice means it.
            Ok(meant) => was_meant = meant,
            Err(error) => {
                failed.error = error;
                failed.report.applied = applied;
                return Err(failed);
            }
        }
    }
}

/// Deploys over one connection. `in_flight` is the migration that was being applied when an earlier one was
/// lost.
async fn deploy_locked(
    session: &Session,
    migrations: &[Migration],
    options: &DeployOptions,
    in_flight: Option<&str>,
    progress: &mut dyn Progress,
) -> Result<DeployReport, Box<DeployError>> {
    let rows = if let Some(rows) = history(session).await? {
        rows
    } else {
        ensure_no_tables(session, &options.schemas).await?;
        create_history(session).await?;
        Vec::new()
    };
    let done: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.state() == HistoryState::Applied)
        .map(|row| row.migration_name.as_str())
        .collect();
    let begun: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.state() != HistoryState::RolledBack)
        .map(|row| row.migration_name.as_str())
        .collect();
    let due = project::unfold(migrations, &|name| begun.contains(name));
    let interrupted = resumable(&rows, &due, options)?;
    let is_pending = |due: &Due<'_>| !done.contains(due.migration().name.as_str());
    let mut pending: Vec<Due<'_>> = due.iter().copied().filter(is_pending).collect();
    // What was begun is finished before anything else begins.
    pending.sort_by_key(|due| !interrupted.contains_key(due.migration().name.as_str()));

    let mut clock = Clock::new(session);
    let mut applied = Vec::new();
    // It was committed, and only the answer was lost.
    if let Some(name) = in_flight.filter(|name| done.contains(name)) {
        let (name, took) = (name.to_owned(), Duration::ZERO);
        progress.migration_applied(&name, took);
        applied.push(Applied { name, took, resumed: true, recorded: false });
    }
    for (at, due) in pending.iter().enumerate() {
        let migration = due.migration();
        let recorded = matches!(due, Due::Record(_));
        let started = Instant::now();
        let row = interrupted.get(migration.name.as_str());
        let (entry, done) = match row {
            Some(row) => (row.entry(), row.statements_done().unwrap_or(0)),
            None => (clock.entry(migration), 0),
        };
        let result = if options.cancel.is_cancelled() {
            Err(Error::Interrupted)
        } else if recorded {
            record_squash(session, migration).await
        } else {
            progress.migration_started(&migration.name, done);
            let last_word = apply::LastWord::Run;
            let run = apply::Run { session, options, migration, entry: &entry, last_word };
            run.apply(row.is_some(), done, progress).await.map(drop)
        };
        if let Err(error) = result {
            let pending = pending.iter().skip(at).map(|due| due.migration().name.clone());
            let report = DeployReport { applied, pending: pending.collect() };
            return Err(Box::new(DeployError { error, report }));
        }
        let took = started.elapsed();
        progress.migration_applied(&migration.name, took);
        let (name, resumed) = (migration.name.clone(), row.is_some() && !recorded);
        applied.push(Applied { name, took, resumed, recorded });
    }
    Ok(DeployReport { applied, pending: Vec::new() })
}

/// The rows to go on with, by migration; fails if there are rows that need a decision first.
fn resumable<'a>(
    rows: &'a [HistoryRow],
    due: &[Due<'_>],
    options: &DeployOptions,
) -> Result<BTreeMap<&'a str, &'a HistoryRow>, Error> {
    let mut resumable = BTreeMap::new();
    let mut failed = Vec::new();
    for row in rows {
        let wanted = match row.state() {
            HistoryState::Applied | HistoryState::RolledBack => continue,
            HistoryState::Interrupted => true,
            HistoryState::Failed => options.resume_failed && row.statements_done().is_some(),
        };
        let unchanged = due.iter().map(|due| due.migration()).any(|migration| {
            migration.name == row.migration_name && migration.checksum == row.checksum
        });
        if wanted && unchanged {
            resumable.insert(row.migration_name.as_str(), row);
        } else {
            failed.push(FailedMigration::new(row, wanted));
        }
    }
    if failed.is_empty() { Ok(resumable) } else { Err(Error::FailedMigrations(failed)) }
}

/// Fails if the schemas hold tables: a database with tables and without history has to be
/// baselined. What extensions bring along does not count.
async fn ensure_no_tables(session: &Session, schemas: &[String]) -> Result<(), Error> {
    let schema = &session.server().schema;
    let mut schemas: Vec<String> = schemas.iter().map(|schema| literal(schema)).collect();
    if schemas.is_empty() {
        schemas.push(literal(schema));
    }
    let question = format!(
        "SELECT c.relname FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname IN ({}) AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
             AND d.objid = c.oid AND d.deptype = 'e')
         ORDER BY c.relname",
        schemas.join(", ")
    );
    let rows = session.rows("looking for tables", &question).await?;
    let found: Vec<String> = rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::NotEmpty { schema: schema.clone(), found })
}

/// The server's clock, as read when the session opened, carried on by ours.
///
/// Prisma orders the history by `started_at`, which has milliseconds, so no two rows may have the
/// same.
struct Clock {
    opened: i64,
    since: Instant,
    last: i64,
}

impl Clock {
    fn new(session: &Session) -> Self {
        let (opened, since) = session.clock();
        Self { opened, since, last: i64::MIN }
    }

    fn entry(&mut self, migration: &Migration) -> Entry {
        let elapsed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.last = self.opened.saturating_add(elapsed).max(self.last.saturating_add(1));
        Entry {
            id: new_id(),
            checksum: migration.checksum.clone(),
            name: migration.name.clone(),
            started_at: self.last,
        }
    }
}
