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
        terminal.line(format_args!("{FAINT}{:width$} |{FAINT:#}", ""));
    }
    let fixable = if finding.fixable { " (--fix)" } else { "" };
    terminal.line(format_args!("  {GOOD}instead:{GOOD:#} {advice}{fixable}\n"));
}
