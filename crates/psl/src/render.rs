//! Diagnostics as text, each with the lines it is about.
//!
//! This is what Prisma prints, to the byte: the line before, the line itself, and the lines up to the
//! one after the end. Only the part on the first line is coloured, and in colour alone is the place
//! within the line to be seen.

use std::fmt::Write as _;

use crate::source::{Diagnostic, Severity, SourceFile};

/// Whether escape sequences for terminals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// They are.
    Always,
    /// Plain text.
    Never,
}

/// Returns the message with which a schema is refused: every error with its lines, and their number.
/// Warnings are left out.
pub fn render_refusal(
    diagnostics: &[Diagnostic],
    files: &[SourceFile],
    colours: Colours,
) -> String {
    let errors: Vec<Diagnostic> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .cloned()
        .collect();
    let excerpts = render(&errors, files, colours);
    format!("{excerpts}\nValidation Error Count: {}", errors.len())
}

/// Returns the diagnostics in the order given, errors and warnings, each with its lines.
///
/// A [`FileId`](crate::FileId) is a position in `files`; a diagnostic of a file that is not there has
/// its message alone.
pub fn render(diagnostics: &[Diagnostic], files: &[SourceFile], colours: Colours) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let file = usize::try_from(diagnostic.span.file.0).ok().and_then(|file| files.get(file));
        write_diagnostic(diagnostic, file, colours, &mut out);
    }
    out
}

fn write_diagnostic(
    diagnostic: &Diagnostic,
    file: Option<&SourceFile>,
    colours: Colours,
    out: &mut String,
) {
    let Diagnostic { severity, message, span } = diagnostic;
    let (title, style) = match severity {
        Severity::Error => ("error", "1;91"),
        Severity::Warning => ("warning", "1;93"),
    };
    let paint = |style: &str, text: &str| paint(style, text, colours);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}: {}", paint(style, title), paint("1", message));

    let Some(SourceFile { path, text }) = file else { return };
    let excerpt = Excerpt::new(text, span.start as usize, span.end as usize);
    let place = format!("{path}:{}", excerpt.line + 1);
    let _ = writeln!(out, "  {}  {}", paint("1;94", "-->"), paint("4", &place));

    let gutter = |number: Option<usize>| {
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        paint("1;94", &format!("{number:>2} | "))
    };
    let empty = paint("1;94", "   | ");
    let whole_line = |line: usize| match excerpt.lines.get(line) {
        Some(text) => format!("{}{text}", gutter(Some(line + 1))),
        None => gutter(Some(line + 1)),
    };
    let _ = writeln!(out, "{empty}");
    match excerpt.line.checked_sub(1) {
        Some(before) => {
            let _ = writeln!(out, "{}", whole_line(before));
        }
        None => {
            let _ = writeln!(out, "{empty}");
        }
    }
    let (before, about, after) = excerpt.parts;
    let number = gutter(Some(excerpt.line + 1));
    let _ = writeln!(out, "{number}{before}{}{after}", paint(style, about));
    if about.is_empty() {
        let arrow = paint(style, "^ Unexpected token.");
        let _ = writeln!(out, "{empty}{}{arrow}", " ".repeat(before.len()));
    }
    for line in excerpt.line + 1..=excerpt.last_line {
        let _ = writeln!(out, "{}", whole_line(line));
    }
    let _ = writeln!(out, "{empty}");
}

/// The lines around a range of text.
struct Excerpt<'t> {
    /// The lines of the whole text.
    lines: Vec<&'t str>,
    /// The line the range begins in, from zero.
    line: usize,
    /// The line the range ends in; it is the next one when a line break is part of the range.
    last_line: usize,
    /// That line: before the range, in it, and behind it.
    parts: (&'t str, &'t str, &'t str),
}

impl<'t> Excerpt<'t> {
    fn new(text: &'t str, start: usize, end: usize) -> Self {
        let end = text.floor_char_boundary(end);
        let start = text.floor_char_boundary(start.min(end));
        let (head, rest) = text.split_at(start);
        let (range, _) = rest.split_at(end - start);
        let line_start = head.rfind('\n').map_or(0, |position| position + 1);
        let line = head.matches('\n').count();
        let before = head.get(line_start..).unwrap_or_default();
        let about = range.split('\n').next().unwrap_or_default();
        let after = rest.get(about.len()..).unwrap_or_default();
        let after = after.split('\n').next().unwrap_or_default();
        Self {
            lines: text.split('\n').collect(),
            line,
            last_line: line + range.matches('\n').count(),
            parts: (before, about, after),
        }
    }
}

fn paint(style: &str, text: &str, colours: Colours) -> String {
    match colours {
        Colours::Always => {
            // Text that ends a style itself would end this one, too.
            let text = text.replace("\x1b[0m", &format!("\x1b[0m\x1b[{style}m"));
            format!("\x1b[{style}m{text}\x1b[0m")
        }
        Colours::Never => text.to_owned(),
    }
}
