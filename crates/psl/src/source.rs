//! Where text came from and what is wrong with it.

use std::sync::Arc;

/// One schema file as read: its path for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path shown in messages; it is never opened.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// The position of a file in the list given to the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A range of bytes of one file, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file that holds the range.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The schema can be used all the same.
    Warning,
    /// The schema must not be used.
    Error,
}

/// One thing that is wrong with a schema, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the schema can still be used.
    pub severity: Severity,
    /// What is wrong, worded as Prisma words it where Prisma has the message.
    pub message: String,
    /// The text it is about.
    pub span: Span,
}
