//! Looking from a second connection at a statement that takes its time: what it waits for, and how far
//! it is. The second connection is opened only then.

use crate::cancel::Cancel;
use crate::connect::connect;
use crate::lock::{LockHolder, blockers};
use crate::progress::Progress;
use crate::session::Ran;
use crate::{Error, Session};
use std::fmt;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a statement runs before anybody looks, and the time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// How far a statement is, as `pg_stat_progress_*` or its own notices tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// What is done at the moment, in the server's words.
    pub phase: String,
    /// How much of that phase is done, in percent, if the server says.
    pub percent: Option<u8>,
}

impl fmt::Display for Advance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.phase)?;
        self.percent.map_or(Ok(()), |percent| write!(f, ", {percent} %"))
    }
}

/// Who looks at the statements of a session.
pub(crate) struct Watch<'a> {
    session: &'a Session,
    monitor: Option<Session>,
    interval: Duration,
    /// Who was last seen to block.
    blockers: Vec<LockHolder>,
}

impl<'a> Watch<'a> {
    /// `lock_timeout` is how long a statement waits for a lock: somebody must have looked before.
    pub(crate) fn new(session: &'a Session, lock_timeout: Option<Duration>) -> Self {
        let interval = lock_timeout.map_or(INTERVAL, |wait| INTERVAL.min(wait / 2));
        let interval = interval.max(Duration::from_millis(20));
        Self { session, monitor: None, interval, blockers: Vec::new() }
    }

    /// Who was last seen to block.
    pub(crate) fn take_blockers(&mut self) -> Vec<LockHolder> {
        std::mem::take(&mut self.blockers)
    }

    /// Runs a script as [`Session::run_counting`] does, and tells how that goes.
    pub(crate) async fn run(
        &mut self,
        script: &str,
        cancel: &Cancel,
        name: &str,
        progress: &mut dyn Progress,
    ) -> Ran {
        let started = Instant::now();
        let mut blocked_since = None;
        self.blockers.clear();
        let mut running = pin!(self.session.run_counting(script, cancel));
        loop {
            tokio::select! {
                ran = &mut running => return ran,
                () = sleep(self.interval) => {}
            }
            let seen = tokio::select! {
                ran = &mut running => return ran,
                seen = look(self.session, &mut self.monitor) => seen,
            };
            // A block says by itself how far it is.
            let told = self.session.take_notices().pop();
            let told = told.map(|notice| Advance { phase: notice.message, percent: None });
            let Some(Seen { blockers, advance }) = seen else {
                if let Some(advance) = told {
                    progress.advanced(name, started.elapsed(), &advance);
                }
                continue;
            };
            if blockers.is_empty() {
                blocked_since = None;
            } else {
                let since = blocked_since.get_or_insert_with(|| Instant::now() - self.interval);
                progress.blocked(name, since.elapsed(), &blockers);
                self.blockers = blockers;
            }
            if let Some(advance) = advance.or(told) {
                progress.advanced(name, started.elapsed(), &advance);
            }
        }
    }
}

/// What was seen of a statement.
struct Seen {
    blockers: Vec<LockHolder>,
    advance: Option<Advance>,
}

/// Looks once; none if that was not possible, which is no reason to stop.
async fn look(session: &Session, monitor: &mut Option<Session>) -> Option<Seen> {
    let is_new = monitor.is_none();
    if is_new {
        let route = session.route();
        *monitor = Box::pin(connect(&route.url, &route.options)).await.ok();
    }
    let backend = session.backend();
    let seen = async {
        let monitor = monitor.as_ref()?;
        // A pooler may have led elsewhere.
        if is_new && monitor.backend().server_started != backend.server_started {
            return None;
        }
        let blockers = blockers(monitor, backend.pid).await.ok()?;
        let advance = advance(monitor, backend.pid).await.ok()?;
        Some(Seen { blockers, advance })
    };
    let seen = seen.await;
    if seen.is_none() {
        *monitor = None;
    }
    seen
}

/// How far a process is, if it does something that the server keeps count of.
async fn advance(monitor: &Session, pid: i32) -> Result<Option<Advance>, Error> {
    let version = monitor.server().major_version();
    // Of an index the blocks are counted in some phases, the rows in others.
    let mut views = vec![
        "SELECT 'building an index: ' || phase, coalesce(nullif(blocks_total, 0), tuples_total),
                CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END
         FROM pg_catalog.pg_stat_progress_create_index",
        "SELECT 'writing the table anew: ' || phase, heap_blks_total, heap_blks_scanned
         FROM pg_catalog.pg_stat_progress_cluster",
        "SELECT 'vacuum: ' || phase, heap_blks_total, heap_blks_scanned
         FROM pg_catalog.pg_stat_progress_vacuum",
    ];
    if version >= 13 {
        views.push(
            "SELECT 'analyze: ' || phase, sample_blks_total, sample_blks_scanned
             FROM pg_catalog.pg_stat_progress_analyze",
        );
    }
    let of_process = |view: &&str| format!("({view} WHERE pid = {pid})");
    let views: Vec<String> = views.iter().map(of_process).collect();
    let question = format!(
        "SELECT phase, least(100, 100 * done / nullif(total, 0))
         FROM ({}) p (phase, total, done)",
        views.join(" UNION ALL ")
    );
    let rows = monitor.rows("asking how far a statement is", &question).await?;
    Ok(rows.first().and_then(|row| {
        let phase = row.get(0)?.to_owned();
        Some(Advance { phase, percent: row.get(1).and_then(|percent| percent.parse().ok()) })
    }))
}
