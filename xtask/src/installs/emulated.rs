//! The static program of arm64, by qemu.

use std::process::Command;

use anyhow::ensure;

use super::ground::{Ground, ends, is_itself};

/// The emulator, in its static form.
const EMULATOR: &str = "qemu-aarch64-static";

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let program = ground.package("image/arm64/undrift")?;
    let emulated = || {
        let mut command = Command::new(EMULATOR);
        command.arg(&program);
        command
    };
    let told = is_itself(&mut emulated())?;
    ensure!(told["target"] == "aarch64-unknown-linux-musl", "{told}");
    let project = ground.scratch()?;
    Ground::project(&project)?;
    let url = ground.database()?;
    for line in [&["validate"][..], &["migrate", "deploy"], &["migrate", "deploy"]] {
        let mut command = emulated();
        command.args(line).current_dir(&project).env("DATABASE_URL", &url);
        ends(command.env("UNDRIFT_CACHE", ground.scratch()?), 0)?;
    }
    ground.is_deployed(&url)?;
    Ok(vec!["version, validate, migrate deploy".to_owned()])
}
