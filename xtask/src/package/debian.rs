//! A package of Debian and its kin, with the static program, which depends on nothing.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::archive::{Entry, gzip};
use super::build::Source;
use super::contents::{Manuals, SHELLS};

/// The file of the package.
pub(crate) fn file(architecture: &str, version: &str) -> String {
    format!("undrift_{version}_{architecture}.deb")
}

/// Writes the package, by `dpkg-deb`. Returns whether that is there.
pub(super) fn write(
    root: &Path,
    folder: &Path,
    architecture: &str,
    version: &str,
    program: Vec<u8>,
    (licences, manuals): (&str, &Manuals),
    source: &Source,
) -> anyhow::Result<bool> {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        return Ok(false);
    }
    let tree = tempfile::tempdir()?;
    let size: usize = {
        let entries = entries(root, version, source, program, licences, manuals)?;
        for entry in &entries {
            put(tree.path(), entry)?;
        }
        entries.iter().map(|entry| entry.contents.len()).sum()
    };
    let control = std::fs::read_to_string(root.join("packaging/debian/control"))?
        .replace("{version}", version)
        .replace("{architecture}", architecture)
        .replace("{size}", &size.div_ceil(1024).to_string());
    put(tree.path(), &Entry::new("DEBIAN/control", control))?;
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.args(["--root-owner-group", "-Zxz", "--build"]).arg(tree.path());
    dpkg.arg(folder.join(file(architecture, version)));
    let built = dpkg.env("SOURCE_DATE_EPOCH", source.time.to_string()).output()?;
    ensure!(built.status.success(), "{dpkg:?}: {}", String::from_utf8_lossy(&built.stderr));
    Ok(true)
}

/// What Debian wants to know about changes: when there was which version.
fn changelog(root: &Path, version: &str, source: &Source) -> anyhow::Result<String> {
    let template = std::fs::read_to_string(root.join("packaging/debian/changelog"))?;
    Ok(template.replace("{version}", version).replace("{date}", &source.mail_date))
}

fn entries(
    root: &Path,
    version: &str,
    source: &Source,
    program: Vec<u8>,
    licences: &str,
    manuals: &Manuals,
) -> anyhow::Result<Vec<Entry>> {
    let ours = root.join("packaging/debian");
    let documents = "usr/share/doc/undrift";
    let mut entries = vec![
        Entry::program("usr/bin/undrift", program),
        Entry::new(format!("{documents}/copyright"), std::fs::read(ours.join("copyright"))?),
        Entry::new(
            format!("{documents}/changelog.gz"),
            gzip(changelog(root, version, source)?.as_bytes())?,
        ),
        Entry::new(
            format!("{documents}/CHANGELOG.md.gz"),
            gzip(&std::fs::read(root.join("CHANGELOG.md"))?)?,
        ),
        Entry::new(format!("{documents}/THIRD-PARTY-LICENCES.txt.gz"), gzip(licences.as_bytes())?),
        Entry::new(
            "usr/share/lintian/overrides/undrift",
            std::fs::read(ours.join("lintian-overrides"))?,
        ),
    ];
    for ((_, place, _), (_, script)) in SHELLS.iter().zip(&manuals.completions) {
        entries.push(Entry::new(format!("usr/share/{place}"), script.as_slice()));
    }
    for (name, page) in &manuals.pages {
        entries.push(Entry::new(format!("usr/share/man/man1/{name}.gz"), gzip(page)?));
    }
    Ok(entries)
}

/// Writes a file with the rights that it has when it is installed.
fn put(tree: &Path, entry: &Entry) -> anyhow::Result<()> {
    let path = tree.join(&entry.path);
    let folder = path.parent().context("a file without a folder")?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(&path, &entry.contents)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let rights = |mode| std::fs::Permissions::from_mode(mode);
        for folder in folder.ancestors().take_while(|it| it.starts_with(tree)) {
            std::fs::set_permissions(folder, rights(0o755))?;
        }
        std::fs::set_permissions(&path, rights(if entry.is_program { 0o755 } else { 0o644 }))?;
    }
    Ok(())
}
