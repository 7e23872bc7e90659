//! Issues as a SARIF 2.1.0 log, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::fmt::Write as _;

use engine::{Issue, Severity, Topic};
use serde_json::{Value, json};

use super::path;

/// The log of one run. `codes` are the topics that the run may have found something about.
pub(crate) fn log<'a>(
    issues: impl IntoIterator<Item = &'a Issue>,
    codes: impl Fn(&Topic) -> bool,
) -> Value {
    let topics: Vec<Topic> = engine::topics().into_iter().filter(codes).collect();
    let rules: Vec<Value> = topics.iter().map(rule).collect();
    let results: Vec<Value> = issues.into_iter().map(|issue| result(issue, &topics)).collect();
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
            "results": results,
        }],
    })
}

fn rule(topic: &Topic) -> Value {
    let mut help = topic.cause.to_owned();
    for way in &topic.ways {
        let _ = write!(help, "\n- {way}");
    }
    if !topic.example.is_empty() {
        let _ = write!(help, "\n\nExample:\n{}", topic.example);
    }
    json!({
        "id": topic.code,
        "shortDescription": { "text": sentence(topic.about) },
        "fullDescription": { "text": sentence(topic.cause) },
        "help": { "text": help },
    })
}

/// A text that ends as a sentence does.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let text = first + chars.as_str();
    if text.ends_with('.') { text } else { text + "." }
}

fn result(issue: &Issue, topics: &[Topic]) -> Value {
    let level = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut location = json!({ "artifactLocation": { "uri": uri(path(issue)) } });
    if let (Some(place), Some(location)) = (issue.place, location.as_object_mut()) {
        location.insert(
            "region".to_owned(),
            json!({
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            }),
        );
    }
    let mut result = json!({
        "ruleId": issue.code,
        "level": level,
        "message": { "text": sentence(&issue.text()) },
        "locations": [{ "physicalLocation": location }],
    });
    let at = topics.iter().position(|topic| topic.code == issue.code);
    if let (Some(at), Some(result)) = (at, result.as_object_mut()) {
        result.insert("ruleIndex".to_owned(), json!(at));
    }
    result
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
