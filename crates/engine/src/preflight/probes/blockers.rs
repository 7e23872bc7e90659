//! Sessions that hold what the migrations want.

use std::collections::BTreeSet;

use catalog::LockMode;
use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::{PreflightFinding, duration};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "blockers",
    about: "sessions that hold locks on tables that are changed",
    question,
    judge,
};

/// From this age on a transaction is not waited for: it does not end by itself.
const OLD: i64 = 300;

/// A lock that a session holds.
#[derive(Deserialize)]
struct Held {
    pid: i32,
    user: Option<String>,
    application: Option<String>,
    state: Option<String>,
    /// Seconds since its transaction began; none where the user may not see it.
    age: Option<i64>,
    query: Option<String>,
    /// The table as it is told.
    table: String,
    mode: String,
}

fn question(around: &Surroundings<'_>) -> Option<String> {
    Some(format!(
        "SELECT a.pid, a.usename AS user, a.application_name AS application, a.state,
             extract(epoch FROM clock_timestamp() - a.xact_start)::bigint AS age,
             left(a.query, 120) AS query, touched.told AS table, l.mode
         FROM {} JOIN pg_locks AS l ON l.relation = to_regclass(touched.written)
              JOIN pg_stat_activity AS a ON a.pid = l.pid
         WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND a.pid <> pg_backend_pid() AND coalesce(a.backend_type, '') <> 'autovacuum worker'
         ORDER BY a.xact_start, a.pid, touched.told, l.mode",
        around.touched.values()?
    ))
}

fn judge(around: &Surroundings<'_>, answer: &Answer) -> Judged {
    let mut held = answer.rows::<Held>()?;
    held.retain(|it| {
        let wanted = around.touched.told(&it.table).map(|touch| touch.mode);
        let mode = LockMode::from_pg_locks(&it.mode);
        wanted.zip(mode).is_some_and(|(wanted, mode)| wanted.conflicts_with(mode))
    });
    let pids: BTreeSet<i32> = held.iter().map(|it| it.pid).collect();
    let found = pids.into_iter().filter_map(|pid| {
        let own: Vec<&Held> = held.iter().filter(|it| it.pid == pid).collect();
        let first = own.first()?;
        let tables: BTreeSet<&str> = own.iter().map(|it| it.table.as_str()).collect();
        let tables = tables.into_iter().collect::<Vec<_>>().join(", ");
        let is_idle = first.state.as_deref().is_some_and(|it| it.starts_with("idle in transaction"));
        let is_old = first.age.is_some_and(|age| age >= OLD);
        let code = if is_idle { "idle-in-transaction" } else { "long-transaction" };
        let severity = if is_old { Severity::Error } else { Severity::Warning };
        Some(PreflightFinding::new(
            code,
            severity,
            format!("{} holds a lock on {tables}", session(first)),
            "The migration waits for it, and everybody who wants the table waits behind the migration, \
             until the lock timeout ends it",
            format!("SELECT pg_terminate_backend({pid});"),
        ))
    });
    Ok(found.collect())
}

/// A session as it is told, passwords in its query blanked out.
fn session(held: &Held) -> String {
    let Held { pid, user, application, state, age, query, .. } = held;
    let mut parts = vec![format!("process {pid}")];
    for (name, value) in [("user", user), ("application", application)] {
        let value = value.as_deref().filter(|value| !value.is_empty());
        parts.extend(value.map(|value| format!("{name} {value}")));
    }
    parts.extend(state.clone());
    parts.extend(age.map(|age| format!("in a transaction for {}", duration(age))));
    let query = query.as_deref().map(script::without_passwords).unwrap_or_default();
    let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = parts.join(", ");
    if query.is_empty() { text } else { format!("{text} ({query})") }
}

#[cfg(test)]
mod tests {
    use super::PROBE;
    use crate::preflight::probes::tests::codes;
    use crate::preflight::touched::{Touch, Touched};
    use catalog::{LockMode, Name};

    #[test]
    fn only_locks_in_the_way_count() {
        let mut touched = Touched::default();
        let touch = Touch { mode: LockMode::ShareUpdateExclusive, ..Touch::default() };
        touched.tables.insert(Name::new("public", "a"), touch);
        let held = |mode: &str, state: &str, age: &str| {
            format!(
                r#"[{{"pid":1,"user":"u","application":"","state":"{state}","age":{age},"query":"ALTER ROLE x PASSWORD 'y'","table":"public.a","mode":"{mode}"}}]"#
            )
        };
        let check = |answer: String| codes(&PROBE, &touched, None, 0, &answer).join(", ");
        assert_eq!(check(held("AccessShareLock", "active", "900")), "");
        assert_eq!(check(held("ShareLock", "active", "9")), "warning long-transaction");
        assert_eq!(
            check(held("ShareLock", "idle in transaction", "900")),
            "error idle-in-transaction"
        );
        assert_eq!(check(held("ShareLock", "active", "null")), "warning long-transaction");
    }
}
