//! Catalogs kept on disk, so that a migrations folder is replayed once, and a database that has not
//! changed is read once.
//!
//! An entry is one file, named after all that the catalog depends on ([`Key`]): other inputs give
//! another name, so an entry is never out of date. A file that cannot be read, whatever the
//! reason, is as good as none.

use crate::{Error, HISTORY_TABLE};
use catalog::{Catalog, Kind};
use project::Migration;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Raised when the meaning of what is kept changes without a change of the queries.
const FORMAT: u32 = 3;

/// How many entries are kept; the oldest go first.
const ENTRIES: usize = 64;

/// What a catalog depends on besides the migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The major version of the server.
    pub server_major: u32,
    /// Whatever else tells it apart: the database and its mark, when it is what one contains.
    pub origin: Vec<String>,
    /// The schemas introspected.
    pub schemas: Vec<String>,
}

/// All that a catalog depends on, in 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// The key of all the migrations given.
    pub fn new(basis: &Basis, migrations: &[Migration]) -> Self {
        let mut digest = Self::begin(basis);
        for migration in migrations {
            add(&mut digest, &migration.name);
            add(&mut digest, &migration.script);
        }
        Self(format!("{:x}", digest.finalize()))
    }

    /// The keys after each of the migrations, in their order.
    pub fn after_each(basis: &Basis, migrations: &[Migration]) -> Vec<Self> {
        let mut digest = Self::begin(basis);
        let after = |migration: &Migration| {
            add(&mut digest, &migration.name);
            add(&mut digest, &migration.script);
            Self(format!("{:x}", digest.clone().finalize()))
        };
        migrations.iter().map(after).collect()
    }

    fn begin(basis: &Basis) -> Sha256 {
        let Basis { server_major, origin, schemas } = basis;
        let mut digest = Sha256::new();
        add(&mut digest, &format!("{FORMAT} {} {HISTORY_TABLE}", env!("CARGO_PKG_VERSION")));
        // A new field comes with a new query.
        for kind in Kind::ALL {
            add(&mut digest, kind.query());
        }
        add(&mut digest, &server_major.to_string());
        for list in [origin, schemas] {
            add(&mut digest, &list.len().to_string());
            for name in list {
                add(&mut digest, name);
            }
        }
        digest
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Adds a text with its length, so that no two lists of texts run together alike.
fn add(digest: &mut Sha256, text: &str) {
    digest.update(text.len().to_le_bytes());
    digest.update(text);
}

/// The catalog kept under a key, if there is one that can be read.
pub fn load(directory: &Path, key: &Key) -> Option<Catalog> {
    let bytes = std::fs::read(path(directory, key)).ok()?;
    let (bytes, length) = bytes.split_last_chunk::<LENGTH>()?;
    // A disk that ran full cuts files short.
    if u64::from_le_bytes(*length) != u64::try_from(bytes.len()).ok()? {
        return None;
    }
    postcard::from_bytes(bytes).ok()
}

/// Keeps a catalog under a key. Whoever reads meanwhile sees all of it or nothing.
pub fn store(directory: &Path, key: &Key, catalog: &Catalog) -> Result<(), Error> {
    let path = path(directory, key);
    write(directory, &path, catalog).map_err(|cause| Error::File { path, cause })?;
    drop_oldest(directory, "catalog", ENTRIES);
    Ok(())
}

/// The bytes behind the catalog that say how long it is.
const LENGTH: usize = 8;

fn path(directory: &Path, key: &Key) -> PathBuf {
    directory.join(format!("{}.catalog", key.0))
}

fn write(directory: &Path, path: &Path, catalog: &Catalog) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let mut bytes = postcard::to_stdvec(catalog).map_err(std::io::Error::other)?;
    // The format does not describe itself: a field left out on writing would shift all others.
    if postcard::from_bytes::<Catalog>(&bytes).ok().as_ref() != Some(catalog) {
        return Err(std::io::Error::other("the catalog does not survive its own encoding"));
    }
    let length = u64::try_from(bytes.len()).map_err(std::io::Error::other)?;
    bytes.extend(length.to_le_bytes());
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(&bytes)?;
    file.persist(path)?;
    Ok(())
}

/// How many outcomes in lines are kept; they are small.
const OUTCOMES: usize = 1024;

/// The lines kept under a key, if there are some that can be read.
pub fn recall_lines(directory: &Path, key: &Key) -> Option<Vec<String>> {
    postcard::from_bytes(&std::fs::read(directory.join(format!("{}.lines", key.0))).ok()?).ok()
}

/// Keeps the outcome of something, in lines, under a key.
pub fn keep_lines(directory: &Path, key: &Key, lines: &[String]) -> Result<(), Error> {
    let path = directory.join(format!("{}.lines", key.0));
    let keep = || {
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&postcard::to_stdvec(lines).map_err(std::io::Error::other)?)?;
        file.persist(&path)?;
        Ok(())
    };
    keep().map_err(|cause| Error::File { path: path.clone(), cause })?;
    drop_oldest(directory, "lines", OUTCOMES);
    Ok(())
}

/// Removes the oldest entries beyond the number kept; that some cannot be removed does not matter.
fn drop_oldest(directory: &Path, ending: &str, kept: usize) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut entries: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == ending))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    entries.sort();
    for (_, path) in entries.iter().rev().skip(kept) {
        drop(std::fs::remove_file(path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::kinds::schema::Schema;

    fn basis() -> Basis {
        Basis { server_major: 15, origin: Vec::new(), schemas: vec!["public".to_owned()] }
    }

    fn migrations(scripts: &[&str]) -> Vec<Migration> {
        scripts
            .iter()
            .map(|script| Migration {
                name: "m".to_owned(),
                path: PathBuf::new(),
                script: (*script).to_owned(),
                checksum: String::new(),
                supersedes: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn a_catalog_is_found_under_its_key_only() {
        let directory = tempfile::tempdir().unwrap();
        let key = Key::new(&basis(), &migrations(&["a", "b"]));
        let mut catalog = Catalog::default();
        catalog.schemas.insert(Schema::named("public"));
        assert_eq!(load(directory.path(), &key), None);
        store(directory.path(), &key, &catalog).unwrap();
        assert_eq!(load(directory.path(), &key), Some(catalog));
        for other in [
            Key::new(&basis(), &migrations(&["ab"])),
            Key::new(&basis(), &migrations(&["a", "b", ""])),
            Key::new(&Basis { server_major: 16, ..basis() }, &migrations(&["a", "b"])),
        ] {
            assert_eq!(load(directory.path(), &other), None);
        }
    }

    #[test]
    fn the_last_of_the_keys_after_each_is_the_key_of_all() {
        let all = migrations(&["a", "b", "c"]);
        let keys = Key::after_each(&basis(), &all);
        assert_eq!(keys.len(), 3);
        assert_eq!(keys[1], Key::new(&basis(), &all[..2]));
        assert_eq!(keys[2], Key::new(&basis(), &all));
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let directory = tempfile::tempdir().unwrap();
        let key = Key::new(&basis(), &[]);
        store(directory.path(), &key, &Catalog::default()).unwrap();
        let path = path(directory.path(), &key);
        let bytes = std::fs::read(&path).unwrap();
        for damaged in [&bytes[..bytes.len() - 1], &bytes[..10], &[]] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(load(directory.path(), &key), None);
        }
    }
}
