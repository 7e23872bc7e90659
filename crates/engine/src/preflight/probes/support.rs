//! How long the server's version is looked after.

use lint::Severity;

use super::{Judged, Probe, Surroundings, nothing};
use crate::preflight::finding::{PreflightFinding, duration};
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "support", about: "a version that nobody looks after", question: nothing, judge };

/// Major version, the day of its last release (<https://www.postgresql.org/support/versioning/>), and the
/// end of RDS standard support (<https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/>);
/// as announced in December 2026. Later days of RDS are announced by month, and told by its last day.
const SUPPORT: [(u32, &str, &str); 8] = [
    (11, "2023-11-09", "2024-02-29"),
    (12, "2024-11-21", "2025-02-28"),
    (13, "2025-11-13", "2026-02-28"),
    (14, "2026-11-12", "2027-02-28"),
    (15, "2027-11-11", "2028-02-29"),
    (16, "2028-11-09", "2029-02-28"),
    (17, "2029-11-08", "2030-02-28"),
    (18, "2030-11-14", "2031-02-28"),
];

/// So long before the end it is told, in seconds.
const SOON: i64 = 180 * 86_400;

fn judge(around: &Surroundings<'_>, _: &Answer) -> Judged {
    let major = around.server.major_version();
    let Some((_, community, rds)) = SUPPORT.iter().find(|(of, _, _)| *of == major) else {
        return Ok(Vec::new());
    };
    let (who, day) =
        if around.is_managed { ("RDS standard support", rds) } else { ("support", community) };
    let Some(end) = seconds(day) else { return Ok(Vec::new()) };
    let left = end - around.now;
    let command = if around.is_managed {
        "aws rds describe-db-engine-versions --engine postgres --query \
         'DBEngineVersions[-1].EngineVersion'"
            .to_owned()
    } else {
        "pg_upgrade --help   # to a newer major version".to_owned()
    };
    let effect = if around.is_managed {
        "RDS charges for extended support, and upgrades by itself where that is off"
    } else {
        "Mistakes in the server, also those that others can use, stay"
    };
    let (severity, cause) = if left < 0 {
        (Severity::Warning, format!("{who} of PostgreSQL {major} ended on {day}"))
    } else if left < SOON {
        (
            Severity::Note,
            format!("{who} of PostgreSQL {major} ends on {day}, in {}", duration(left)),
        )
    } else {
        return Ok(Vec::new());
    };
    Ok(vec![PreflightFinding::new("end-of-support", severity, cause, effect, command)])
}

/// The midnight of a day, in seconds since 1970.
fn seconds(day: &str) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::{PROBE, SUPPORT, seconds};
    use crate::preflight::probes::tests::codes;
    use crate::preflight::touched::Touched;

    #[test]
    fn every_day_is_one() {
        assert_eq!(seconds("2026-12-01"), Some(1_796_083_200));
        assert!(SUPPORT.iter().all(|(_, one, other)| seconds(one) < seconds(other)));
    }

    #[test]
    fn the_end_is_told_before_it_comes() {
        let check =
            |day| codes(&PROBE, &Touched::default(), None, seconds(day).unwrap(), "[]").join("");
        assert_eq!(check("2026-12-01"), "");
        assert_eq!(check("2027-08-01"), "note end-of-support");
        assert_eq!(check("2027-12-01"), "warning end-of-support");
    }
}
