//! The migrations folder.

mod down;
mod embedded;
mod slug;
mod squash;
mod supersede;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::{Error, text};

pub use down::{DownFile, NewDown, Origin, read_down, write_down};
pub use embedded::embedded_migrations;
pub use squash::{NewSquash, squash_name, write_squash};
pub use supersede::{Due, unfold};
pub use write::{LOCK_TEXT, NewMigration, new_migration, write_migration};

/// The file that says which database the migrations are for.
const LOCK_FILE: &str = "migration_lock.toml";

/// A migrations folder as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationsFolder {
    /// The folder; it need not exist.
    pub path: PathBuf,
    /// Its migrations, by name: the order in which they are applied.
    pub migrations: Vec<Migration>,
    /// The provider of `migration_lock.toml`, when there is one.
    pub provider: Option<String>,
}

/// A migration as it is in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The name of its folder.
    pub name: String,
    /// Its `migration.sql`.
    pub path: PathBuf,
    /// The script.
    pub script: String,
    /// SHA-256 of the file's bytes in lower-case hex: what the history table keeps.
    pub checksum: String,
    /// The migrations that it stands in place of, by name; none unless it was squashed.
    pub supersedes: Vec<Self>,
}

/// Reads a migrations folder; one that does not exist has no migrations.
///
/// Every folder in it is a migration, whatever its name; files beside them are not looked at.
///
/// # Errors
/// When a folder has no `migration.sql`, a script is not UTF-8, a file cannot be read, or the lock
/// file names another database than PostgreSQL.
pub fn read_migrations(folder: &Path) -> Result<MigrationsFolder, Error> {
    read(folder, |script| Err(Error::ScriptMissing(script)))
}

/// Reads a migrations folder and leaves out the folders that have no `migration.sql`: where it is asked
/// which are missing.
///
/// # Errors
/// The same, but for those.
pub fn read_present_migrations(folder: &Path) -> Result<MigrationsFolder, Error> {
    read(folder, |_| Ok(()))
}

/// Returns the SHA-256 of a file's bytes in lower-case hex: what the history table keeps.
pub fn checksum(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn read(
    folder: &Path,
    missing: fn(PathBuf) -> Result<(), Error>,
) -> Result<MigrationsFolder, Error> {
    let mut read = MigrationsFolder { path: folder.to_owned(), ..MigrationsFolder::default() };
    if !folder.exists() {
        return Ok(read);
    }
    read.provider = provider(&folder.join(LOCK_FILE))?;
    read.migrations = read_folders(folder, missing)?;
    Ok(read)
}

/// Reads the migrations in a folder, by name; `missing` says what of a folder without a script.
fn read_folders(
    folder: &Path,
    missing: fn(PathBuf) -> Result<(), Error>,
) -> Result<Vec<Migration>, Error> {
    let unreadable = |cause| Error::unreadable(folder, cause);
    let mut migrations: Vec<Migration> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let script = path.join("migration.sql");
        let bytes = match std::fs::read(&script) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                missing(script)?;
                continue;
            }
            Err(cause) => return Err(Error::unreadable(&script, cause)),
        };
        let checksum = checksum(&bytes);
        let text = text::decode(&script, bytes)?;
        let inner = path.join(supersede::FOLDER);
        let supersedes = if inner.is_dir() { read_folders(&inner, missing)? } else { Vec::new() };
        migrations.push(Migration { name, path: script, script: text, checksum, supersedes });
    }
    Ok(in_order(migrations))
}

/// The migrations of a folder by name, without those that one of the others stands in place of: what was
/// squashed and is still there stems from a squash that was cut off.
fn in_order(mut migrations: Vec<Migration>) -> Vec<Migration> {
    let superseded: BTreeSet<(String, String)> = migrations
        .iter()
        .flat_map(|migration| &migration.supersedes)
        .map(|it| (it.name.clone(), it.checksum.clone()))
        .collect();
    migrations.retain(|it| !superseded.contains(&(it.name.clone(), it.checksum.clone())));
    migrations.sort_by(|one, other| one.name.cmp(&other.name));
    migrations
}

/// The provider of a lock file, which need not exist but must be PostgreSQL's.
///
/// Like Prisma, this looks at one line only, so that a file with the marks of a merge conflict will do.
fn provider(path: &Path) -> Result<Option<String>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    named_provider(&text::read_lossy(path)?).map(Some)
}

/// The provider that the text of a lock file names.
fn named_provider(text: &str) -> Result<String, Error> {
    let mut lines = text.trim_start_matches(text::BYTE_ORDER_MARK).lines();
    let named = lines.find_map(|line| {
        let value = line.strip_prefix("provider")?.trim_start().strip_prefix('=')?.trim();
        let quoted = value.strip_prefix('"').and_then(|quoted| quoted.split_once('"'));
        Some(quoted.map_or(value, |(inside, _)| inside).to_owned())
    });
    match named {
        Some(provider) if provider == "postgresql" => Ok(provider),
        other => {
            Err(Error::OtherProvider(other.unwrap_or_else(|| "<PROVIDER NOT FOUND>".to_owned())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read_migrations;
    use crate::Error;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    #[test]
    fn migrations_come_in_the_order_of_their_names() {
        let folder = folder(&[
            ("2_b/migration.sql", b""),
            ("1_a/migration.sql", b"SELECT 1;"),
            ("readme.txt", b"not a migration"),
        ]);
        let read = read_migrations(folder.path()).unwrap();
        let names: Vec<_> = read.migrations.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["1_a", "2_b"]);
        // sha256sum of nothing.
        assert!(read.migrations[1].checksum.starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let missing = folder(&[("1_a/notes.txt", b"")]);
        let error = read_migrations(missing.path()).unwrap_err();
        assert!(
            matches!(&error, Error::ScriptMissing(path) if path.ends_with("1_a/migration.sql"))
        );
        let broken = folder(&[("1_a/migration.sql", b"SELECT 1;\n\xff")]);
        let error = read_migrations(broken.path()).unwrap_err();
        assert!(matches!(error, Error::NotUtf8 { offset: 10, line: 2, .. }));
    }

    #[test]
    fn the_lock_file_must_name_postgresql() {
        let provider = |text: &str| {
            let folder = folder(&[("migration_lock.toml", text.as_bytes())]);
            match read_migrations(folder.path()) {
                Ok(read) => format!("ok {}", read.provider.unwrap()),
                Err(Error::OtherProvider(provider)) => provider,
                Err(other) => panic!("{other}"),
            }
        };
        for good in [
            "# a comment\nprovider = \"postgresql\"\n",
            "\u{feff}provider = \"postgresql\"\r\n",
            "<<<<<<< HEAD\nprovider = \"postgresql\"\n=======\n",
            "provider=\"postgresql\" # a comment",
        ] {
            assert_eq!(provider(good), "ok postgresql", "{good:?}");
        }
        // What Prisma names in P3019.
        assert_eq!(provider("provider = \"oracle\""), "oracle");
        assert_eq!(provider("provider = \"postgres\""), "postgres");
        assert_eq!(provider("provider = 1"), "1");
        assert_eq!(provider("provider = "), "");
        assert_eq!(provider(""), "<PROVIDER NOT FOUND>");
        assert_eq!(provider("x = 1"), "<PROVIDER NOT FOUND>");
        assert_eq!(Error::OtherProvider(String::new()).code(), Some("P3019"));
        let none = read_migrations(folder(&[]).path()).unwrap();
        assert_eq!(none.provider, None);
        let absent = read_migrations(&folder(&[]).path().join("absent")).unwrap();
        assert!(absent.migrations.is_empty());
    }
}
