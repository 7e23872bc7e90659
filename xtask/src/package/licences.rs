//! The licences of all that is in the program, in their own words, as they want to be passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use spdx::{Expression, ParseMode};

use super::inventory::{Crate, Id};
use super::target::Target;

/// What may be in the program. Where a crate leaves the choice, one of these is enough.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "PostgreSQL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that state their licence in a file only, read by a person.
const READ: &[(&str, &str)] = &[("saffron", "BSD-3-Clause")];

/// How names of files begin that hold a licence.
const NAMES: &[&str] = &[
    "license",
    "licence",
    "copying",
    "copyright",
    "notice",
    "unlicense",
    "third_party_",
    "postgresql-copyright",
    "openssl-license",
    "icu-license",
];

/// How deep below a crate's folder licences of what it brings along are looked for.
const DEPTH: usize = 4;

/// One text with everything, for the packages of a target.
///
/// # Errors
/// When something is under a licence that was not accepted.
pub(super) fn of(
    root: &Path,
    crates: &BTreeMap<Id, Crate>,
    target: &Target,
) -> anyhow::Result<String> {
    let mut texts = Texts::default();
    let mut without = Vec::new();
    for ((name, version), known) in crates {
        let licence = stated(name, known).unwrap_or_default();
        ensure!(
            is_accepted(&licence)?,
            "{name} {version} is under {licence:?}, which is not accepted"
        );
        // Ours are in the packages as files of their own.
        if known.checksum.is_none() {
            continue;
        }
        let whose = format!("{name} {version} ({licence})");
        let files = files(&known.folder)?;
        if files.is_empty() {
            without.push(format!("{whose}: {}", known.authors.join(", ")));
        }
        for file in files {
            texts.add(&whose, &file)?;
        }
    }
    let standard =
        super::build::said(std::process::Command::new("rustc").args(["--print", "sysroot"]))?;
    let standard = Path::new(&standard).join("share/doc/rust/licenses");
    let rust = "Rust's standard library, copyright The Rust Project contributors";
    for name in ["MIT", "Apache-2.0", "LLVM-exception", "Unicode-3.0"] {
        texts.add(rust, &standard.join(format!("{name}.txt")))?;
    }
    if target.libc == Some("musl") {
        texts.add("musl, the C library", &root.join("packaging/licences/musl.txt"))?;
    }
    Ok(texts.written(&without))
}

/// The licence of a crate as an SPDX expression.
pub(super) fn stated(name: &str, known: &Crate) -> Option<String> {
    let read = || READ.iter().find(|(read, _)| *read == name).map(|(_, licence)| *licence);
    known.licence.as_deref().or_else(read).map(expression)
}

/// An SPDX expression, also of what cargo allowed before there were any.
fn expression(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

fn is_accepted(licence: &str) -> anyhow::Result<bool> {
    let expression = Expression::parse_mode(licence, ParseMode::STRICT)
        .with_context(|| format!("the licence {licence:?}"))?;
    Ok(expression
        .evaluate(|required| required.license.id().is_some_and(|id| ACCEPTED.contains(&id.name))))
}

/// The files of a crate that hold licences.
fn files(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut left = vec![(folder.to_owned(), DEPTH)];
    while let Some((folder, depth)) = left.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let is_code = Path::new(&name).extension().is_some_and(|it| it == "rs" || it == "toml");
            if entry.file_type()?.is_dir() {
                if depth > 0 {
                    left.push((entry.path(), depth - 1));
                }
            } else if NAMES.iter().any(|begin| name.starts_with(begin)) && !is_code {
                found.insert(entry.path());
            }
        }
    }
    Ok(found)
}

/// Texts, each once, with those whose it is.
#[derive(Default)]
struct Texts {
    /// By what is left of a text when its line breaks do not count.
    by_words: BTreeMap<String, (String, BTreeSet<String>)>,
}

impl Texts {
    fn add(&mut self, whose: &str, file: &Path) -> anyhow::Result<()> {
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        let text = String::from_utf8_lossy(&bytes).replace('\r', "");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, all) = self.by_words.entry(words).or_insert_with(|| (text, BTreeSet::new()));
        all.insert(whose.to_owned());
        Ok(())
    }

    fn written(self, without: &[String]) -> String {
        let mut texts: Vec<_> = self.by_words.into_values().collect();
        // What most are under comes first.
        texts.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.cmp(b)));
        let mut all = "What is in undrift, and under which licences.\n".to_owned();
        for (text, whose) in texts {
            let _ = write!(all, "\n{}\n\n", "=".repeat(80));
            for one in whose {
                let _ = writeln!(all, "{one}");
            }
            let _ = write!(all, "\n{}\n", text.trim_end());
        }
        if !without.is_empty() {
            let _ = write!(all, "\n{}\n\n", "=".repeat(80));
            all.push_str("These name their licence and authors, and have no text of it; the texts are above:\n\n");
            for one in without {
                let _ = writeln!(all, "{one}");
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{expression, is_accepted};

    #[test]
    fn of_a_choice_one_accepted_licence_is_enough() {
        for accepted in [
            "MIT/Apache-2.0",
            "Apache-2.0 OR GPL-2.0-only",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_accepted(&expression(accepted)).unwrap(), "{accepted}");
        }
        for refused in ["GPL-3.0-or-later", "MIT AND GPL-2.0-only"] {
            assert!(!is_accepted(refused).unwrap(), "{refused}");
        }
        assert!(is_accepted("").is_err() && is_accepted("No licence").is_err());
    }
}
