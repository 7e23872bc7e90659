//! Old transactions, whatever they hold.

use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::{PreflightFinding, duration};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "transactions",
    about: "old transactions that an index made concurrently waits for",
    question,
    judge,
};

/// An old transaction.
#[derive(Deserialize)]
struct Old {
    pid: i32,
    application: Option<String>,
    state: Option<String>,
    age: i64,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    around.touched.waits_for_all.then(|| {
        "SELECT pid, application_name AS application, state,
             extract(epoch FROM clock_timestamp() - xact_start)::bigint AS age
         FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
           AND xact_start < clock_timestamp() - interval '1 minute'
         ORDER BY xact_start LIMIT 5"
            .to_owned()
    })
}

fn judge(_: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Old>()?.into_iter().map(|old| {
        let Old { pid, application, state, age } = old;
        let application = application.filter(|it| !it.is_empty());
        let application = application.map_or_else(String::new, |name| format!(", application {name}"));
        let state = state.map_or_else(String::new, |state| format!(", {state}"));
        PreflightFinding::new(
            "old-transaction",
            Severity::Warning,
            format!("process {pid}{application}{state} has been in a transaction for {}", duration(age)),
            "An index that is made or dropped CONCURRENTLY is not done before that transaction ends",
            format!("SELECT pg_terminate_backend({pid});"),
        )
    });
    Ok(found.collect())
}
