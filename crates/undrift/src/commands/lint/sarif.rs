//! Findings as a SARIF 2.1.0 log, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use engine::{Finding, Lint, LintedFile, Severity};
use serde_json::{Value, json};

/// The log of one run.
pub(super) fn log(lint: &Lint) -> Value {
    let rules: Vec<Value> = engine::lint_rules()
        .iter()
        .map(|rule| {
            json!({
                "id": rule.name,
                "shortDescription": { "text": rule.finds },
                "fullDescription": { "text": rule.why },
                "help": { "text": format!("{}\n\nFound:\n{}\n\nNot found:\n{}", rule.why, rule.bad, rule.good) },
            })
        })
        .collect();
    let findings = lint
        .files
        .iter()
        .flat_map(|file| file.findings.iter().map(move |finding| result(file, finding)));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "undrift",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": findings.collect::<Vec<_>>(),
        }],
    })
}

fn result(file: &LintedFile, finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    json!({
        "ruleId": finding.rule,
        "level": level,
        "message": { "text": format!("{}. Instead: {}", finding.message, finding.advice) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&file.path) },
            "region": {
                "startLine": finding.line,
                "startColumn": finding.column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column,
            },
        } }],
    })
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(byte).collect()
}
