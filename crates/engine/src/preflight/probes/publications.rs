//! Logical replication of the tables that are changed: it does not take changes of structure along.

use catalog::quoted;
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;
use crate::preflight::touched::Replication;

pub(super) const PROBE: Probe = Probe {
    name: "publications",
    about: "publications and subscriptions of tables that are changed",
    question,
    judge,
};

/// A publication or subscription.
#[derive(Deserialize)]
struct Shared {
    name: String,
    /// The touched table that it has; none where it is about tables that are made.
    table: Option<String>,
    /// Whether the table comes from elsewhere.
    is_subscription: bool,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    let makes = !around.touched.new_tables.is_empty();
    let mut parts = Vec::new();
    if let Some(values) = around.touched.values() {
        parts.push(format!(
            "SELECT p.pubname::text AS name, touched.told AS table, false AS is_subscription
             FROM {values} JOIN pg_class AS c ON c.oid = to_regclass(touched.written)
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_publication_tables AS p ON p.schemaname = n.nspname AND p.tablename = c.relname"
        ));
        parts.push(format!(
            "SELECT coalesce((SELECT string_agg(s.subname, ', ') FROM pg_subscription AS s
                              WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())),
                             'unknown'), touched.told, true
             FROM {values} JOIN pg_subscription_rel AS r ON r.srrelid = to_regclass(touched.written)"
        ));
    }
    if makes {
        parts.push(
            "SELECT p.pubname::text, NULL, false FROM pg_publication AS p WHERE NOT p.puballtables"
                .to_owned(),
        );
    }
    (!parts.is_empty()).then(|| format!("{} ORDER BY 1, 2", parts.join(" UNION ALL ")))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let mut found = Vec::new();
    for Shared { name, table, is_subscription } in answer.rows::<Shared>()? {
        let Some(table) = table else {
            let tables: Vec<String> =
                around.touched.new_tables.iter().map(ToString::to_string).collect();
            let written: Vec<String> = around
                .touched
                .new_tables
                .iter()
                .map(|it| format!("{}.{}", quoted(&it.schema), quoted(&it.name)))
                .collect();
            found.push(PreflightFinding::new(
                "not-published",
                Severity::Note,
                format!("publication {name} names its tables, and not {}", tables.join(", ")),
                "Subscribers do not get what the new tables hold",
                format!("ALTER PUBLICATION {} ADD TABLE {};", quoted(&name), written.join(", ")),
            ));
            continue;
        };
        let Some(touch) = around.touched.told(&table) else { continue };
        for change in &touch.replication {
            found.push(if is_subscription {
                subscribed(&name, &table, change)
            } else {
                published(&name, &table, change)
            });
        }
    }
    Ok(found)
}

const SEES: &str =
    "SELECT slot_name, active, active_pid FROM pg_replication_slots WHERE slot_type = 'logical';";

fn published(name: &str, table: &str, change: &Replication) -> PreflightFinding {
    let warn = |code, cause: String, effect: &str| {
        PreflightFinding::new(code, Severity::Warning, cause, effect, SEES)
    };
    match change {
        Replication::Adds(column) => warn(
            "published-column",
            format!("publication {name} has {table}, which gets a column {column}"),
            "Subscribers stop at the first row that has it, unless they got the column before: add it there first",
        ),
        Replication::Breaks(what) => warn(
            "published-change",
            format!("publication {name} has {table}: {what}"),
            "Subscribers (also DMS, Debezium and zero-ETL) stop, or go on with what they had, until they are changed alike",
        ),
        Replication::LosesIdentity => warn(
            "replica-identity",
            format!("publication {name} has {table}, which loses its primary key"),
            "UPDATE and DELETE on it fail for everybody, for want of a replica identity, until there is another",
        ),
        Replication::Empties => warn(
            "published-truncate",
            format!("publication {name} has {table}, which is truncated"),
            "Its rows go from the subscribers, too, where the publication passes TRUNCATE on",
        ),
    }
}

fn subscribed(name: &str, table: &str, change: &Replication) -> PreflightFinding {
    let what = match change {
        Replication::Adds(column) => format!("gets a column {column}"),
        Replication::Breaks(what) => format!("is changed: {what}"),
        Replication::LosesIdentity => "loses its primary key".to_owned(),
        Replication::Empties => "is truncated".to_owned(),
    };
    PreflightFinding::new(
        "subscribed-change",
        Severity::Warning,
        format!("{table}, which is filled by a subscription ({name}), {what}"),
        "The subscription stops if what comes does not fit any more; a column added here first does no harm",
        "SELECT subname, received_lsn, latest_end_time FROM pg_stat_subscription;",
    )
}

#[cfg(test)]
mod tests {
    use super::PROBE;
    use crate::preflight::probes::tests::codes;
    use crate::preflight::touched::{Replication, Touch, Touched};
    use catalog::Name;

    #[test]
    fn a_change_that_is_not_passed_on_is_told() {
        let mut touched = Touched::default();
        let mut touch = Touch::default();
        touch.replication.insert(Replication::Adds("b".to_owned()));
        touch.replication.insert(Replication::LosesIdentity);
        touched.tables.insert(Name::new("public", "a"), touch);
        touched.new_tables.insert(Name::new("public", "n"));
        let rows = r#"[{"name":"p","table":"public.a","is_subscription":false},
            {"name":"s","table":"public.a","is_subscription":true},
            {"name":"p","table":null,"is_subscription":false}]"#;
        assert_eq!(
            codes(&PROBE, &touched, None, 0, rows).join(", "),
            "warning published-column, warning replica-identity, warning subscribed-change, \
             warning subscribed-change, note not-published"
        );
    }
}
