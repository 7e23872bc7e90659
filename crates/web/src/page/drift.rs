//! What differs from what the migrations make, object by object.

use engine::{Difference, Explained, Explanation, State};
use maud::{Markup, html};

use super::{Tone, badge, count, grouped};
use crate::sql;

/// What can be done about an object, where a page can do something.
pub type Acts<'a> = &'a dyn Fn(&Difference) -> Markup;

/// With more objects than these each can be unfolded.
const MANY: usize = 12;

/// Shows every object that has drifted, and the SQL of both ways.
pub fn drift(explanation: &Explanation, acts: Option<Acts<'_>>) -> Markup {
    let Explanation { against, objects, ignored, sql, .. } = explanation;
    html! {
        @if objects.is_empty() {
            p { (badge(Tone::Good, "none")) " The database is " (against) "." }
        } @else {
            p {
                "The database is not " (against) ": "
                (count(objects.len(), "object differs", "objects differ")) "."
            }
        }
        @for explained in objects { (object(explained, objects.len() <= MANY, acts)) }
        @if let Some(scripts) = sql {
            h3 { "SQL, both ways" }
            @for (name, script) in [("Take it back", &scripts.revert), ("Keep it", &scripts.adopt)] {
                details { summary { (name) } (sql::block(script)) }
            }
            @if !scripts.unsupported.is_empty() {
                p class="note warn" {
                    "For these there is no SQL: " (scripts.unsupported.join("; "))
                }
            }
        }
        @if !ignored.is_empty() {
            details {
                summary { (count(ignored.len(), "object is meant to differ", "objects are meant to differ")) }
                ul {
                    @for ignored in ignored {
                        li {
                            code { (ignored.difference.kind.title()) " " (ignored.difference.id) }
                            ", by " (ignored.rule)
                            @if let Some(reason) = &ignored.reason { ": " (reason) }
                        }
                    }
                }
            }
        }
    }
}

fn object(explained: &Explained, is_open: bool, acts: Option<Acts<'_>>) -> Markup {
    let Explained { difference, cause, rows, needed_by } = explained;
    let (sign, class, word) = match &difference.state {
        State::Missing => ("−", "dropped", "missing in the database"),
        State::Unexpected => ("+", "added", "in no migration"),
        State::Changed { .. } => ("~", "changed", "differs"),
    };
    html! {
        details class={ "object " (class) } open[is_open] {
            summary {
                span class="sign" aria-hidden="true" { (sign) }
                span class="kind" { (difference.kind.title()) }
                " " code { (difference.id) } " "
                span class="word" { (word) }
            }
            @if let Some(cause) = cause { p { span class="muted" { "Probable cause: " } (cause.text()) } }
            @if let Some(rows) = rows {
                p {
                    span class="muted" { "Rows: " }
                    @if !rows.is_exact { "about " } (grouped(rows.number))
                }
            }
            @if !needed_by.is_empty() {
                p { span class="muted" { "Needed by: " } (needed_by.join(", ")) }
            }
            @if let State::Changed { fields } = &difference.state {
                div class="scroll" tabindex="0" role="region"
                    aria-label={ "What differs of " (difference.id) } {
                    table class="fields" {
                        caption class="visually-hidden" { "What differs of " (difference.id) }
                        thead {
                            tr {
                                th scope="col" { "What" }
                                th scope="col" { "Expected" }
                                th scope="col" { "In the database" }
                            }
                        }
                        tbody {
                            @for field in fields {
                                tr {
                                    th scope="row" { code { (field.path) } }
                                    td { (value(field.expected.as_deref(), "dropped")) }
                                    td { (value(field.actual.as_deref(), "added")) }
                                }
                            }
                        }
                    }
                }
            }
            @if let Some(acts) = acts { div class="acts" { (acts(difference)) } }
        }
    }
}

fn value(text: Option<&str>, class: &str) -> Markup {
    html! {
        @match text {
            Some(text) => code class={ "value " (class) } { (text) },
            None => span class="muted" { "nothing" },
        }
    }
}
