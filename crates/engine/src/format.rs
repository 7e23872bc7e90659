//! The schema's layout.

use std::path::Path;
use std::sync::Arc;

use project::Project;
use psl::{Colours, SchemaFiles, SourceFile};
use serde::Serialize;

use crate::{Error, files::write_file, schema};

/// Whether files are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatMode {
    /// Files are only looked at.
    Check,
    /// Files that are not formatted are written.
    Write,
}

/// What was or would be formatted.
#[derive(Debug, Clone, Serialize)]
pub struct Formatting {
    /// The schema file or folder, as the user would write it.
    pub schema: String,
    /// The files that were not formatted.
    pub changed: Vec<String>,
}

/// Formats the project's schema files, as `prisma format` does.
///
/// # Errors
/// When the schema is wrong, in which case nothing is written, or a file cannot be written.
pub fn format(project: &Project, mode: FormatMode, colours: bool) -> Result<Formatting, Error> {
    let files = &project.schema_files;
    let colours = if colours { Colours::Always } else { Colours::Never };
    // As Prisma does: what is checked is the formatted text, since formatting adds what relations lack.
    let formatted = psl::format_files(files);
    let texts = formatted.iter().map(|text| Arc::from(text.as_str()));
    let checked: SchemaFiles = files
        .iter()
        .zip(texts)
        .map(|(file, text)| SourceFile { path: file.path.clone(), text })
        .collect();
    schema::refuse(&checked.load().diagnostics, &checked, colours)?;
    let mut changed = Vec::new();
    for (file, text) in files.iter().zip(formatted) {
        if *file.text == *text {
            continue;
        }
        if mode == FormatMode::Write {
            write_file(&project.root.join(Path::new(&file.path)), &text)?;
        }
        changed.push(file.path.clone());
    }
    Ok(Formatting { schema: project.display(&project.schema_path), changed })
}
