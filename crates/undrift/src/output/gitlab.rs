//! Issues as a report of code quality, which GitLab shows in merge requests.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use std::collections::BTreeMap;

use engine::{Issue, Severity};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::path;

/// The report.
pub(crate) fn report<'a>(issues: impl IntoIterator<Item = &'a Issue>) -> Value {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let entry = |issue: &Issue| {
        let severity = match issue.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        };
        // The line is left out, so that an issue stays itself when lines are added above it.
        let what = [issue.code, path(issue), &issue.message].join("\0");
        let fingerprint = format!("{:x}", Sha256::digest(what));
        let number = seen.entry(fingerprint.clone()).and_modify(|number| *number += 1).or_default();
        json!({
            "description": issue.text(),
            "check_name": issue.code,
            "fingerprint": format!("{fingerprint}{number:04x}"),
            "severity": severity,
            "location": {
                "path": path(issue),
                "lines": { "begin": issue.place.map_or(1, |place| place.line) },
            },
        })
    };
    Value::Array(issues.into_iter().map(entry).collect())
}
