//! Replication slots: what a consumer has not read yet is kept, and a large change makes much of it.

use catalog::literal;
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::{PreflightFinding, bytes};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "slots", about: "replication slots that nobody reads", question, judge };

/// So much that is not read yet is worth telling.
const MUCH: u64 = 1 << 30;

/// A slot.
#[derive(Deserialize)]
struct Slot {
    name: String,
    r#type: String,
    active: bool,
    /// Bytes of WAL that are kept for it.
    kept: Option<u64>,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    let now =
        if around.server.in_recovery { "pg_last_wal_replay_lsn()" } else { "pg_current_wal_lsn()" };
    Some(format!(
        "SELECT slot_name AS name, slot_type AS type, active,
             greatest(pg_wal_lsn_diff({now}, restart_lsn), 0)::bigint AS kept
         FROM pg_replication_slots WHERE NOT temporary ORDER BY 1"
    ))
}

fn judge(_: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Slot>()?.into_iter().filter_map(|slot| {
        let Slot { name, r#type, active, kept } = slot;
        let kept = kept.unwrap_or_default();
        let effect = "The server keeps all that is written from now on, too, until its disk is full";
        if !active {
            return Some(PreflightFinding::new(
                "inactive-slot",
                Severity::Warning,
                format!("nobody reads the {type} slot {name}; {} of WAL are kept for it", bytes(kept)),
                effect,
                format!("SELECT pg_drop_replication_slot({}); -- if nobody will", literal(&name)),
            ));
        }
        (kept > MUCH).then(|| {
            PreflightFinding::new(
                "slot-lag",
                Severity::Warning,
                format!("the reader of the {type} slot {name} is {} behind", bytes(kept)),
                "It gets further behind by all that the migrations write",
                "SELECT slot_name, active_pid, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots;",
            )
        })
    });
    Ok(found.collect())
}
