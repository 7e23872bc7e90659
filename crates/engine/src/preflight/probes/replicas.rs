//! Replicas that are behind.

use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::{PreflightFinding, bytes, duration};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "replicas", about: "replicas that are behind", question, judge };

/// So many seconds, or bytes, behind is worth telling.
const LATE: i64 = 10;
const MUCH: u64 = 256 << 20;

/// A replica; what the user may not see is none.
#[derive(Deserialize)]
struct Replica {
    name: Option<String>,
    address: Option<String>,
    seconds: Option<i64>,
    behind: Option<u64>,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    (!around.server.in_recovery).then(|| {
        "SELECT application_name AS name, client_addr::text AS address,
             extract(epoch FROM replay_lag)::bigint AS seconds,
             greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint AS behind
         FROM pg_stat_replication ORDER BY 1, 2"
            .to_owned()
    })
}

fn judge(_: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Replica>()?.into_iter().filter_map(|replica| {
        let Replica { name, address, seconds, behind } = replica;
        let is_late = seconds.is_some_and(|it| it >= LATE) || behind.is_some_and(|it| it >= MUCH);
        let name = name.filter(|it| !it.is_empty()).or(address).unwrap_or_else(|| "unnamed".to_owned());
        is_late.then(|| {
            let time = seconds.map_or_else(String::new, |it| format!("{} and ", duration(it)));
            PreflightFinding::new(
                "replica-lag",
                Severity::Warning,
                format!("replica {name} is {time}{} behind", bytes(behind.unwrap_or_default())),
                "It gets the change later, and its readers wait, or are cancelled, while it takes locks",
                "SELECT application_name, state, replay_lag FROM pg_stat_replication;",
            )
        })
    });
    Ok(found.collect())
}
