//! The parts of a page, each a function from a result of the engine to HTML.

mod diagram;
mod drift;
mod lint;
mod plan;
mod shell;
mod summary;
mod timeline;

use engine::{Found, Report};
use maud::{Markup, html};

pub(crate) use diagram::diagram;
pub use drift::{Acts, drift};
pub use lint::lint;
pub use plan::plan;
pub use shell::{Assets, SCRIPT, Section, Shell, style};
pub use summary::summary;
pub(crate) use summary::word;
pub use timeline::timeline;

/// A word about a state, in its colour.
pub(crate) fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (text) } }
}

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// To be looked at.
    Notice,
    /// Wrong, or data goes.
    Bad,
    /// Neither.
    Plain,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "warn",
            Self::Bad => "bad",
            Self::Plain => "plain",
        }
    }
}

/// Shows what was found, or why it could not be.
pub(crate) fn found<T>(found: &Found<T>, shown: impl FnOnce(&T) -> Markup) -> Markup {
    match found {
        Found::Known(value) => shown(value),
        Found::Unknown(report) => problem(report),
    }
}

/// An error as a person reads it.
pub fn problem(report: &Report) -> Markup {
    let Report { code, explain, message, cause, applied, next, questions } = report;
    html! {
        div class="note bad" role="note" {
            p {
                strong { "This could not be done" @if let Some(code) = code { " (" (code) ")" } ": " }
                span class="multiline" { (message) }
            }
            @if let Some(cause) = cause { p { "Cause: " span class="multiline" { (cause) } } }
            @if !applied.is_empty() {
                p { "Applied before that, and stays: " (applied.join(", ")) }
            }
            @for question in questions { p { (question.text) } }
            @if !next.is_empty() {
                p { "What can be done:" }
                ul { @for step in next { li { (step) } } }
            }
            @if let Some(topic) = explain {
                p { "More: " code { "undrift explain " (topic) } }
            }
        }
    }
}

/// A number with its noun.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number as u64)) }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        let shown = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
