//! Connections that are left.

use lint::Severity;
use serde::Deserialize;

use super::{Judged, Probe, Surroundings};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "connections", about: "connections that are left", question, judge };

/// With fewer left, a deploy that has to connect again may not get in.
const FEW: i64 = 5;

/// Numbers of connections.
#[derive(Deserialize)]
struct Connections {
    /// That users may open altogether.
    most: i64,
    /// That are open.
    open: i64,
}

fn question(_: &Surroundings<'_>) -> Option<String> {
    Some(
        "SELECT current_setting('max_connections')::bigint
             - current_setting('superuser_reserved_connections')::bigint
             - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::bigint AS most,
             (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS open"
            .to_owned(),
    )
}

fn judge(_: &Surroundings<'_>, answer: &Answer) -> Judged {
    let found = answer.rows::<Connections>()?.into_iter().filter_map(|Connections { most, open }| {
        let left = (most - open).max(0);
        (left < FEW).then(|| {
            PreflightFinding::new(
                "few-connections",
                Severity::Warning,
                format!("{open} of {most} connections are in use, {left} are left"),
                "A deploy that is cut off may not get in again to go on",
                "SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 \
                 ORDER BY 4 DESC;",
            )
        })
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::PROBE;
    use crate::preflight::probes::tests::codes;
    use crate::preflight::touched::Touched;

    #[test]
    fn few_are_told() {
        let check = |answer| codes(&PROBE, &Touched::default(), None, 0, answer).join("");
        assert_eq!(check(r#"[{"most":97,"open":90}]"#), "");
        assert_eq!(check(r#"[{"most":97,"open":93}]"#), "warning few-connections");
    }
}
