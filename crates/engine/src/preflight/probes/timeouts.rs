//! Limits that a role or database sets, and that would cut long work off.

use catalog::quoted;
use lint::{Severity, Work};
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "timeouts",
    about: "a statement_timeout that would cut long statements off",
    question,
    judge,
};

/// A limit as the session has it.
#[derive(Deserialize)]
struct Limit {
    milliseconds: u64,
    written: String,
}

/// What the session was given: the round itself runs under a limit of its own.
fn question(around: &Surroundings<'_>) -> Option<String> {
    let is_long = around.touched.tables.values().any(|touch| touch.work > Work::Nothing);
    is_long.then(|| {
        "SELECT reset_val::bigint AS milliseconds, reset_val || ' ms' AS written
         FROM pg_settings WHERE name = 'statement_timeout'"
            .to_owned()
    })
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let limits = answer.rows::<Limit>()?.into_iter().filter(|limit| limit.milliseconds > 0);
    let found = limits.map(|limit| {
        PreflightFinding::new(
            "statement-timeout",
            Severity::Warning,
            format!("statement_timeout of {} is {}", around.server.user, limit.written),
            "A statement that reads or writes a whole table is cut off after that, and its migration undone",
            format!(
                "ALTER ROLE {} IN DATABASE {} SET statement_timeout = 0;",
                quoted(&around.server.user),
                quoted(&around.server.database)
            ),
        )
    });
    Ok(found.collect())
}
