//! The way of a new user, as the README tells it: its commands are run as they stand there.

use std::process::{Command, Stdio};

#[cfg(not(feature = "embedded"))]
use server_test::server_test;

use crate::stand::Ran;

/// The commands of the README's block from nothing to a repaired drift, without their comments.
fn commands() -> Vec<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, behind) = readme.split_once("## From nothing to a repaired drift").unwrap();
    let (_, block) = behind.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let command = |line: &str| line.split("  #").next().unwrap_or_default().trim().to_owned();
    block.lines().map(command).filter(|line| !line.is_empty()).collect()
}

#[cfg_attr(feature = "embedded", test)]
#[cfg_attr(not(feature = "embedded"), server_test)]
fn from_nothing_to_a_repaired_drift_in_fewer_than_six_commands() {
    let commands = commands();
    assert!((3..6).contains(&commands.len()), "{commands:?}");
    let (install, rest) = commands.split_first().unwrap();
    // What that puts on the path, cargo has built for this test.
    assert_eq!(install, "cargo install --path crates/undrift");
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_undrift"), programs.join("undrift")).unwrap();
    let mut shell = Command::new("sh");
    shell.arg("-ec").arg(rest.join("\n")).current_dir(folder.path()).stdin(Stdio::null());
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display());
    shell.env_clear().env("PATH", path).env("UNDRIFT_CACHE", folder.path().join("cache"));
    // Somebody's own database is not to be touched by it.
    shell.env("DATABASE_URL", "postgresql://nobody@localhost:1/production");
    let ran = Ran::from(shell.output().unwrap()).ended(0);
    let ran = ran.says("Drift: 3 objects are not as the migrations make them");
    let ran = ran.says("Proven").says("Database schema is up to date!");
    let (_, last) = ran.stdout.rsplit_once("Proven").unwrap();
    assert!(!last.contains("Drift"), "{last}");
    assert!(!last.contains("The schema says what no migration makes"), "{last}");
}
