//! The room that tables and indexes need that are written anew.

use lint::{Severity, Work};
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::{PreflightFinding, bytes};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "storage", about: "room for what is written anew", question, judge };

/// Less than this is not worth telling.
const LITTLE: u64 = 1 << 30;

/// The sizes of a table, in bytes; of the whole database where the table is none.
#[derive(Deserialize)]
struct Size {
    table: Option<String>,
    /// With indexes and large values.
    total: u64,
    /// Without.
    rows: u64,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    let is_written = around.touched.tables.values().any(|touch| touch.work >= Work::Index);
    let values = around.touched.values().filter(|_| is_written)?;
    // Databases that the user may not see, such as rdsadmin, have no size.
    let all = if around.instance.is_some() && around.is_thorough {
        "UNION ALL SELECT NULL, sum(pg_database_size(oid))::bigint, 0 FROM pg_database
         WHERE has_database_privilege(oid, 'CONNECT')"
    } else {
        ""
    };
    Some(format!(
        "SELECT touched.told AS table, pg_total_relation_size(c.oid)::bigint AS total,
             pg_relation_size(c.oid)::bigint AS rows
         FROM {values} JOIN pg_class AS c ON c.oid = to_regclass(touched.written)
         WHERE c.relkind IN ('r', 'm') {all}"
    ))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let sizes = answer.rows::<Size>()?;
    let mut needed = 0;
    let mut tables = Vec::new();
    for Size { table, total, rows } in &sizes {
        let touch = table.as_deref().and_then(|table| around.touched.told(table));
        // An index is smaller than its table, but for the room that sorting takes.
        let own = match touch.map(|touch| touch.work) {
            Some(Work::Rewrite) => *total,
            Some(Work::Index) => *rows,
            Some(Work::Nothing | Work::Scan | Work::Unknown) | None => 0,
        };
        if own > 0 {
            needed += own;
            tables.extend(table.clone());
        }
    }
    let instance = around.instance;
    let allocated = instance.filter(|it| !it.is_aurora()).and_then(|it| it.allocated_bytes);
    let used = sizes.iter().find(|it| it.table.is_none()).map(|it| it.total);
    let free = allocated.zip(used).map(|(allocated, used)| allocated.saturating_sub(used));
    let what = format!(
        "{} may take up to {} more while it is written anew",
        tables.join(", "),
        bytes(needed)
    );
    let command = match instance {
        Some(instance) => format!(
            "aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name FreeStorageSpace \
             --dimensions Name=DBInstanceIdentifier,Value={} --statistics Minimum --period 300 \
             --start-time \"$(date -u -d '-10 min' +%FT%TZ)\" --end-time \"$(date -u +%FT%TZ)\"",
            instance.identifier
        ),
        None => "df -h   # on the server, in its data directory".to_owned(),
    };
    Ok(match free {
        Some(free) if needed > free => vec![PreflightFinding::new(
            "storage-too-small",
            Severity::Error,
            format!("{what}, and at most {} are free", bytes(free)),
            "The disk gets full, and the whole server stops",
            command,
        )],
        Some(free) if needed > free / 2 => vec![PreflightFinding::new(
            "storage-tight",
            Severity::Warning,
            format!("{what}, and at most {} are free", bytes(free)),
            "WAL and temporary files come on top of it",
            command,
        )],
        None if needed >= LITTLE => vec![PreflightFinding::new(
            "storage-unknown",
            Severity::Warning,
            format!("{what}; how much is free is not known"),
            "A disk that gets full stops the whole server",
            command,
        )],
        Some(_) | None => Vec::new(),
    })
}
