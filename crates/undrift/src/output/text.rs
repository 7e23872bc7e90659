//! Issues for people: each with the lines it is about.

use std::path::Path;

use engine::{Issue, Place, Severity};

use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Shows an issue; `note` stands behind the advice.
pub(crate) fn show(terminal: &mut Terminal, issue: &Issue, note: &str) {
    let style = match issue.severity {
        Severity::Error => BAD,
        Severity::Warning => NOTICE,
        Severity::Note => FAINT,
    };
    let Issue { code, severity, message, advice, path, place, source } = issue;
    terminal.line(format_args!("{style}{severity}[{code}]{style:#}: {STRONG}{message}{STRONG:#}"));
    if let Some(path) = path {
        let shown = match place {
            Some(place) => format!("{path}:{}", place.line),
            None => path.clone(),
        };
        let shown = terminal.linked_file(Path::new(path), &shown);
        terminal.line(format_args!("  {FAINT}-->{FAINT:#}  {shown}"));
    }
    if let (Some(place), false) = (place, source.is_empty()) {
        // What is shown of a failed migration ends with the line; else it begins with it.
        let first = if place.line == place.end_line {
            (place.line + 1).saturating_sub(source.len())
        } else {
            place.line
        };
        let width = (first + source.len()).to_string().len();
        terminal.line(format_args!("{FAINT}{:width$} |{FAINT:#}", ""));
        for (text, number) in source.iter().zip(first..) {
            terminal.line(format_args!("{FAINT}{number:width$} |{FAINT:#} {text}"));
        }
        let marks = marks(source, *place).map(|marks| format!(" {style}{marks}{style:#}"));
        let marks = marks.unwrap_or_default();
        terminal.line(format_args!("{FAINT}{:width$} |{FAINT:#}{marks}", ""));
    }
    if advice.is_empty() {
        terminal.line("");
    } else {
        terminal.line(format_args!("  {GOOD}instead:{GOOD:#} {advice}{note}\n"));
    }
}

/// What marks a part of a line below it; nothing where the whole line is meant, or more than one.
fn marks(source: &[String], place: Place) -> Option<String> {
    let [line] = source else { return None };
    let length = place.end_column.checked_sub(place.column)?;
    // A password that is blanked out moves what comes behind it.
    let is_part = length > 0 && length < line.trim_end_matches(';').chars().count();
    if !is_part || line.contains("'***'") {
        return None;
    }
    let before = line.chars().take(place.column.checked_sub(1)?);
    let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Some(indent + &"^".repeat(length))
}
