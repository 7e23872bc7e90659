//! The crates that are in the program, as cargo resolves them for a target and its features.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use super::build::{features, said};
use super::target::Target;

/// A crate by name and version.
pub(super) type Id = (String, String);

/// A crate in the program.
pub(super) struct Crate {
    /// An SPDX expression, except where there is only a file.
    pub(super) licence: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) folder: PathBuf,
    /// The SHA-256 of what crates.io has, in hexadecimal; ours have none.
    pub(super) checksum: Option<String>,
    /// What it uses.
    pub(super) uses: BTreeSet<Id>,
}

/// All crates in the program for a target. Those that only help to build it are not in it.
pub(super) fn of(root: &Path, target: &Target) -> anyhow::Result<BTreeMap<Id, Crate>> {
    let checksums = checksums(root)?;
    let packages = packages(root, target)?;
    let mut crates = BTreeMap::new();
    for (id, uses) in graph(root, target)? {
        let package = packages.get(&id).with_context(|| format!("no metadata of {id:?}"))?;
        let folder = package.manifest_path.parent().context("a manifest without a folder")?;
        let known = Crate {
            licence: package.license.clone(),
            authors: package.authors.clone(),
            folder: folder.to_owned(),
            checksum: checksums.get(&id).cloned(),
            uses,
        };
        crates.insert(id, known);
    }
    Ok(crates)
}

/// What uses what.
fn graph(root: &Path, target: &Target) -> anyhow::Result<BTreeMap<Id, BTreeSet<Id>>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--package", "undrift", "--target", target.triple]);
    cargo.args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", " {p}"]);
    let tree = said(cargo.args(features(target)).current_dir(root))?;
    let mut graph = BTreeMap::<Id, BTreeSet<Id>>::new();
    let mut above: Vec<Id> = Vec::new();
    for line in tree.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [depth, name, version, ..] = words.as_slice() else { continue };
        let id = ((*name).to_owned(), version.trim_start_matches('v').to_owned());
        above.truncate(depth.parse()?);
        if let Some(user) = above.last() {
            graph.entry(user.clone()).or_default().insert(id.clone());
        }
        graph.entry(id.clone()).or_default();
        above.push(id);
    }
    Ok(graph)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    authors: Vec<String>,
    manifest_path: PathBuf,
}

fn packages(root: &Path, target: &Target) -> anyhow::Result<BTreeMap<Id, Package>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    cargo.args(["--filter-platform", target.triple]).current_dir(root);
    let metadata: Metadata = serde_json::from_str(&said(&mut cargo)?)?;
    let named = |package: Package| ((package.name.clone(), package.version.clone()), package);
    Ok(metadata.packages.into_iter().map(named).collect())
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

fn checksums(root: &Path) -> anyhow::Result<BTreeMap<Id, String>> {
    let lock: Lock = toml::from_str(&std::fs::read_to_string(root.join("Cargo.lock"))?)?;
    let known = |it: Locked| Some(((it.name, it.version), it.checksum?));
    Ok(lock.package.into_iter().filter_map(known).collect())
}
