//! From files to a checked schema.

use crate::{
    resolve::{Resolved, release_diagnostics, resolve},
    schema::{Release, Schema},
    source::{Diagnostic, FileId, Severity, SourceFile},
    syntax::{Document, parse},
};

/// What the schema files say, and what is wrong with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The schema; it is whole if no diagnostic is an error.
    pub schema: Schema,
    /// The trees, in the order of the files.
    pub documents: Vec<Document>,
    /// What is wrong whichever release of Prisma is asked.
    pub diagnostics: Vec<Diagnostic>,
    /// How many of the diagnostics are about single things; the others are about how things hang
    /// together, and were looked for only since there was no error so far.
    early: usize,
}

/// Reads all files of a schema together.
///
/// It always returns, with what could be understood.
pub fn load(files: &[SourceFile]) -> Loaded {
    let mut documents = Vec::with_capacity(files.len());
    let mut found = Vec::new();
    for (file, position) in files.iter().zip(0..) {
        let parsed = parse(FileId(position), &file.text);
        documents.push(parsed.document);
        found.extend(parsed.diagnostics);
    }
    let Resolved { schema, mut diagnostics, late_diagnostics } = resolve(&documents, found);
    let early = diagnostics.len();
    diagnostics.extend(late_diagnostics);
    Loaded { schema, documents, diagnostics, early }
}

impl Loaded {
    /// Returns what that release of Prisma says about the schema, all of it.
    ///
    /// Like Prisma, it does not ask how things hang together while single things are wrong.
    pub fn diagnostics_for(&self, release: Release) -> Vec<Diagnostic> {
        let (early, late) = self.diagnostics.split_at(self.early.min(self.diagnostics.len()));
        let own = release_diagnostics(&self.schema, release);
        let has_errors = own.iter().any(|one| one.severity == Severity::Error);
        let late = if has_errors { &[] } else { late };
        [early, &own, late].concat()
    }
}
