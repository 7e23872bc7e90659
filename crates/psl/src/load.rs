//! From files to a checked schema.

use crate::{
    resolve::resolve,
    schema::Schema,
    source::{Diagnostic, FileId, SourceFile},
    syntax::{Document, parse},
};

/// What the schema files say, and what is wrong with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The schema; it is whole if no diagnostic is an error.
    pub schema: Schema,
    /// The trees, in the order of the files.
    pub documents: Vec<Document>,
    /// What is wrong, in Prisma's order. What only one release of Prisma objects to is left out: see
    /// [`release_diagnostics`](crate::release_diagnostics).
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads all files of a schema together.
pub fn load(files: &[SourceFile]) -> Loaded {
    let mut documents = Vec::with_capacity(files.len());
    let mut diagnostics = Vec::new();
    for (file, position) in files.iter().zip(0..) {
        let parsed = parse(FileId(position), &file.text);
        documents.push(parsed.document);
        diagnostics.extend(parsed.diagnostics);
    }
    let (schema, diagnostics) = resolve(&documents, diagnostics);
    Loaded { schema, documents, diagnostics }
}
