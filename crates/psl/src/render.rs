//! Diagnostics as text, each with the lines it is about.
//!
//! This is what Prisma prints, to the byte: the line before, the line itself, and the lines up to the
//! one after the end. Only the part on the first line is coloured, and in colour alone is the place
//! within the line to be seen.

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
    let mut line = |text: String| out.extend([text.as_str(), "\n"]);
    line(format!("{}: {}", paint(style, title), paint("1", message)));

    let Some(SourceFile { path, text }) = file else { return };
    let excerpt = Excerpt::new(text, span.start as usize, span.end as usize);
    let Excerpt { line_before, number, before, about, after, lines_after } = excerpt;
    let place = format!("{path}:{number}");
    line(format!("  {}  {}", paint("1;94", "-->"), paint("4", &place)));

    let no_number = paint("1;94", "   | ");
    let numbered = |number: usize| paint("1;94", &format!("{number:>2} | "));
    line(no_number.clone());
    match line_before {
        Some(text) => line(format!("{}{text}", numbered(number - 1))),
        None => line(no_number.clone()),
    }
    line(format!("{}{before}{}{after}", numbered(number), paint(style, about)));
    if about.is_empty() {
        let indentation = " ".repeat(before.len());
        line(format!("{no_number}{indentation}{}", paint(style, "^ Unexpected token.")));
    }
    for (text, number) in lines_after.into_iter().zip(number + 1..) {
        line(format!("{}{text}", numbered(number)));
    }
    line(no_number);
}

/// The lines around a range of text.
struct Excerpt<'t> {
    /// The line above, if there is one.
    line_before: Option<&'t str>,
    /// The number of the line the range begins in, from one.
    number: usize,
    /// What stands in that line before the range.
    before: &'t str,
    /// The part of the range in that line.
    about: &'t str,
    /// What stands in that line behind the range.
    after: &'t str,
    /// The lines up to the one the range ends in, which is the next one when the line break is part of
    /// the range.
    lines_after: Vec<&'t str>,
}

impl<'t> Excerpt<'t> {
    fn new(text: &'t str, start: usize, end: usize) -> Self {
        let end = text.floor_char_boundary(end);
        let start = text.floor_char_boundary(start.min(end));
        let (head, rest) = text.split_at(start);
        let (range, _) = rest.split_at(end - start);
        let mut lines = head.rsplit('\n');
        let before = lines.next().unwrap_or_default();
        let line_before = lines.next();
        let about = range.split('\n').next().unwrap_or_default();
        let mut lines = rest.split('\n');
        let after = lines.next().and_then(|line| line.get(about.len()..)).unwrap_or_default();
        Self {
            line_before,
            number: head.matches('\n').count() + 1,
            before,
            about,
            after,
            lines_after: lines.take(range.matches('\n').count()).collect(),
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
