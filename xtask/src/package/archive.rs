//! Archives whose bytes follow from what is in them: no owner, one time, one order.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::{Compression, GzBuilder};

/// A file in an archive.
pub(crate) struct Entry {
    /// Where it is in the archive.
    pub(super) path: String,
    pub(super) contents: Vec<u8>,
    pub(super) is_program: bool,
}

impl Entry {
    pub(super) fn new(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), contents: contents.into(), is_program: false }
    }

    pub(super) fn program(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self { is_program: true, ..Self::new(path, contents) }
    }

    /// The same in a folder.
    pub(super) fn within(self, folder: &str) -> Self {
        Self { path: format!("{folder}/{}", self.path), ..self }
    }
}

/// Writes a `.tar.gz`, its files as of `time`, in seconds since 1970.
pub(super) fn write(path: &Path, mut entries: Vec<Entry>, time: u64) -> anyhow::Result<()> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut archive = tar::Builder::new(GzBuilder::new().write(Vec::new(), Compression::best()));
    for Entry { path, contents, is_program } in &entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(contents.len().try_into()?);
        header.set_mode(if *is_program { 0o755 } else { 0o644 });
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, path, contents.as_slice())?;
    }
    let bytes = archive.into_inner()?.finish()?;
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// A text compressed by gzip, without name and time, as Debian wants it.
pub(super) fn gzip(contents: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(contents)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::{Entry, write};

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let entries = || vec![Entry::new("b", "text"), Entry::program("a/program", "code")];
        let turned = entries().into_iter().rev().collect();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        write(&one, entries(), 1_000).unwrap();
        write(&other, turned, 1_000).unwrap();
        assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(other).unwrap());
        let file = std::fs::File::open(one).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let told = archive.entries().unwrap().map(|entry| {
            let header = entry.unwrap().header().clone();
            let path = header.path().unwrap().display().to_string();
            (path, header.mode().unwrap(), header.mtime().unwrap(), header.uid().unwrap())
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told, [("a/program".into(), 0o755, 1_000, 0), ("b".into(), 0o644, 1_000, 0)]);
    }
}
