//! The schema is right, and the migrations make what it says.

use super::ground::Ground;
use super::{Answer, CheckKind};
use crate::status::SchemaState;
use crate::{Error, Issue, Place};

pub(super) const CHECK: CheckKind = CheckKind {
    name: "schema",
    asks: "Do the migrations make what the schema says?",
    codes: &["schema-invalid", "schema-without-migration"],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    match (&ground.schema_problem, &ground.schema) {
        (Some(Error::Schema { .. }), _) => Answer::Found(mistakes(ground)),
        (Some(error), _) => {
            let issue = Issue::error("schema-invalid", error.to_string());
            Answer::Found(vec![issue.in_file(ground.schema_path())])
        }
        (None, Some(SchemaState::InSync)) => Answer::Found(Vec::new()),
        (None, Some(SchemaState::Ahead { changes })) => {
            let message =
                format!("The schema says what no migration makes: {}", changes.join(" ").trim());
            let issue = Issue::error("schema-without-migration", message);
            let advice = "undrift migrate dev --name NAME writes the migration; commit it";
            Answer::Found(vec![issue.advising(advice).in_file(ground.schema_path())])
        }
        (None, Some(SchemaState::Unknown { reason })) => Answer::Unknown(reason.clone()),
        (None, None) => Answer::Skipped("the migrations cannot be replayed".to_owned()),
    }
}

/// Every mistake of the schema, with its place.
fn mistakes(ground: &Ground<'_>) -> Vec<Issue> {
    let files = &ground.project.schema_files;
    let loaded = files.load();
    let errors = loaded.diagnostics.iter().filter(|it| it.severity == psl::Severity::Error);
    let issue = |diagnostic: &psl::Diagnostic| {
        let issue = Issue::error("schema-invalid", diagnostic.message.clone())
            .advising("undrift validate shows it with its lines");
        let at = usize::try_from(diagnostic.span.file.0).ok();
        let Some(file) = at.and_then(|at| files.get(at)) else {
            return issue.in_file(ground.schema_path());
        };
        let (line, column) = position(&file.text, diagnostic.span.start);
        let (end_line, end_column) = position(&file.text, diagnostic.span.end);
        let place = Some(Place { line, column, end_line, end_column });
        Issue { place, ..issue.in_file(file.path.clone()) }
    };
    errors.map(issue).collect()
}

/// The line and the character of a byte, from 1.
fn position(text: &str, byte: u32) -> (usize, usize) {
    let end = usize::try_from(byte).unwrap_or(text.len()).min(text.len());
    let before = text.get(..end).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
