//! Writing a squashed migration: at no moment is a migration lost.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{Migration, slug::slug, supersede};
use crate::Error;

/// A migration that is to be written in place of others.
#[derive(Debug, Clone, Copy)]
pub struct NewSquash<'a> {
    /// Its name as typed.
    pub name: &'a str,
    /// Its SQL.
    pub script: &'a str,
    /// Those that it stands in place of: successive ones of the folder.
    pub supersedes: &'a [Migration],
}

/// The name of a squashed migration: the time of the last one that it supersedes, so that it stands where
/// they stood, and the slug of its own name. `next` is the migration that comes after them.
pub fn squash_name(new: &NewSquash<'_>, next: Option<&Migration>) -> String {
    let Some(last) = new.supersedes.last().map(|last| last.name.as_str()) else {
        return slug(new.name);
    };
    let slug = slug(new.name);
    let time: String = last.chars().take_while(char::is_ascii_digit).collect();
    let fits = |name: &String| {
        let is_taken = new.supersedes.iter().any(|it| it.name == *name);
        !is_taken && next.is_none_or(|next| *name < next.name)
    };
    let numbered = (2..100).map(|number| format!("{time}_{slug}_{number}"));
    let candidates = std::iter::once(format!("{time}_{slug}")).chain(numbered);
    let named = candidates.filter(|_| !time.is_empty()).find(fits);
    // Behind the last one, and before whatever comes next.
    named.unwrap_or_else(|| format!("{last}_{slug}"))
}

/// Writes a squashed migration with those that it supersedes inside it, and removes them from where they
/// were. If that is cut off, they are there twice, which reading the folder sees through.
///
/// # Errors
/// When a file cannot be written.
pub fn write_squash(
    folder: &Path,
    new: &NewSquash<'_>,
    next: Option<&Migration>,
) -> Result<Migration, Error> {
    let name = squash_name(new, next);
    let unwritable = |cause| Error::unwritable(folder, cause);
    let beside = folder.parent().unwrap_or(folder);
    let prepared =
        tempfile::Builder::new().prefix(".undrift-").tempdir_in(beside).map_err(unwritable)?;
    let content = prepared.path().join("migration");
    for migration in new.supersedes {
        let from = migration.path.parent().unwrap_or(folder);
        let to = content.join(supersede::FOLDER).join(&migration.name);
        copy(from, &to).map_err(unwritable)?;
    }
    std::fs::write(content.join("migration.sql"), new.script).map_err(unwritable)?;
    let place = folder.join(&name);
    std::fs::rename(&content, &place).map_err(unwritable)?;
    for migration in new.supersedes {
        if let Some(old) = migration.path.parent() {
            std::fs::remove_dir_all(old).map_err(unwritable)?;
        }
    }
    let (script, path) = (new.script.to_owned(), place.join("migration.sql"));
    let checksum = format!("{:x}", Sha256::digest(new.script));
    let supersedes = moved(new.supersedes, &place);
    Ok(Migration { name, path, script, checksum, supersedes })
}

/// Migrations as they are inside the one that supersedes them.
fn moved(migrations: &[Migration], into: &Path) -> Vec<Migration> {
    let within = |migration: &Migration| {
        let place = into.join(supersede::FOLDER).join(&migration.name);
        let path = place.join("migration.sql");
        Migration { path, supersedes: moved(&migration.supersedes, &place), ..migration.clone() }
    };
    migrations.iter().map(within).collect()
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NewSquash, squash_name, write_squash};
    use crate::{Migration, read_migrations};

    fn folder(names: &[&str]) -> (tempfile::TempDir, Vec<Migration>) {
        let place = tempfile::tempdir().unwrap();
        for name in names {
            let folder = place.path().join("migrations").join(name);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("migration.sql"), format!("-- {name}\n")).unwrap();
            std::fs::write(folder.join("down.sql"), "").unwrap();
        }
        let read = read_migrations(&place.path().join("migrations")).unwrap();
        (place, read.migrations)
    }

    #[test]
    fn what_is_superseded_moves_inside() {
        let (place, before) = folder(&["1_a", "2_b", "3_c"]);
        let path = place.path().join("migrations");
        let new = NewSquash { name: "All", script: "-- all\n", supersedes: &before[..2] };
        let written = write_squash(&path, &new, before.get(2)).unwrap();
        assert_eq!(written.name, "2_all");
        let read = read_migrations(&path).unwrap().migrations;
        assert_eq!(read, [written, before[2].clone()]);
        assert!(path.join("2_all/supersedes/1_a/down.sql").is_file());
        // Squashed again, they are all still there.
        let new = NewSquash { name: "All", script: "-- more\n", supersedes: &read };
        let again = write_squash(&path, &new, None).unwrap();
        assert_eq!(again.name, "3_all");
        let names: Vec<_> = again.superseded().iter().map(|it| it.name.clone()).collect();
        assert_eq!(names, ["1_a", "2_b", "2_all", "3_c"]);
        assert_eq!(read_migrations(&path).unwrap().migrations, [again]);
    }

    #[test]
    fn a_squash_that_was_cut_off_counts_once() {
        let (place, before) = folder(&["1_a", "2_b"]);
        let path = place.path().join("migrations");
        let new = NewSquash { name: "all", script: "", supersedes: &before };
        write_squash(&path, &new, None).unwrap();
        std::fs::create_dir(path.join("2_b")).unwrap();
        std::fs::write(path.join("2_b/migration.sql"), "-- 2_b\n").unwrap();
        assert_eq!(read_migrations(&path).unwrap().migrations.len(), 1);
    }

    #[test]
    fn it_stands_where_they_stood() {
        let (_place, migrations) = folder(&["1_x", "2_all", "2_b", "nothing"]);
        let name = |upto: usize| {
            let supersedes = migrations.get(..upto).unwrap();
            squash_name(&NewSquash { name: "all", script: "", supersedes }, migrations.get(upto))
        };
        assert_eq!(name(1), "1_all");
        assert_eq!(name(2), "2_all_2");
        assert_eq!(name(3), "2_all_2");
        assert_eq!(name(4), "nothing_all");
    }
}
