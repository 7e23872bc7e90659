//! The schema's layout.

use std::path::Path;

use project::Project;
use psl::Colours;
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
/// When the schema has a syntax error, since nothing may be lost, or a file cannot be written.
pub fn format(project: &Project, mode: FormatMode, colours: bool) -> Result<Formatting, Error> {
    let files = &project.schema_files;
    let colours = if colours { Colours::Always } else { Colours::Never };
    let mut diagnostics = Vec::new();
    for (file, position) in files.iter().zip(0..) {
        diagnostics.extend(psl::parse(psl::FileId(position), &file.text).diagnostics);
    }
    schema::refuse(&diagnostics, files, colours)?;
    let mut changed = Vec::new();
    for (file, text) in files.iter().zip(psl::format_files(files)) {
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
