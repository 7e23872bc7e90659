//! The files of a schema.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use psl::{SchemaFiles, SourceFile};

use crate::{Error, text};

/// Reads a schema: one file, or every `.prisma` file in a folder and the folders below it, by path.
/// Files are named as a user in `current_directory` would name them.
///
/// # Errors
/// When the path does not exist, a file cannot be read, or one is not UTF-8.
pub fn read_schema(path: &Path, current_directory: &Path) -> Result<SchemaFiles, Error> {
    let mut paths = Vec::new();
    if path.is_dir() {
        collect(path, &mut paths)?;
        paths.sort();
    } else {
        paths.push(path.to_owned());
    }
    paths
        .iter()
        .map(|path| {
            let text = text::read(path)?;
            Ok(SourceFile { path: display(path, current_directory), text: Arc::from(text) })
        })
        .collect()
}

/// The path as a user in that directory would write it.
pub(crate) fn display(path: &Path, current_directory: &Path) -> String {
    let shown = path.strip_prefix(current_directory).unwrap_or(path);
    if shown.as_os_str().is_empty() { ".".to_owned() } else { shown.display().to_string() }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |cause| Error::unreadable(folder, cause);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "prisma") {
            paths.push(path);
        }
    }
    Ok(())
}
