//! Whole schemas: those in `ok` have nothing wrong with them, those in `err` exactly what the
//! `.expect` file beside them says, which was written down from Prisma's own answer.
//!
//! A line of such a file is `severity line:column-line:column message`, errors first, with lines and
//! bytes of a line counted from one. A schema that starts with `// release: 6` is read with the rules
//! of that release, all others with those of 7.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use psl::{Diagnostic, Release, Severity, SourceFile};

/// Returns what is wrong with the text, as the `.expect` files have it.
fn diagnose(text: &str) -> String {
    let release = if text.starts_with("// release: 6") { Release::Six } else { Release::Seven };
    let file = SourceFile { path: "schema.prisma".to_owned(), text: text.into() };
    let mut diagnostics = psl::load(&[file]).diagnostics_for(release);
    diagnostics.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    let mut out = String::new();
    for Diagnostic { severity, message, span } in diagnostics {
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (start, end) = (place(text, span.start), place(text, span.end));
        writeln!(out, "{severity} {start}-{end} {}", message.replace('\n', "\\n")).unwrap();
    }
    out
}

fn place(text: &str, offset: u32) -> String {
    let before = text.get(..offset as usize).unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("{line}:{column}")
}

fn schemas(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut schemas: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "prisma"))
        .collect();
    schemas.sort();
    assert!(!schemas.is_empty());
    schemas
}

#[test]
fn a_good_schema_has_no_diagnostics() {
    for path in schemas("ok") {
        let found = diagnose(&fs::read_to_string(&path).unwrap());
        assert_eq!(found, "", "{}", path.display());
    }
}

#[test]
fn a_bad_schema_has_the_diagnostics_that_prisma_gives_it() {
    for path in schemas("err") {
        let found = diagnose(&fs::read_to_string(&path).unwrap());
        let expected = fs::read_to_string(path.with_extension("expect")).unwrap();
        assert_eq!(found, expected, "{}", path.display());
    }
}

#[test]
fn a_schema_for_another_database_is_refused_in_one_sentence() {
    let text = "datasource db {\n  provider = \"mysql\"\n}\n\nmodel A {\n  id Int @id @db.Int\n}\n";
    let expected =
        "error 2:14-2:21 undrift works with PostgreSQL; this datasource is for `mysql`.\n";
    assert_eq!(diagnose(text), expected);
}

#[test]
fn half_a_schema_never_panics() {
    for path in schemas("ok").into_iter().chain(schemas("err")) {
        let text = fs::read_to_string(&path).unwrap();
        for end in (0..text.len()).step_by(5).filter(|end| text.is_char_boundary(*end)) {
            drop(diagnose(text.get(..end).unwrap()));
            drop(diagnose(text.get(end..).unwrap()));
        }
    }
}
