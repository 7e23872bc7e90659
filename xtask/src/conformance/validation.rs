//! What is wrong with a schema: Prisma's fixtures, each with its messages and lines in a comment at its
//! end. Those of other databases do not count.

use std::path::Path;
use std::sync::Arc;

use psl::{Colours, Severity, SourceFile};

use super::{Case, Texts, prisma_files};

pub(super) fn cases(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let folder = folder.join("fixtures/psl/psl/tests/validation");
    let mut paths = Vec::new();
    prisma_files(&folder, &mut paths);
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        if !is_for_postgresql(&text) {
            continue;
        }
        let (schema, prismas) = split(&text);
        let name = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        cases.push(Case { name, texts: Ok(Texts { ours: messages(schema), prismas }) });
    }
    Ok(cases)
}

/// Whether a fixture names PostgreSQL's provider, or none that is known.
fn is_for_postgresql(text: &str) -> bool {
    let others = ["mysql", "sqlite", "sqlserver", "mongodb", "cockroachdb"];
    let mut lines = text.lines().map(str::trim_start).filter(|line| line.starts_with("provider"));
    !lines.any(|line| others.iter().any(|other| line.contains(&format!("\"{other}\""))))
}

/// A fixture's schema, and the text of the comment at its end.
fn split(text: &str) -> (&str, String) {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        if !line.starts_with("//") {
            break;
        }
        start -= line.len();
    }
    let (schema, comment) = text.split_at(start);
    let lines = comment.lines().map(|line| {
        let line = line.strip_prefix("//").unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    (schema, lines.flat_map(|line| [line, "\n"]).collect())
}

/// The errors of a schema as they are shown; its warnings where there are no errors.
fn messages(schema: &str) -> String {
    let file = SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(schema) };
    let files = [file];
    let loaded = psl::load(&files);
    let (errors, warnings): (Vec<_>, Vec<_>) = loaded
        .diagnostics_for(loaded.schema.release())
        .into_iter()
        .partition(|diagnostic| diagnostic.severity == Severity::Error);
    let shown = if errors.is_empty() { warnings } else { errors };
    psl::render(&shown, &files, Colours::Always)
}
