//! Indexes that are left half built.

use catalog::quoted;
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "indexes", about: "invalid indexes on tables that are changed", question, judge };

/// An index.
#[derive(Deserialize)]
struct Invalid {
    schema: String,
    name: String,
    table: String,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    Some(format!(
        "SELECT n.nspname AS schema, i.relname AS name, touched.told AS table
         FROM {} JOIN pg_index AS x ON x.indrelid = to_regclass(touched.written)
              JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_namespace AS n ON n.oid = i.relnamespace
         WHERE NOT x.indisvalid AND i.relkind = 'i' ORDER BY 1, 2",
        around.touched.values()?
    ))
}

fn judge(_: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Invalid>()?.into_iter().map(|Invalid { schema, name, table }| {
        PreflightFinding::new(
            "invalid-index",
            Severity::Warning,
            format!("index {schema}.{name} of {table} is invalid: it was left half built"),
            "No query uses it, every write maintains it, and an index of that name cannot be made",
            format!("DROP INDEX CONCURRENTLY {}.{};", quoted(&schema), quoted(&name)),
        )
    });
    Ok(found.collect())
}
