//! What is made last, of the archives that are there: checksums, the shell installer, Homebrew's formula.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::target::{TARGETS, Target};

/// The installer's file.
pub(crate) const INSTALLER: &str = "undrift-installer.sh";

/// Homebrew's formula.
const FORMULA: &str = "undrift.rb";

/// The targets whose archive is in the folder.
pub(super) fn packaged(folder: &Path, version: &str) -> Vec<&'static Target> {
    TARGETS.iter().filter(|target| folder.join(archive(target, version)).is_file()).collect()
}

/// The archive for a target.
pub(crate) fn archive(target: &Target, version: &str) -> String {
    format!("{}.tar.gz", target.stem(version))
}

/// Writes the shell installer and the formula for files that will be below `url`.
pub(super) fn for_url(
    root: &Path,
    folder: &Path,
    targets: &[&Target],
    version: &str,
    url: &str,
) -> anyhow::Result<()> {
    let mut checksums = String::new();
    let mut platforms = String::new();
    for target in targets {
        let archive = archive(target, version);
        let sum = checksum(&folder.join(&archive))?;
        let _ = writeln!(checksums, "{sum}  {archive}");
        platforms.push_str(&platform(target, &format!("{url}/{archive}"), &sum));
    }
    let glibc = TARGETS.iter().find_map(|target| target.glibc).unwrap_or_default();
    let fill = |template: &str| -> anyhow::Result<String> {
        let text = std::fs::read_to_string(root.join("packaging").join(template))?;
        Ok(text
            .replace("{version}", version)
            .replace("{url}", url)
            .replace("{checksums}", checksums.trim_end())
            .replace("{glibc}", glibc)
            .replace("{homepage}", url.split("/releases/").next().unwrap_or(url))
            .replace("{platforms}", &platforms))
    };
    std::fs::write(folder.join(INSTALLER), fill("install.sh")?)?;
    std::fs::write(folder.join(FORMULA), fill("undrift.rb")?)?;
    Ok(())
}

/// The lines of the formula for a platform; Homebrew on Linux has glibc.
fn platform(target: &Target, url: &str, sum: &str) -> String {
    let os = match (target.os, target.libc) {
        ("darwin", _) => "macos",
        ("linux", Some("glibc")) => "linux",
        _ => return String::new(),
    };
    let cpu = if target.cpu == "x64" { "intel" } else { "arm" };
    format!(
        "  on_{os} do\n    on_{cpu} do\n      url \"{url}\"\n      sha256 \"{sum}\"\n    end\n  end\n\n"
    )
}

/// Writes the checksums of all files in the folder, as `sha256sum --check` reads them.
pub(super) fn checksums(folder: &Path) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for part in [folder.to_owned(), folder.join("npm")] {
        for entry in std::fs::read_dir(&part).with_context(|| part.display().to_string())? {
            let path = entry?.path();
            if path.is_file() && !path.ends_with("SHA256SUMS") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut lines = String::new();
    for path in &files {
        let name = path.strip_prefix(folder)?;
        let _ = writeln!(lines, "{}  {}", checksum(path)?, name.display());
    }
    std::fs::write(folder.join("SHA256SUMS"), lines)?;
    Ok(())
}

/// The SHA-256 of a file, in hexadecimal.
pub(crate) fn checksum(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
