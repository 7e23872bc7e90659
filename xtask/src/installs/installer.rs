//! The shell installer, against a server on this machine.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::ground::{Ground, ends, is_itself};
use super::served::Served;
use crate::package::index::INSTALLER;

/// All that it needs, besides a way to download.
const TOOLS: &[&str] = &[
    "cut",
    "getconf",
    "gzip",
    "head",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "sed",
    "sha256sum",
    "sh",
    "sort",
    "tar",
    "uname",
];

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let script = ground.package(INSTALLER)?;
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(ground.packages())? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "gz") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(format!("/{name}"), std::fs::read(path)?);
        }
    }
    let damaged = files.iter().map(|(name, bytes)| (name.clone(), damaged(bytes))).collect();
    let half = files
        .iter()
        .map(|(name, it)| (name.clone(), it.iter().take(it.len() / 2).copied().collect()));
    let half = half.collect();
    let [whole, damaged, half] = [files, damaged, half].map(serve);
    let (whole, damaged, half) = (whole?, damaged?, half?);

    let mut held = Vec::new();
    for downloader in ["curl", "wget"] {
        let home = ground.scratch()?;
        let tools = tools(&ground.scratch()?, downloader)?;
        for (variable, name) in [("UNDRIFT_FULL", "best"), ("UNDRIFT_SLIM", "slim")] {
            let mut installer = installer(&script, &home, &whole);
            ends(installer.env("PATH", &tools).env(variable, "1"), 0)?;
            let folder = home.join(".local/bin");
            ensure!(names(&folder)? == ["undrift"], "left over: {:?}", names(&folder)?);
            let told = is_itself(&mut Command::new(folder.join("undrift")))?;
            held.push(format!("by {downloader}, the {name}: {}", told["target"]));
        }
    }

    let home = ground.scratch()?;
    for served in [&damaged, &half] {
        ends(&mut installer(&script, &home, served), 1).and_then(|said| {
            let is_told = said.contains("nothing was installed") && said.contains("SHA-256");
            ensure!(is_told, "{said}");
            ensure!(names(&home.join(".local/bin"))?.is_empty(), "something is left over");
            Ok(())
        })?;
    }
    let former = home.join(".local/bin/undrift");
    std::fs::write(&former, "a former one")?;
    ends(&mut installer(&script, &home, &damaged), 1)?;
    ensure!(std::fs::read_to_string(&former)? == "a former one", "the former program is gone");
    held.push(
        "a damaged archive and half of one are refused, and leave the former program".to_owned(),
    );

    let text = std::fs::read(&script)?;
    let cuts = 50;
    for cut in 1..cuts {
        let home = ground.scratch()?;
        let part = home.join("part.sh");
        std::fs::write(&part, text.get(..text.len() * cut / cuts).unwrap_or_default())?;
        let _any = installer(&part, &home, &whole).output()?;
        ensure!(
            names(&home)? == ["part.sh"],
            "a part of the script does something: {cut} of {cuts}"
        );
    }
    held.push(format!("cut off in {} places, the script does nothing", cuts - 1));
    Ok(held)
}

fn serve(files: BTreeMap<String, Vec<u8>>) -> anyhow::Result<Served> {
    Served::new(TcpListener::bind("127.0.0.1:0")?, files)
}

/// One bit is another.
fn damaged(bytes: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    if let Some(byte) = damaged.get_mut(bytes.len() / 2) {
        *byte ^= 1;
    }
    damaged
}

fn installer(script: &Path, home: &Path, served: &Served) -> Command {
    let mut installer = Command::new("sh");
    installer.arg(script).env("HOME", home).env("UNDRIFT_URL", served.url());
    installer
}

/// A folder with the tools that are needed, and this one.
fn tools(folder: &Path, downloader: &str) -> anyhow::Result<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    for name in TOOLS.iter().chain([&downloader]) {
        let places = std::env::split_paths(&path).map(|folder| folder.join(name));
        let tool = places
            .into_iter()
            .find(|it| it.is_file())
            .with_context(|| format!("absent: {name}"))?;
        std::os::unix::fs::symlink(tool, folder.join(name))?;
    }
    Ok(folder.to_owned())
}

/// The names of what is in a folder.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}
