//! `cargo xtask fuzz`: a target of `fuzz/`, started from texts that make sense.
//!
//! Needs nightly Rust and `cargo install cargo-fuzz`. A text that breaks a law is left in
//! `fuzz/artifacts`; `fuzz/corpus` keeps what was found worth trying.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::ensure;
use clap::{Args, ValueEnum};

/// Longer texts are mutated in too few places to be worth the time, in bytes.
const LONGEST: u64 = 6000;

/// What is fuzzed, for how long.
#[derive(Args)]
pub(crate) struct Flags {
    /// The target
    target: Target,
    /// For how many minutes
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// A folder with schemas and scripts to start from
    #[arg(long, default_value = "../shared/corpus/unpacked")]
    seeds: PathBuf,
}

/// A target of `fuzz/`.
#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// The parser of the schema language
    Parse,
    /// The formatter
    Format,
    /// From a schema to a catalog and back
    Declare,
    /// The splitter of scripts
    Split,
}

impl Target {
    /// Its name, and the language of its texts.
    fn name_and_language(self) -> (&'static str, &'static str) {
        match self {
            Self::Parse => ("parse", "prisma"),
            Self::Format => ("format", "prisma"),
            Self::Declare => ("declare", "prisma"),
            Self::Split => ("split", "sql"),
        }
    }
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let (target, language) = flags.target.name_and_language();
    let corpus = Path::new("fuzz/corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut seeds = Vec::new();
    if flags.seeds.is_dir() {
        collect(&flags.seeds, language, &mut seeds)?;
    }
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::copy(seed, corpus.join(format!("seed-{number}")))?;
    }
    println!("fuzz: {} texts to start from", seeds.len());
    // Nothing here is unsafe code, so that a sanitizer would only cost time.
    let status = Command::new("cargo")
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["+nightly", "fuzz", "run", "--sanitizer", "none", target, "--"])
        .arg(format!("-dict=fuzz/dictionaries/{language}.dict"))
        .arg(format!("-max_len={LONGEST}"))
        .args(["-len_control=0", "-timeout=10"])
        .arg(format!("-max_total_time={}", flags.minutes * 60))
        .status()?;
    ensure!(status.success(), "a law is broken, or cargo-fuzz is missing: {status}");
    Ok(ExitCode::SUCCESS)
}

/// Adds the files in that language, in order.
fn collect(folder: &Path, language: &str, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<anyhow::Result<Vec<PathBuf>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, language, found)?;
        } else if path.extension().is_some_and(|extension| extension == language)
            && path.metadata()?.len() <= LONGEST
        {
            found.push(path);
        }
    }
    Ok(())
}
