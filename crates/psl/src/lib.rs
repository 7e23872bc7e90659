//! The Prisma schema language: text to a lossless tree, a checked schema model, diagnostics, and
//! back to formatted text.
//!
//! The way of the data: [`SourceFile`]s → [`syntax`] (tokens and the tree of blocks, fields,
//! attributes and expressions; it knows nothing of models or tables) → [`schema`] (models, enums,
//! relations: resolved and checked) plus [`Diagnostic`]s.
//!
//! Broken input is not failure: parsing always returns a value and what is wrong with it. The crate
//! knows nothing of SQL, catalogs, files or the environment.

pub mod constraint_names;
mod format;
mod load;
mod render;
mod resolve;
pub mod schema;
pub mod source;
pub mod syntax;

pub use format::{format, format_files};
pub use load::{Loaded, SchemaFiles, load};
pub use render::{Colours, render, render_refusal};
pub use resolve::{is_reserved_name, operator_class_names, release_diagnostics};
pub use schema::Release;
pub use source::{Diagnostic, FileId, Severity, SourceFile, Span};
pub use syntax::{Parsed, parse};
