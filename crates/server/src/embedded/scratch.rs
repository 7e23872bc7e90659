//! The throw-away directories of embedded servers.
//!
//! Nothing outlives a `kill -9` that could clean up after us, so each directory holds a file that is
//! locked for as long as its owner lives, and whoever makes the next one deletes those whose owner is
//! gone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Error;

const PREFIX: &str = "undrift-embedded-";
const LOCK: &str = "lock";

/// A directory that is deleted with this value, or at the latest by the next one.
#[derive(Debug)]
pub(super) struct Scratch {
    directory: TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes a directory below `parent`.
    pub(super) fn new(parent: &Path) -> Result<Self, Error> {
        delete_ownerless(parent);
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(parent)
            .map_err(Error::file("creating a directory in", parent))?;
        let path = directory.path().join(LOCK);
        let lock = File::create(&path).map_err(Error::file("creating", &path))?;
        lock.lock().map_err(Error::file("locking", path))?;
        Ok(Self { directory, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Fills `data` in the directory with a copy of `template`.
    pub(super) fn copy(&self, template: &Path) -> Result<PathBuf, Error> {
        let data = self.path().join("data");
        copy(template, &data).map_err(Error::file("copying", template))?;
        Ok(data)
    }
}

/// Deletes what killed processes left. Whatever cannot be deleted is somebody else's.
fn delete_ownerless(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let ours = path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(PREFIX));
        // One without a lock is only just being made.
        if ours
            && let Ok(lock) = File::open(path.join(LOCK))
            && lock.try_lock().is_ok()
        {
            drop(fs::remove_dir_all(path));
        }
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_without_an_owner_are_deleted_and_others_are_not() {
        let parent = tempfile::tempdir().unwrap();
        let abandoned = parent.path().join("undrift-embedded-gone");
        fs::create_dir(&abandoned).unwrap();
        File::create(abandoned.join(LOCK)).unwrap();
        let unrelated = parent.path().join("undrift");
        fs::create_dir(&unrelated).unwrap();
        let first = Scratch::new(parent.path()).unwrap();
        let second = Scratch::new(parent.path()).unwrap();
        assert!(!abandoned.exists());
        assert!(unrelated.exists() && first.path().exists() && second.path().exists());
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists());
    }
}
