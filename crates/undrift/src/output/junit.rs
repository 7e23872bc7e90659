//! Checks as a `JUnit` report: a test case for each check.

use std::fmt::Write as _;

use engine::{Check, CheckState, Checked, Issue, Severity};

use super::path;

/// The report. With `strict`, warnings fail, too.
pub(crate) fn report(check: &Check, strict: bool) -> String {
    let is_failure = |issue: &&Issue| match issue.severity {
        Severity::Error => true,
        Severity::Warning => strict,
        Severity::Note => false,
    };
    let fails = |checked: &&Checked| checked.issues.iter().any(|issue| is_failure(&issue));
    let failures = check.checks.iter().filter(fails).count();
    let count = |is: fn(&CheckState) -> bool| {
        check.checks.iter().filter(|checked| is(&checked.state)).count()
    };
    let unknown = count(|state| matches!(state, CheckState::Unknown { .. }));
    let skipped = count(|state| matches!(state, CheckState::Skipped { .. }));
    let tests = check.checks.len();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{unknown}\"");
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"undrift check\" {counts}>\n  \
         <testsuite name=\"undrift check\" {counts} skipped=\"{skipped}\">\n"
    );
    for checked in &check.checks {
        let _ = writeln!(
            xml,
            "    <testcase name=\"{}\" classname=\"undrift.check.{}\" time=\"0\">",
            escaped(checked.asks),
            checked.name
        );
        match &checked.state {
            CheckState::Skipped { reason } => {
                let _ = writeln!(xml, "      <skipped message=\"{}\"/>", escaped(reason));
            }
            CheckState::Unknown { reason } => {
                let _ = writeln!(
                    xml,
                    "      <error message=\"{}\" type=\"unknown\"/>",
                    escaped(reason)
                );
            }
            CheckState::Done => {
                let (failing, others): (Vec<&Issue>, Vec<&Issue>) =
                    checked.issues.iter().partition(is_failure);
                if let Some(first) = failing.first() {
                    let lines: Vec<String> = failing.iter().map(|issue| line(issue)).collect();
                    let _ = writeln!(
                        xml,
                        "      <failure message=\"{}\" type=\"{}\">{}</failure>",
                        escaped(&first.message),
                        first.code,
                        escaped(&lines.join("\n"))
                    );
                }
                if !others.is_empty() {
                    let lines: Vec<String> = others.iter().map(|issue| line(issue)).collect();
                    let _ = writeln!(
                        xml,
                        "      <system-out>{}</system-out>",
                        escaped(&lines.join("\n"))
                    );
                }
            }
        }
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn line(issue: &Issue) -> String {
    let place = issue.place.map_or_else(String::new, |place| format!(":{}", place.line));
    format!("{}{place}: {}[{}]: {}", path(issue), issue.severity, issue.code, issue.text())
}

/// A text as XML has it; what XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push('\t'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_means_something_in_xml_is_escaped() {
        assert_eq!(
            super::escaped("a<b>&\"c\"\n\u{1}"),
            "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}"
        );
    }
}
