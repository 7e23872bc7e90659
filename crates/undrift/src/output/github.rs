//! Issues as annotations: what GitHub Actions shows beside the lines of a pull request.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use engine::{CheckState, Checked, Issue, Severity};

use super::path;

/// The command that makes the annotation.
pub(crate) fn annotation(issue: &Issue) -> String {
    let command = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = issue.place.map_or_else(String::new, |place| {
        format!(",line={},endLine={}", place.line, place.end_line)
    });
    format!(
        "::{command} file={}{place},title={}::{}",
        property(path(issue)),
        property(issue.code),
        message(&issue.text()),
    )
}

/// The command that tells of a check that could not be made.
pub(crate) fn unknown(checked: &Checked) -> Option<String> {
    let CheckState::Unknown { reason } = &checked.state else { return None };
    let title = property(&format!("undrift check: {}", checked.name));
    Some(format!("::error title={title}::{}", message(reason)))
}

/// A text as a command's message has it.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a command's property has it.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(super::property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(super::message("a:b,c%\r\n"), "a:b,c%25%0D%0A");
    }
}
