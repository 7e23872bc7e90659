//! `down.sql`: what takes a migration back, beside its `migration.sql`.
//!
//! undrift begins the file with lines that say what it belongs to:
//!
//! ```sql
//! -- undrift: down of 5e88…
//! -- undrift: as written 03ac…
//! -- undrift: incomplete: …
//! ```
//!
//! The first is the checksum of the `migration.sql` that it was made for, the second that of the text
//! below these lines: where it does not fit any more, a person has worked on it. Prisma does not look at
//! the file.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Migration;
use crate::{Error, text};

/// How every line of the head begins.
const HEAD: &str = "-- undrift: ";

/// A `down.sql` that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewDown<'a> {
    /// The SQL, with comments.
    pub script: &'a str,
    /// What cannot be taken back, each in one line; where there is something, the SQL is not all.
    pub incomplete: &'a [String],
}

/// A `down.sql` as it is in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownFile {
    /// The file.
    pub path: PathBuf,
    /// Its text below the lines that undrift put there.
    pub script: String,
    /// What could not be taken back when undrift wrote it.
    pub incomplete: Vec<String>,
    /// Whose it is.
    pub origin: Origin,
}

/// Whose text a `down.sql` is, and of which `migration.sql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// undrift's, for the migration as it is.
    Generated,
    /// undrift's, for the migration as it was before somebody changed it.
    Outdated,
    /// A person's, begun by undrift for the migration as it is, or never seen by undrift.
    ByHand,
    /// A person's, begun by undrift for the migration as it was before somebody changed it.
    ByHandOutdated,
}

/// Reads the `down.sql` of a migration, if there is one.
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub fn read_down(migration: &Migration) -> Result<Option<DownFile>, Error> {
    let path = path(migration);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(Error::unreadable(&path, cause)),
    };
    let text = text::decode(&path, bytes)?;
    Ok(Some(parse(path, &text, &migration.checksum)))
}

/// Writes the `down.sql` of a migration, over the one that is there.
///
/// # Errors
/// When it cannot be written.
pub fn write_down(migration: &Migration, new: &NewDown<'_>) -> Result<(), Error> {
    let path = path(migration);
    let text = head(&migration.checksum, new) + new.script;
    std::fs::write(&path, text).map_err(|cause| Error::unwritable(&path, cause))
}

fn path(migration: &Migration) -> PathBuf {
    migration.path.parent().unwrap_or(Path::new("")).join("down.sql")
}

fn head(checksum: &str, new: &NewDown<'_>) -> String {
    let mut head =
        format!("{HEAD}down of {checksum}\n{HEAD}as written {}\n", fingerprint(new.script));
    for reason in new.incomplete {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        head.push_str(&[HEAD, "incomplete: ", &reason, "\n"].concat());
    }
    head
}

fn parse(path: PathBuf, text: &str, checksum: &str) -> DownFile {
    let (mut of, mut written, mut incomplete) = (None, None, Vec::new());
    let mut script = text.trim_start_matches(text::BYTE_ORDER_MARK);
    while let Some(line) = script.strip_prefix(HEAD) {
        let (line, rest) = line.split_once('\n').unwrap_or((line, ""));
        let line = line.trim_end();
        if let Some(checksum) = line.strip_prefix("down of ") {
            of = Some(checksum);
        } else if let Some(fingerprint) = line.strip_prefix("as written ") {
            written = Some(fingerprint);
        } else if let Some(reason) = line.strip_prefix("incomplete: ") {
            incomplete.push(reason.to_owned());
        }
        script = rest;
    }
    let is_current = of.is_none_or(|of| of == checksum);
    let is_generated = written == Some(fingerprint(script).as_str());
    let origin = match (is_generated, is_current) {
        (true, true) => Origin::Generated,
        (true, false) => Origin::Outdated,
        (false, true) => Origin::ByHand,
        (false, false) => Origin::ByHandOutdated,
    };
    DownFile { path, script: script.to_owned(), incomplete, origin }
}

/// Tells whether a text was changed, other than by git, which may have changed its line ends.
fn fingerprint(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.replace("\r\n", "\n")))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{NewDown, Origin, head, parse};

    const SCRIPT: &str = "\nDROP TABLE a;\n";

    fn origin(text: &str, checksum: &str) -> Origin {
        parse(PathBuf::new(), text, checksum).origin
    }

    #[test]
    fn what_is_written_is_read_again() {
        let reasons = ["the type of\n x".to_owned()];
        let text = head("abc", &NewDown { script: SCRIPT, incomplete: &reasons }) + SCRIPT;
        let read = parse(PathBuf::new(), &text, "abc");
        assert_eq!((read.script.as_str(), read.origin), (SCRIPT, Origin::Generated));
        assert_eq!(read.incomplete, ["the type of x"]);
    }

    #[test]
    fn it_is_known_whether_the_migration_or_the_file_was_changed() {
        let text = head("abc", &NewDown { script: SCRIPT, incomplete: &[] }) + SCRIPT;
        assert_eq!(origin(&text, "other"), Origin::Outdated);
        assert_eq!(origin(&text.replace('\n', "\r\n"), "abc"), Origin::Generated);
        let edited = text.replace("DROP TABLE a", "DROP TABLE a CASCADE");
        assert_eq!(origin(&edited, "abc"), Origin::ByHand);
        assert_eq!(origin(&edited, "other"), Origin::ByHandOutdated);
        assert_eq!(origin("DROP TABLE a;", "abc"), Origin::ByHand);
        assert_eq!(origin("", "abc"), Origin::ByHand);
    }
}
