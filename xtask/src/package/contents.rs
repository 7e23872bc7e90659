//! What goes along with the program: licences, completions, manual pages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::archive::Entry;

/// Where each shell looks for completions below `/usr/share`, and what it is called in an archive.
pub(super) const SHELLS: &[(&str, &str, &str)] = &[
    ("bash", "bash-completion/completions/undrift", "undrift.bash"),
    ("zsh", "zsh/vendor-completions/_undrift", "_undrift"),
    ("fish", "fish/vendor_completions.d/undrift.fish", "undrift.fish"),
];

/// What the program writes about itself; the same on every platform.
pub(super) struct Manuals {
    /// By shell.
    pub(super) completions: Vec<(&'static str, Vec<u8>)>,
    /// By file.
    pub(super) pages: Vec<(String, Vec<u8>)>,
}

impl Manuals {
    /// Lets the first of these programs that runs on this machine write.
    pub(super) fn by(programs: &[PathBuf]) -> anyhow::Result<Self> {
        let runs = |program: &&PathBuf| {
            let ran = Command::new(program).arg("version").output();
            ran.is_ok_and(|output| output.status.success())
        };
        let program = programs.iter().find(runs).with_context(|| {
            format!("none of {programs:?} runs here, and one must write manual pages: name this machine's target, too")
        })?;
        let mut completions = Vec::new();
        for (shell, _, _) in SHELLS {
            let output = Command::new(program).args(["completions", shell]).output()?;
            ensure!(output.status.success(), "completions {shell}: {output:?}");
            completions.push((*shell, output.stdout));
        }
        let folder = tempfile::tempdir()?;
        let wrote = Command::new(program).args(["man", "--output"]).arg(folder.path()).status()?;
        ensure!(wrote.success(), "writing manual pages");
        let mut pages = Vec::new();
        for entry in std::fs::read_dir(folder.path())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            pages.push((name, std::fs::read(entry.path())?));
        }
        pages.sort();
        Ok(Self { completions, pages })
    }

    /// The files of an archive.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for ((_, _, name), (_, script)) in SHELLS.iter().zip(&self.completions) {
            entries.push(Entry::new(format!("completions/{name}"), script.as_slice()));
        }
        for (name, page) in &self.pages {
            entries.push(Entry::new(format!("man/{name}"), page.as_slice()));
        }
        entries
    }
}

/// The licences of undrift, and of all that is in it.
pub(super) fn licences(root: &Path, of_others: &str) -> anyhow::Result<Vec<Entry>> {
    let mut entries = vec![Entry::new("THIRD-PARTY-LICENCES.txt", of_others)];
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        entries.push(Entry::new(name, std::fs::read(root.join(name))?));
    }
    Ok(entries)
}
