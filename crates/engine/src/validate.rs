//! Whether the schema is right.

use project::Project;
use psl::{Colours, Severity};
use serde::Serialize;

use crate::{Error, schema};

/// A schema that is right.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Validation {
    /// The schema file or folder, as the user would write it.
    pub schema: String,
    /// Warnings, each with the lines it is about.
    pub warnings: Vec<String>,
}

/// Checks the project's schema.
///
/// # Errors
/// When it is wrong: the error shows every mistake with its lines, coloured if asked for.
pub fn validate(project: &Project, colours: bool) -> Result<Validation, Error> {
    let files = &project.schema_files;
    let colours = if colours { Colours::Always } else { Colours::Never };
    let loaded = files.load();
    let diagnostics = loaded.diagnostics_for(loaded.schema.release());
    schema::refuse(&diagnostics, files, colours)?;
    let warnings = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Warning)
        .map(|warning| {
            let lines = psl::render(std::slice::from_ref(warning), files, colours);
            schema::without_passwords(&lines)
        })
        .collect();
    Ok(Validation { schema: project.display(&project.schema_path), warnings })
}
