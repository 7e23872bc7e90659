//! Declaring a drift as meant.

use project::{Project, Subject, add_ignore_rule};
use serde::Serialize;

use super::explain::{Against, DriftRequest, explain};
use crate::{Error, Progress, Settings};

/// What `drift ignore` did.
#[derive(Debug, Clone, Serialize)]
pub struct Ignoring {
    /// The objects that are ignored from now on, with their kinds.
    pub objects: Vec<String>,
    /// The file that says so.
    pub file: String,
}

/// Writes a rule for each of the objects into `undrift.toml`. They must have drifted, so that no rule
/// is written for a slip.
///
/// # Errors
/// When the database cannot be compared, an object has not drifted, or the file cannot be written.
pub async fn ignore(
    project: &Project,
    settings: &Settings,
    objects: Vec<String>,
    reason: Option<&str>,
    progress: &mut (dyn Progress + '_),
) -> Result<Ignoring, Error> {
    let request = DriftRequest { against: Against::Migrations, objects, sql: false };
    let explanation = explain(project, settings, &request, progress).await?;
    let mut ignored = Vec::new();
    let mut file = project::UNDRIFT_TOML.to_owned();
    for object in &explanation.objects {
        let (kind, id) = (object.difference.kind.title(), object.difference.id.as_str());
        let subject = Subject { kind, id, owner: None };
        let path = add_ignore_rule(&settings.current_directory, subject, reason)?;
        file = project.display(&path);
        ignored.push(format!("{kind} {id}"));
    }
    Ok(Ignoring { objects: ignored, file })
}
