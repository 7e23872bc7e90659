//! A migrations folder that a program has inside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{
    LOCK_FILE, Migration, MigrationsFolder, checksum, in_order, named_provider, supersede,
};
use crate::{Error, text};

/// The files of a folder, by the names of the folders above each.
type Files<'a> = Vec<(&'a str, &'a [u8])>;

/// Reads migrations from files, by their paths below the migrations folder, with `/` between names: the
/// same as [`read_migrations`](super::read_migrations) reads from that folder.
///
/// # Errors
/// The same, but for files that cannot be read.
pub fn embedded_migrations<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<MigrationsFolder, Error> {
    let files: Files<'_> = files.into_iter().collect();
    let lock = files.iter().find(|(path, _)| *path == LOCK_FILE);
    let provider = match lock {
        Some((_, bytes)) => Some(named_provider(&String::from_utf8_lossy(bytes))?),
        None => None,
    };
    let migrations = read(Path::new(""), files)?;
    Ok(MigrationsFolder { path: PathBuf::new(), migrations, provider })
}

fn read(folder: &Path, files: Files<'_>) -> Result<Vec<Migration>, Error> {
    let mut folders: BTreeMap<&str, Files<'_>> = BTreeMap::new();
    for (path, bytes) in files {
        if let Some((name, rest)) = path.split_once('/') {
            folders.entry(name).or_default().push((rest, bytes));
        }
    }
    let mut migrations = Vec::new();
    for (name, files) in folders {
        let path = folder.join(name).join("migration.sql");
        let script = files.iter().find(|(rest, _)| *rest == "migration.sql");
        let Some((_, bytes)) = script else { return Err(Error::ScriptMissing(path)) };
        let (script, checksum) = (text::decode(&path, bytes.to_vec())?, checksum(bytes));
        let inner = files.iter().filter_map(|(rest, bytes)| {
            let rest = rest.strip_prefix(supersede::FOLDER)?.strip_prefix('/')?;
            Some((rest, *bytes))
        });
        let supersedes = read(&folder.join(name).join(supersede::FOLDER), inner.collect())?;
        migrations.push(Migration { name: name.to_owned(), path, script, checksum, supersedes });
    }
    Ok(in_order(migrations))
}

#[cfg(test)]
mod tests {
    use super::super::read_migrations;
    use super::embedded_migrations;
    use crate::Error;

    const FILES: &[(&str, &[u8])] = &[
        ("migration_lock.toml", b"provider = \"postgresql\"\n"),
        ("readme.txt", b"not a migration"),
        ("2_b/migration.sql", b"SELECT 2;"),
        ("1_a/migration.sql", b"SELECT 1;"),
        ("1_a/down.sql", b"SELECT 0;"),
        ("3_squashed/migration.sql", b"SELECT 3;"),
        ("3_squashed/supersedes/2_b/migration.sql", b"SELECT 2;"),
    ];

    #[test]
    fn they_are_those_that_are_read_from_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in FILES {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let mut read = read_migrations(folder.path()).unwrap();
        let embedded = embedded_migrations(FILES.iter().copied()).unwrap();
        for migration in &mut read.migrations {
            migration.path = migration.path.strip_prefix(folder.path()).unwrap().to_owned();
            for inner in &mut migration.supersedes {
                inner.path = inner.path.strip_prefix(folder.path()).unwrap().to_owned();
            }
        }
        let names: Vec<&str> = embedded.migrations.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["1_a", "3_squashed"]);
        assert_eq!((embedded.migrations, embedded.provider), (read.migrations, read.provider));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let missing = embedded_migrations([("1_a/notes.txt", b"".as_slice())]).unwrap_err();
        assert!(
            matches!(missing, Error::ScriptMissing(path) if path.ends_with("1_a/migration.sql"))
        );
        let other = [("migration_lock.toml", b"provider = \"mysql\"".as_slice())];
        assert!(matches!(embedded_migrations(other), Err(Error::OtherProvider(_))));
    }
}
