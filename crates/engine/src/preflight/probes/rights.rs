//! Whether the user may do what the migrations do.

use catalog::{literal, quoted};
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;
use crate::preflight::touched::Need;

pub(super) const PROBE: Probe =
    Probe { name: "rights", about: "rights that the user lacks", question, judge };

/// A right that is missing.
#[derive(Deserialize)]
struct Missing {
    /// `table`, `type`, `schema`, `database`.
    kind: String,
    /// As it is told.
    told: String,
    /// As SQL has it.
    written: String,
    /// `OWNER`, or a privilege.
    need: String,
    owner: String,
}

/// Each object with what is needed on it; those are answered for which it is missing.
fn question(around: &Surroundings<'_>) -> Option<String> {
    let written = |schema: &str, name: &str| format!("{}.{}", quoted(schema), quoted(name));
    let mut rows = Vec::new();
    let mut row = |kind: &str, written: &str, told: &str, need: &str| {
        let texts = [kind, written, told, need].map(literal);
        rows.push(format!("({})", texts.join(", ")));
    };
    let touched = around.touched;
    for (table, touch) in &touched.tables {
        for need in &touch.needs {
            let written = written(&table.schema, &table.name);
            row("table", &written, &table.to_string(), need.keyword());
        }
    }
    for index in &touched.indexes {
        let written = written(&index.schema, &index.name);
        row("table", &written, &index.to_string(), Need::Owner.keyword());
    }
    for r#type in &touched.types {
        let written = written(&r#type.schema, &r#type.name);
        row("type", &written, &r#type.to_string(), Need::Owner.keyword());
    }
    for schema in &touched.makes_in {
        row("schema", &quoted(schema), schema, "CREATE");
    }
    let server = around.server;
    let history = written(&server.schema, database::HISTORY_TABLE);
    if around.has_history {
        for need in ["SELECT", "INSERT", "UPDATE"] {
            row("table", &history, database::HISTORY_TABLE, need);
        }
    } else {
        row("schema", &quoted(&server.schema), &server.schema, "CREATE");
    }
    if !(touched.schemas.is_empty() && touched.extensions.is_empty()) {
        row("database", &quoted(&server.database), &server.database, "CREATE");
    }
    Some(format!(
        "SELECT kind, told, written, need, coalesce(pg_get_userbyid(owner), '') AS owner FROM (
            SELECT needed.*, CASE kind
                WHEN 'table' THEN (SELECT relowner FROM pg_class WHERE oid = to_regclass(written))
                WHEN 'type' THEN (SELECT typowner FROM pg_type WHERE oid = to_regtype(written))
                WHEN 'schema' THEN (SELECT nspowner FROM pg_namespace WHERE nspname = told)
                ELSE (SELECT datdba FROM pg_database WHERE datname = current_database()) END AS owner
            FROM (VALUES {}) AS needed(kind, written, told, need)
         ) AS owned
         WHERE owner IS NOT NULL AND NOT CASE
            WHEN need = 'OWNER' THEN pg_has_role(owner, 'USAGE')
            WHEN kind = 'table' THEN has_table_privilege(to_regclass(written)::oid, need)
            WHEN kind = 'schema' THEN has_schema_privilege(told, need)
            ELSE has_database_privilege(current_database(), need) END
         ORDER BY kind, told, need",
        rows.join(", ")
    ))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let user = &around.server.user;
    let found = answer.rows::<Missing>()?.into_iter().map(|missing| {
        let Missing { kind, told, written, need, owner } = missing;
        let effect = format!("The migrations that need it fail, as {user} may not do it");
        if need == "OWNER" {
            return PreflightFinding::new(
                "not-owner",
                Severity::Error,
                format!("{kind} {told} belongs to {owner}, and {user} is no member of {owner}"),
                effect,
                format!("GRANT {} TO {};", quoted(&owner), quoted(user)),
            );
        }
        let code = match kind.as_str() {
            "schema" => "no-create-on-schema",
            "database" => "no-create-on-database",
            _ => "no-privilege",
        };
        PreflightFinding::new(
            code,
            Severity::Error,
            format!("{user} lacks the privilege {need} on {kind} {told}, which belongs to {owner}"),
            effect,
            format!("GRANT {need} ON {} {written} TO {};", kind.to_uppercase(), quoted(user)),
        )
    });
    Ok(found.collect())
}
