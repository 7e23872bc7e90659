//! The files of a schema.

use std::collections::BTreeSet;
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
        collect(path, &mut paths, &mut BTreeSet::new())?;
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

/// Adds the schema files of a folder and of those below it; links are followed, but a folder that links
/// lead back to is not read again.
fn collect(
    folder: &Path,
    paths: &mut Vec<PathBuf>,
    seen: &mut BTreeSet<PathBuf>,
) -> Result<(), Error> {
    let unreadable = |cause| Error::unreadable(folder, cause);
    if !seen.insert(folder.canonicalize().map_err(unreadable)?) {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    // Which of several ways to a folder is taken must not depend on the file system.
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for path in entries.iter().map(std::fs::DirEntry::path) {
        if path.is_dir() {
            collect(&path, paths, seen)?;
        } else if path.extension().is_some_and(|extension| extension == "prisma") {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read_schema;

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_a_circle() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [("db/a.prisma", "// a"), ("other/b.prisma", "// b")] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        };
        link(".", "db/loop");
        link("../other", "db/link");
        link("../db", "other/back");
        let files = read_schema(&folder.path().join("db"), folder.path()).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(names, ["db/a.prisma", "db/link/b.prisma"]);
        // A link that leads nowhere is an error, as for Prisma.
        link("nowhere", "db/c.prisma");
        let error = read_schema(&folder.path().join("db"), folder.path()).unwrap_err().to_string();
        assert!(error.contains("db/c.prisma: No such file"), "{error}");
    }
}
