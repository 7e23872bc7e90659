//! `cargo xtask conformance`: our output against Prisma's, case by case.
//!
//! Each set is one file and one line in [`SETS`]. The cases that fail are listed by name. A case that
//! cannot be run counts as failed, never as passed.

mod from_empty;
mod histories;
mod introspect;
mod pull;
mod pull_roundtrip;
mod reformatter;
mod renames;
mod single_migration;
mod triples;
mod validation;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use catalog::{Catalog, Language, Pair, Qualification};
use clap::Args;
use similar::TextDiff;

/// What to compare.
#[derive(Args)]
pub(crate) struct Flags {
    /// The folder that the corpus was unpacked into
    #[arg(default_value = "../shared/corpus/unpacked")]
    folder: PathBuf,
    /// Only these sets
    #[arg(long, value_delimiter = ',')]
    set: Vec<String>,
    /// Show the differences of the cases whose name contains this
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
}

/// One comparison.
pub(crate) struct Case {
    /// Its name, for the list.
    pub(crate) name: String,
    /// What we print and what Prisma prints, or why there is nothing to compare.
    pub(crate) texts: Result<Texts, String>,
}

/// What we print and what Prisma prints.
pub(crate) struct Texts {
    pub(crate) ours: String,
    pub(crate) prismas: String,
}

struct Set {
    name: &'static str,
    /// The share that must agree, in percent.
    floor: usize,
    cases: fn(&Path) -> anyhow::Result<Vec<Case>>,
}

const SETS: &[Set] = &[
    Set { name: "triples", floor: 95, cases: triples::cases },
    Set { name: "renames", floor: 90, cases: renames::renames },
    Set { name: "renames-unordered", floor: 90, cases: renames::renames_unordered },
    Set { name: "rename-questions", floor: 90, cases: renames::questions },
    Set { name: "from-empty", floor: 100, cases: from_empty::from_empty },
    Set { name: "to-empty", floor: 100, cases: from_empty::to_empty },
    Set { name: "introspect", floor: 80, cases: introspect::cases },
    Set { name: "histories", floor: 70, cases: histories::cases },
    Set { name: "pull", floor: 70, cases: pull::cases },
    Set { name: "pull-roundtrip", floor: 80, cases: pull_roundtrip::cases },
    Set { name: "single-migration", floor: 100, cases: single_migration::cases },
    Set { name: "validation", floor: 98, cases: validation::cases },
    Set { name: "reformatter", floor: 100, cases: reformatter::cases },
];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    if !flags.folder.is_dir() {
        println!(
            "conformance: {} is not there. Unpack the corpus first: ../shared/corpus/unpack DIR, then \
             cargo xtask conformance DIR",
            flags.folder.display()
        );
        return Ok(ExitCode::FAILURE);
    }
    let mut success = true;
    for set in SETS {
        if !flags.set.is_empty() && !flags.set.iter().any(|name| name == set.name) {
            continue;
        }
        let cases = (set.cases)(&flags.folder).with_context(|| format!("reading {}", set.name))?;
        let failed: Vec<&Case> = cases
            .iter()
            .filter(|case| !case.texts.as_ref().is_ok_and(|texts| texts.ours == texts.prismas))
            .collect();
        let agreeing = cases.len() - failed.len();
        println!("{}: {agreeing} of {}", set.name, cases.len());
        success &= !cases.is_empty() && agreeing * 100 >= set.floor * cases.len();
        for case in failed {
            let reason = case.texts.as_ref().err().map_or("differs", String::as_str);
            let words: Vec<&str> = reason.split_whitespace().collect();
            println!("  {}: {}", case.name, words.join(" "));
            if flags.show.as_ref().is_some_and(|wanted| case.name.contains(wanted)) {
                println!("=== {}", case.name);
                match &case.texts {
                    Err(reason) => println!("{reason}"),
                    Ok(texts) => println!(
                        "{}",
                        TextDiff::from_lines(&texts.prismas, &texts.ours)
                            .unified_diff()
                            .header("prisma", "undrift")
                    ),
                }
            }
        }
    }
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A declared catalog, and whether its names are written with their schemas.
pub(crate) struct Declared {
    pub(crate) catalog: Catalog,
    pub(crate) names: Qualification,
    pub(crate) language: Language,
}

/// Declares the catalog of one schema text, or says why it cannot be.
pub(crate) fn declare(texts: &[(String, String)]) -> Result<Declared, String> {
    let files: Vec<psl::SourceFile> = texts
        .iter()
        .map(|(path, text)| psl::SourceFile { path: path.clone(), text: Arc::from(text.as_str()) })
        .collect();
    let loaded = psl::load(&files);
    let errors: Vec<&str> = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == psl::Severity::Error)
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    if !errors.is_empty() {
        return Err(format!("the schema is refused: {}", errors.join("; ")));
    }
    let names = if catalog::names_schemas(&loaded.schema) {
        Qualification::Always
    } else {
        Qualification::Except("public".to_owned())
    };
    let language = Language::of(&loaded.schema);
    Ok(Declared { catalog: catalog::declare(&loaded.schema, "public"), names, language })
}

/// The script that turns one catalog into another.
pub(crate) fn script(catalogs: Pair<&Catalog>, language: Language, names: Qualification) -> String {
    planner::script(&planner::Plan::of(catalogs, language, names))
}

/// The folders in a folder, by name.
pub(crate) fn folders(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry?.path();
        if entry.is_dir() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// The last part of a path as text.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Adds every `.prisma` file below a folder.
pub(crate) fn prisma_files(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            prisma_files(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "prisma") {
            paths.push(path);
        }
    }
}
