//! Whether all is well, in three answers, and what to do if not.

use engine::{Drift, Found, Migrations, Overview, SchemaState, Status};
use maud::{Markup, html};

use super::{Tone, badge, count, found, problem};

/// Shows the verdict, the three answers, and the next steps.
pub fn summary(overview: &Overview) -> Markup {
    match &overview.status {
        Some(Found::Known(status)) => answers(status, overview),
        Some(Found::Unknown(report)) => problem(report),
        None => html! {
            p class="note" {
                "Made of the files alone: no database was asked. Whether it has drifted is not known."
            }
            (files(overview))
        },
    }
}

fn answers(status: &Status, overview: &Overview) -> Markup {
    let all = [history(&status.migrations), drift(&status.drift), schema(&status.schema)];
    let (tone, verdict) = if status.is_in_sync() {
        (Tone::Good, "Database, migrations and schema agree.")
    } else if all.iter().any(|answer| answer.tone == Tone::Bad) {
        (Tone::Bad, "Database, migrations and schema do not agree.")
    } else {
        (Tone::Notice, "There is something to do.")
    };
    html! {
        p class={ "verdict " (tone.class()) } { (verdict) }
        div class="answers" {
            @for Answer { question, tone, text, about } in &all {
                div class={ "answer " (tone.class()) } {
                    h3 { (question) }
                    p class="text" { (text) }
                    @if !about.is_empty() { ul { @for line in about { li { (line) } } } }
                }
            }
        }
        (files(overview))
        @if !status.next.is_empty() {
            h3 { "Next" }
            ol class="steps" {
                @for step in &status.next {
                    li { span { (step.why) } code { (step.command) } }
                }
            }
        }
    }
}

/// What the migrations themselves say.
fn files(overview: &Overview) -> Markup {
    found(&overview.lint, |lint| {
        html! {
            p class="muted" {
                "In the migrations, " a href="#lint" { "lint" } " finds "
                (count(lint.errors, "error", "errors")) ", "
                (count(lint.warnings, "warning", "warnings")) " and "
                (count(lint.notes, "note", "notes")) "."
            }
        }
    })
}

/// An answer to one of the three questions.
struct Answer {
    question: &'static str,
    tone: Tone,
    text: String,
    about: Vec<String>,
}

fn history(migrations: &Migrations) -> Answer {
    let Migrations {
        has_history_table,
        needs_baseline,
        applied,
        pending,
        failed,
        edited,
        missing,
        out_of_order,
    } = migrations;
    let mut about = Vec::new();
    for (number, what) in [
        (failed.len(), "failed"),
        (edited.len(), "edited after being applied"),
        (missing.len(), "applied, and missing from the folder"),
        (out_of_order.len(), "pending, and older than applied ones"),
    ] {
        if number > 0 {
            about.push(format!("{number} {what}"));
        }
    }
    if *needs_baseline {
        about.push("the database has tables and no history".to_owned());
    } else if !has_history_table {
        about.push("the database has no history yet".to_owned());
    }
    let is_broken = !failed.is_empty() || !edited.is_empty() || !missing.is_empty();
    let tone = match () {
        () if is_broken || *needs_baseline => Tone::Bad,
        () if !migrations.is_in_sync() => Tone::Notice,
        () => Tone::Good,
    };
    let text = format!("{} applied, {} pending", applied.len(), pending.len());
    Answer { question: "Migrations", tone, text, about }
}

fn drift(drift: &Drift) -> Answer {
    let (tone, text, about) = match drift {
        Drift::None { ignored } => {
            let about = (!ignored.is_empty()).then(|| {
                count(ignored.len(), "object is meant to differ", "objects are meant to differ")
            });
            (Tone::Good, "No drift".to_owned(), about.into_iter().collect())
        }
        Drift::Found { objects, .. } => {
            let text = count(objects.len(), "object differs", "objects differ");
            (Tone::Bad, text, vec!["from what the migrations make".to_owned()])
        }
        Drift::Unknown { reason } => {
            (Tone::Notice, "Cannot be told".to_owned(), vec![reason.clone()])
        }
    };
    Answer { question: "Drift", tone, text, about }
}

fn schema(schema: &SchemaState) -> Answer {
    let (tone, text, about) = match schema {
        SchemaState::InSync => (Tone::Good, "What the migrations make".to_owned(), Vec::new()),
        SchemaState::Ahead { changes } => {
            const SHOWN: usize = 6;
            let mut about: Vec<String> = changes.iter().take(SHOWN).cloned().collect();
            if changes.len() > SHOWN {
                about.push(format!("and {} more lines", changes.len() - SHOWN));
            }
            (Tone::Notice, "Ahead of the migrations".to_owned(), about)
        }
        SchemaState::Unknown { reason } => {
            (Tone::Notice, "Cannot be told".to_owned(), vec![reason.clone()])
        }
    };
    Answer { question: "Schema", tone, text, about }
}

/// The state of a database in a word, for a list of databases.
pub(crate) fn word(status: &Status) -> Markup {
    if status.is_in_sync() {
        return badge(Tone::Good, "in sync");
    }
    html! {
        @for answer in [history(&status.migrations), drift(&status.drift), schema(&status.schema)] {
            @if answer.tone != Tone::Good { (badge(answer.tone, &answer.text)) " " }
        }
    }
}
