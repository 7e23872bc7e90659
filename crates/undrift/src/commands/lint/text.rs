//! Findings for people: each with the lines it is about.

use engine::{Finding, Lint, LintedFile, Severity};

use super::summary;
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

pub(super) fn show(terminal: &mut Terminal, lint: &Lint) {
    for fixed in &lint.fixed {
        let name = &fixed.migration;
        if let Some(reason) = &fixed.reason {
            terminal
                .line(format_args!("{NOTICE}not rewritten:{NOTICE:#} {name}, because {reason}"));
        } else {
            terminal
                .line(format_args!("{GOOD}rewritten:{GOOD:#} {name}; it makes the same, by proof"));
        }
        for file in &fixed.written {
            terminal.line(format_args!("  {file}"));
        }
    }
    for file in &lint.files {
        for finding in &file.findings {
            show_finding(terminal, file, finding);
        }
    }
    let fixable = lint.files.iter().flat_map(|file| &file.findings).any(|finding| finding.fixable);
    terminal.line(summary(lint));
    if fixable {
        terminal.line(format_args!(
            "{GOOD}next:{GOOD:#} undrift lint --pending --fix    (rewrites what is marked so, with proof)"
        ));
    }
}

fn show_finding(terminal: &mut Terminal, file: &LintedFile, finding: &Finding) {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => NOTICE,
        Severity::Note => FAINT,
    };
    let Finding { rule, severity, message, advice, line, source, .. } = finding;
    terminal.line(format_args!(
        "{style}{severity}[{rule}]{style:#}: {STRONG}{message}{STRONG:#}\n  {FAINT}-->{FAINT:#}  {}:{line}",
        file.path
    ));
    if !source.is_empty() {
        let width = (line + source.len()).to_string().len();
        terminal.line(format_args!("{FAINT}{:width$} |{FAINT:#}", ""));
        for (text, number) in source.iter().zip(*line..) {
            terminal.line(format_args!("{FAINT}{number:width$} |{FAINT:#} {text}"));
        }
        let marks = marks(finding).map(|marks| format!(" {style}{marks}{style:#}"));
        let marks = marks.unwrap_or_default();
        terminal.line(format_args!("{FAINT}{:width$} |{FAINT:#}{marks}", ""));
    }
    let fixable = if finding.fixable { " (--fix)" } else { "" };
    terminal.line(format_args!("  {GOOD}instead:{GOOD:#} {advice}{fixable}\n"));
}

/// What marks a part of a line below it; nothing where the whole line is meant, or more than one.
fn marks(finding: &Finding) -> Option<String> {
    let [line] = finding.source.as_slice() else { return None };
    let length = finding.end_column.checked_sub(finding.column)?;
    // A password that is blanked out moves what comes behind it.
    let is_part = length > 0 && length < line.trim_end_matches(';').chars().count();
    if !is_part || line.contains("'***'") {
        return None;
    }
    let before = line.chars().take(finding.column - 1);
    let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Some(indent + &"^".repeat(length))
}
