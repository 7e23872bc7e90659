//! Transactions that were prepared and neither committed nor rolled back: they hold their locks for ever.

use catalog::{LockMode, literal};
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::{PreflightFinding, duration};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "prepared", about: "prepared transactions that were left", question, judge };

/// A prepared transaction.
#[derive(Deserialize)]
struct Prepared {
    gid: String,
    owner: String,
    age: i64,
    /// Tables and modes that it holds of those that are touched.
    held: Vec<(String, String)>,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    let held = match around.touched.values() {
        Some(values) => format!(
            "coalesce((SELECT json_agg(json_build_array(touched.told, l.mode))
                       FROM {values} JOIN pg_locks AS l ON l.relation = to_regclass(touched.written)
                       WHERE l.virtualtransaction = '-1/' || p.transaction::text), '[]')"
        ),
        None => "'[]'::json".to_owned(),
    };
    Some(format!(
        "SELECT p.gid, p.owner, extract(epoch FROM clock_timestamp() - p.prepared)::bigint AS age,
             {held} AS held
         FROM pg_prepared_xacts AS p WHERE p.database = current_database() ORDER BY p.prepared"
    ))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Prepared>()?.into_iter().map(|prepared| {
        let Prepared { gid, owner, age, held } = prepared;
        let in_the_way = held.iter().find(|(table, mode)| {
            let wanted = around.touched.told(table).map(|touch| touch.mode);
            let mode = LockMode::from_pg_locks(mode);
            wanted.zip(mode).is_some_and(|(wanted, mode)| wanted.conflicts_with(mode))
        });
        let what = format!("transaction {gid} of {owner} was prepared {} ago", duration(age));
        let command = format!("ROLLBACK PREPARED {};", literal(&gid));
        match in_the_way {
            Some((table, _)) => PreflightFinding::new(
                "prepared-transaction",
                Severity::Error,
                format!("{what} and holds a lock on {table}"),
                "The migration waits for it until the lock timeout; it does not end by itself",
                command,
            ),
            None => PreflightFinding::new(
                "prepared-transaction",
                Severity::Warning,
                format!("{what} and is still open"),
                "Vacuum keeps every row version since then, and CREATE INDEX CONCURRENTLY waits for it",
                command,
            ),
        }
    });
    Ok(found.collect())
}
