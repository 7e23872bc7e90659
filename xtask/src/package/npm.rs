//! Packages of npm: one for each platform, and the one that is installed, which starts the right one.
#![expect(clippy::indexing_slicing, reason = "JSON answers null where it has nothing")]

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::archive::{self, Entry};
use super::target::Target;

/// The scope of the packages for the platforms.
const SCOPE: &str = "@undrift";

/// The file of a platform's package, as `npm pack` would call it.
pub(crate) fn platform_file(target: &Target, version: &str) -> String {
    format!("undrift-{}-{version}.tgz", target.npm())
}

/// The file of the package that is installed.
pub(crate) fn main_file(version: &str) -> String {
    format!("undrift-{version}.tgz")
}

/// Writes the package for a platform.
pub(super) fn platform(
    folder: &Path,
    target: &Target,
    version: &str,
    program: Vec<u8>,
    licences: Vec<Entry>,
    time: u64,
) -> anyhow::Result<()> {
    let mut manifest = json!({
        "name": format!("{SCOPE}/{}", target.npm()),
        "version": version,
        "description": format!("The program undrift for {}; install the package undrift.", target.triple),
        "license": "MIT OR Apache-2.0",
        "os": [target.os],
        "cpu": [target.cpu],
        // A program cannot be started from within an archive.
        "preferUnplugged": true,
    });
    if let Some(libc) = target.libc {
        manifest["libc"] = json!([libc]);
    }
    let mut entries = licences;
    entries.push(Entry::program("bin/undrift", program));
    entries.push(Entry::new("package.json", pretty(&manifest)?));
    write(&folder.join(platform_file(target, version)), entries, time)
}

/// Writes the package that is installed, for the platforms that there are packages for.
pub(super) fn main(
    root: &Path,
    folder: &Path,
    targets: &[&Target],
    version: &str,
    time: u64,
) -> anyhow::Result<()> {
    let sources = root.join("packaging/npm");
    let text = std::fs::read_to_string(sources.join("package.json"))?;
    let mut manifest: Value = serde_json::from_str(&text)?;
    let platforms = targets.iter().map(|it| (format!("{SCOPE}/{}", it.npm()), json!(version)));
    manifest["version"] = json!(version);
    manifest["optionalDependencies"] = platforms.collect::<Map<_, _>>().into();
    let read = |path: &Path| std::fs::read(path).with_context(|| path.display().to_string());
    let entries = vec![
        Entry::program("bin/undrift", read(&sources.join("undrift.js"))?),
        Entry::new("package.json", pretty(&manifest)?),
        Entry::new("README.md", read(&sources.join("README.md"))?),
        Entry::new("LICENSE-APACHE", read(&root.join("LICENSE-APACHE"))?),
        Entry::new("LICENSE-MIT", read(&root.join("LICENSE-MIT"))?),
    ];
    write(&folder.join(main_file(version)), entries, time)
}

fn write(path: &Path, entries: Vec<Entry>, time: u64) -> anyhow::Result<()> {
    let entries = entries.into_iter().map(|entry| entry.within("package")).collect();
    archive::write(path, entries, time)
}

fn pretty(manifest: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(manifest)? + "\n")
}
