//! `cargo xtask package`: everything that a release consists of, as far as this machine can make it.
//!
//! For each target: the program, an archive with licences, completions and manual pages, a bill of materials, the
//! package of npm, and, of the static ones, a package of Debian and the folder of a container image. Then, of all
//! that is in the folder: npm's main package, the shell installer, Homebrew's formula, checksums. A release builds
//! the targets on several machines, brings the files together, and calls it once more with `--collect`.

mod archive;
mod build;
mod contents;
pub(crate) mod debian;
mod image;
pub(crate) mod index;
mod inventory;
mod licences;
pub(crate) mod npm;
mod sbom;
pub(crate) mod target;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use clap::Args;

use build::Source;
use contents::Manuals;
use target::{TARGETS, Target};

/// The version that is packaged.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What to make, and where.
#[derive(Args)]
pub(crate) struct Flags {
    /// For what; all that this machine can build, unless it is said
    #[arg(long = "target", value_name = "TRIPLE", value_parser = Target::named)]
    targets: Vec<&'static Target>,
    /// Build nothing, only make what is made of the packages that are in the folder
    #[arg(long, conflicts_with = "targets")]
    collect: bool,
    /// Where the files will be; without it there is no shell installer and no formula
    #[arg(long)]
    url: Option<String>,
    /// Build each program once more, from a copy in another folder, and compare the bytes
    #[arg(long)]
    twice: bool,
    /// The folder for the files
    #[arg(long, short, default_value = "target/dist", value_name = "FOLDER")]
    output: PathBuf,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let root = std::env::current_dir()?;
    let folder = root.join(&flags.output);
    std::fs::create_dir_all(folder.join("npm"))?;
    let source = Source::read(&root)?;
    let mut targets = flags.targets.clone();
    if targets.is_empty() && !flags.collect {
        targets = TARGETS.iter().filter(|target| target.is_built_here()).collect();
    }
    let mut programs = Vec::new();
    for target in &targets {
        let program = build::build(&root, target, &source, &root.join("target"))?;
        println!("{}: {} bytes", program.display(), std::fs::metadata(&program)?.len());
        if flags.twice {
            compare(&root, target, &source, &program)?;
        }
        programs.push(program);
    }
    if !programs.is_empty() {
        let manuals = Manuals::by(&programs)?;
        for (target, program) in targets.iter().zip(&programs) {
            package(&root, &folder, target, program, &manuals, &source)?;
        }
    }
    let packaged = index::packaged(&folder, VERSION);
    ensure!(!packaged.is_empty(), "no archives of {VERSION} in {}", folder.display());
    npm::main(&root, &folder.join("npm"), &packaged, VERSION, source.time)?;
    match &flags.url {
        Some(url) => index::for_url(&root, &folder, &packaged, VERSION, url.trim_end_matches('/'))?,
        None => println!("no installer and no formula: --url says where the files will be"),
    }
    index::checksums(&folder)?;
    println!("{} of {} targets in {}", packaged.len(), TARGETS.len(), folder.display());
    Ok(ExitCode::SUCCESS)
}

/// Makes all packages of a target.
fn package(
    root: &Path,
    folder: &Path,
    target: &Target,
    program: &Path,
    manuals: &Manuals,
    source: &Source,
) -> anyhow::Result<()> {
    let crates = inventory::of(root, target)?;
    let sbom = serde_json::to_string_pretty(&sbom::of(&crates, target, source))? + "\n";
    std::fs::write(folder.join(format!("{}.cdx.json", target.stem(VERSION))), sbom)?;
    let of_others = licences::of(root, &crates, target)?;
    let bytes = std::fs::read(program)?;
    let licences = || contents::licences(root, &of_others);

    let mut entries = licences()?;
    entries.extend(manuals.entries());
    entries.push(archive::Entry::new("CHANGELOG.md", std::fs::read(root.join("CHANGELOG.md"))?));
    entries.push(archive::Entry::program("undrift", bytes.clone()));
    let entries = entries.into_iter().map(|entry| entry.within(&target.stem(VERSION))).collect();
    archive::write(&folder.join(index::archive(target, VERSION)), entries, source.time)?;

    npm::platform(&folder.join("npm"), target, VERSION, bytes.clone(), licences()?, source.time)?;
    if let Some(architecture) = target.debian
        && !debian::write(
            root,
            folder,
            architecture,
            VERSION,
            bytes,
            (&of_others, manuals),
            source,
        )?
    {
        println!("{}: no package of Debian, since dpkg-deb is absent", target.triple);
    }
    if let Some(architecture) = target.image {
        image::add(root, folder, architecture, program)?;
    }
    Ok(())
}

/// Builds the commit once more from a copy in a folder of another name.
fn compare(root: &Path, target: &Target, source: &Source, program: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(root.join("target"))?;
    let copy = folder.path().join("a copy in another place");
    let mut git = Command::new("git");
    git.args(["worktree", "add", "--quiet", "--detach"]).arg(&copy).arg("HEAD");
    ensure!(git.status().context("running git")?.success(), "making a copy of the commit");
    let again = build::build(&copy, target, source, &folder.path().join("target"));
    let sums = again.and_then(|again| Ok([index::checksum(program)?, index::checksum(&again)?]));
    let removed = Command::new("git").args(["worktree", "remove", "--force"]).arg(&copy).status();
    ensure!(removed.is_ok_and(|status| status.success()), "{} is left over", copy.display());
    let [one, other] = sums?;
    ensure!(one == other, "{}: built twice, {one} and {other}", target.triple);
    println!("{}: built twice, both times {one}", target.triple);
    Ok(())
}
