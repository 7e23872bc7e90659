//! Findings as annotations: what GitHub Actions shows beside the lines of a pull request.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use engine::{Lint, Severity};

use super::summary;
use crate::terminal::Terminal;

pub(super) fn show(terminal: &mut Terminal, lint: &Lint) {
    for file in &lint.files {
        for finding in &file.findings {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            terminal.line(format_args!(
                "::{command} file={},line={},endLine={},title={}::{}",
                property(&file.path),
                finding.line,
                finding.end_line,
                property(finding.rule),
                message(&format!("{}. Instead: {}", finding.message, finding.advice)),
            ));
        }
    }
    terminal.line(summary(lint));
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
