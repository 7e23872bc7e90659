//! The package of Debian, by dpkg into a root of its own, and by lintian.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::ground::{Ground, ends, is_itself};
use crate::package::{VERSION, debian};

/// The architecture of this machine.
const ARCHITECTURE: &str = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let package = ground.package(&debian::file(ARCHITECTURE, VERSION))?;
    let root = ground.scratch()?;
    let dpkg = root.join("var/lib/dpkg");
    for folder in ["info", "updates"] {
        std::fs::create_dir_all(dpkg.join(folder))?;
    }
    std::fs::write(dpkg.join("status"), "")?;
    let dpkg = |arguments: &[&str]| {
        let mut dpkg = Command::new("dpkg");
        dpkg.arg("--force-not-root").arg(format!("--root={}", root.display()));
        dpkg.arg(format!("--log={}", root.join("log").display())).args(arguments);
        ends(&mut dpkg, 0)
    };
    dpkg(&["--install", &package.display().to_string()])?;
    let told = is_itself(&mut Command::new(root.join("usr/bin/undrift")))?;
    let database = ground.database()?;
    let project = ground.scratch()?;
    Ground::project(&project)?;
    let mut deploy = Command::new(root.join("usr/bin/undrift"));
    deploy.args(["migrate", "deploy"]).current_dir(&project).env("DATABASE_URL", &database);
    ends(deploy.env("UNDRIFT_CACHE", ground.scratch()?), 0)?;
    ground.is_deployed(&database)?;
    let page = root.join("usr/share/man/man1/undrift-migrate-deploy.1.gz");
    ensure!(page.is_file(), "no manual page");
    let manual =
        ends(Command::new("man").arg("--local-file").arg(&page).env("MANPAGER", "cat"), 0)?;
    ensure!(
        manual.contains("undrift-migrate-deploy") || manual.contains("undrift migrate deploy"),
        "{manual}"
    );
    let mut held = vec![format!("installed, deploys, is removed: {}", told["target"])];
    dpkg(&["--remove", "undrift"])?;
    let left = files(&root.join("usr"))?;
    ensure!(left == 0, "{left} files are left over in /usr");

    let lint = Command::new("lintian").arg("--allow-root").arg(&package).output();
    let lint = lint.context("absent: lintian")?;
    let said = String::from_utf8_lossy(&lint.stdout);
    let errors = said.lines().filter(|line| line.starts_with("E:")).count();
    ensure!(errors == 0, "lintian: {said}");
    held.push(format!("lintian: no errors, {} warnings", said.lines().count()));
    held.extend(said.lines().map(|line| format!("  {line}")));
    Ok(held)
}

/// How many files there are below a folder.
fn files(folder: &Path) -> anyhow::Result<usize> {
    if !folder.exists() {
        return Ok(0);
    }
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() { files(&entry.path())? } else { 1 };
    }
    Ok(count)
}
