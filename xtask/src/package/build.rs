//! Builds the program so that the same commit gives the same bytes wherever it is built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::target::{Edition, Target};

const DATE: &str = "--date=format-local:%Y-%m-%dT%H:%M:%SZ";
const MAIL_DATE: &str = "--date=format-local:%a, %d %b %Y %H:%M:%S +0000";

/// The state of the repository that is built.
pub(super) struct Source {
    /// The commit, and whether there is more than it.
    pub(super) commit: String,
    /// When it was made, in seconds since 1970: the time of everything in the packages.
    pub(super) time: u64,
    /// The same as bills of materials tell it.
    pub(super) date: String,
    /// The same as mails, and Debian, tell it.
    pub(super) mail_date: String,
}

impl Source {
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            said(git.args(arguments).current_dir(root).env("TZ", "UTC"))
        };
        let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
        let suffix = if changes.is_empty() { "" } else { "+changes" };
        Ok(Self {
            commit: git(&["rev-parse", "HEAD"])? + suffix,
            time: git(&["log", "-1", "--format=%ct"])?.parse().context("the commit's time")?,
            date: git(&["log", "-1", "--format=%cd", DATE])?,
            mail_date: git(&["log", "-1", "--format=%cd", MAIL_DATE])?,
        })
    }
}

/// Builds for the target what is below `root`, and returns where the program is.
pub(super) fn build(
    root: &Path,
    target: &Target,
    source: &Source,
    target_folder: &Path,
) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    let triple = match target.glibc {
        Some(oldest) => format!("{}.{oldest}", target.triple),
        None => target.triple.to_owned(),
    };
    cargo.arg(if target.is_linked_by_zig() { "zigbuild" } else { "build" });
    cargo.args(["--release", "--locked", "--package", "undrift", "--target", &triple]);
    cargo.args(features(target)).current_dir(root);
    cargo
        .env("CARGO_TARGET_DIR", target_folder)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(root)?.join("\x1f"))
        .env("SOURCE_DATE_EPOCH", source.time.to_string())
        .env("UNDRIFT_COMMIT", &source.commit);
    let status = cargo.status().with_context(|| format!("running {cargo:?}"))?;
    ensure!(
        status.success(),
        "{cargo:?} failed; on Linux it needs `pip install cargo-zigbuild ziglang`, and everywhere \
         `rustup target add {}`",
        target.triple
    );
    Ok(target.built(target_folder))
}

/// The flags of cargo that choose what is in the program.
pub(super) fn features(target: &Target) -> &'static [&'static str] {
    match target.edition {
        Edition::Full => &[],
        Edition::Slim => &["--no-default-features"],
    }
}

/// Flags of the compiler: no folder of this machine in the program, and nothing to unwind with, since a panic ends it.
fn flags(root: &Path) -> anyhow::Result<Vec<String>> {
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::home_dir().context("no home folder")?.join(".cargo"),
    };
    let toolchain = said(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root))?;
    let hidden = [
        (root.to_owned(), "/undrift"),
        (cargo_home, "/cargo"),
        (PathBuf::from(toolchain), "/rust"),
    ];
    let flag = |(folder, name): (PathBuf, &str)| {
        format!("--remap-path-prefix={}={name}", folder.display())
    };
    let tables = "-Cforce-unwind-tables=no".to_owned();
    Ok(hidden.map(flag).into_iter().chain([tables]).collect())
}

/// What a program says, without the last line's end.
pub(super) fn said(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("running {command:?}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {complaint}");
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
