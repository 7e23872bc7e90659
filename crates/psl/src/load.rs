//! From files to a checked schema.

use crate::{
    resolve::{Resolved, release_diagnostics, resolve},
    schema::{Release, Schema},
    source::{Diagnostic, FileId, Severity, SourceFile},
    syntax::{Document, Parsed, parse},
};
use std::ops::Deref;
use std::sync::OnceLock;

/// What the schema files say, and what is wrong with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The schema; it is whole if no diagnostic is an error.
    pub schema: Schema,
    /// What is wrong whichever release of Prisma is asked. For what is wrong with the schema as one
    /// of its release, see [`Loaded::diagnostics_for`] and [`Schema::release`].
    pub diagnostics: Vec<Diagnostic>,
    /// How many of the diagnostics are about single things; the others are about how things hang
    /// together, and were looked for only since there was no error so far.
    early: usize,
}

/// Reads all files of a schema together.
///
/// It always returns, with what could be understood.
pub fn load(files: &[SourceFile]) -> Loaded {
    let (documents, found) = parse_all(files);
    check(&documents, found)
}

fn parse_all(files: &[SourceFile]) -> (Vec<Document>, Vec<Diagnostic>) {
    let mut documents = Vec::with_capacity(files.len());
    let mut found = Vec::new();
    for (file, position) in files.iter().zip(0..) {
        let Parsed { document, diagnostics, tokens: _ } = parse(FileId(position), &file.text);
        documents.push(document);
        found.extend(diagnostics);
    }
    (documents, found)
}

fn check(documents: &[Document], found: Vec<Diagnostic>) -> Loaded {
    let Resolved { schema, mut diagnostics, late_diagnostics } = resolve(documents, found);
    let early = diagnostics.len();
    diagnostics.extend(late_diagnostics);
    Loaded { schema, diagnostics, early }
}

/// The files of one schema, which are parsed once and checked once, when first asked for.
#[derive(Debug, Clone, Default)]
pub struct SchemaFiles {
    files: Vec<SourceFile>,
    parsed: OnceLock<(Vec<Document>, Vec<Diagnostic>)>,
    loaded: OnceLock<Loaded>,
}

impl SchemaFiles {
    /// Returns the trees, in the order of the files.
    pub fn documents(&self) -> &[Document] {
        &self.parsed().0
    }

    /// Returns what [`load`] makes of the files.
    pub fn load(&self) -> &Loaded {
        self.loaded.get_or_init(|| {
            let (documents, found) = self.parsed();
            check(documents, found.clone())
        })
    }

    fn parsed(&self) -> &(Vec<Document>, Vec<Diagnostic>) {
        self.parsed.get_or_init(|| parse_all(&self.files))
    }
}

impl From<Vec<SourceFile>> for SchemaFiles {
    fn from(files: Vec<SourceFile>) -> Self {
        Self { files, ..Self::default() }
    }
}

impl FromIterator<SourceFile> for SchemaFiles {
    fn from_iter<T: IntoIterator<Item = SourceFile>>(files: T) -> Self {
        files.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for SchemaFiles {
    type Target = [SourceFile];

    fn deref(&self) -> &[SourceFile] {
        &self.files
    }
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
