//! Statements that RDS refuses; what those are, the lint rule `rds-forbids` knows.

use lint::Severity;

use super::{Judged, Probe, Surroundings, nothing};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "rds-forbids",
    about: "statements that nobody may run on RDS",
    question: nothing,
    judge,
};

fn judge(around: &Surroundings<'_>, _: &Answer) -> Judged {
    if !around.is_managed {
        return Ok(Vec::new());
    }
    let found = around.touched.privileged.iter().map(|(place, what)| {
        PreflightFinding::new(
            "rds-forbids",
            Severity::Error,
            format!("{place}: {what}"),
            "RDS and Aurora refuse the statement, and with it the migration",
            "undrift lint --pending",
        )
    });
    Ok(found.collect())
}
