//! Autovacuum that does not give way.

use catalog::LockMode;
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "vacuum",
    about: "autovacuum to prevent wraparound on tables that are changed",
    question,
    judge,
};

/// A worker at a table.
#[derive(Deserialize)]
struct Worker {
    pid: i32,
    table: String,
}

/// Any other autovacuum ends as soon as somebody waits for it.
fn question(around: &Surroundings<'_>) -> Option<String> {
    Some(format!(
        "SELECT a.pid, touched.told AS table
         FROM {} JOIN pg_locks AS l ON l.relation = to_regclass(touched.written)
              JOIN pg_stat_activity AS a ON a.pid = l.pid
         WHERE l.granted AND a.backend_type = 'autovacuum worker'
           AND a.query LIKE '%to prevent wraparound%' ORDER BY a.pid",
        around.touched.values()?
    ))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let workers = answer.rows::<Worker>()?.into_iter().filter(|worker| {
        let wanted = around.touched.told(&worker.table).map(|touch| touch.mode);
        wanted.is_some_and(|mode| mode.conflicts_with(LockMode::ShareUpdateExclusive))
    });
    let found = workers.map(|Worker { pid, table }| {
        PreflightFinding::new(
            "wraparound-vacuum",
            Severity::Error,
            format!("autovacuum (process {pid}) is at {table} to prevent wraparound, and does not give way"),
            "The migration waits until it is done, or until the lock timeout",
            format!("SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum WHERE pid = {pid};"),
        )
    });
    Ok(found.collect())
}
