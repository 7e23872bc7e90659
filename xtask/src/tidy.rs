//! `cargo xtask tidy`: the crate graph is the one that ARCHITECTURE.md draws.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, ensure};

/// Each crate, and the crates of ours that it may use.
const CRATES: &[(&str, &[&str])] = &[
    ("aws", &[]),
    ("psl", &[]),
    ("script", &[]),
    ("server", &[]),
    ("server-test", &[]),
    ("catalog", &["psl"]),
    ("pull", &["catalog", "psl"]),
    ("project", &["psl"]),
    ("planner", &["catalog"]),
    ("lint", &["catalog", "script"]),
    ("database", &["aws", "catalog", "project", "script"]),
    (
        "engine",
        &[
            "aws", "catalog", "database", "lint", "planner", "project", "psl", "pull", "script",
            "server",
        ],
    ),
    ("undrift", &["engine", "web"]),
    ("web", &["engine", "script"]),
    ("compatibility", &["catalog", "database", "project"]),
    ("faults", &["catalog", "database", "project", "script", "server"]),
    ("undrift-migrate", &["database", "project"]),
];

/// How many crates there are.
pub(crate) const COUNT: usize = CRATES.len();

/// The crates that must stay free of connections, time and asynchronous code.
const PURE: &[&str] = &["psl", "script", "catalog", "planner", "pull", "lint"];

/// What a pure crate must not use.
const IMPURE: &[&str] = &["tokio", "tokio-postgres", "tempfile", "rustix", "rustls", "uuid"];

/// Checks the crate graph below the workspace's root.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("crates")).context("reading crates/")? {
        found.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    let known: BTreeSet<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    ensure!(found == known, "crates/ holds {found:?}, tidy knows {known:?}");
    for (name, allowed) in CRATES {
        let used = dependencies(root, name)?;
        let ours: BTreeSet<&str> =
            used.keys().map(String::as_str).filter(|used| known.contains(*used)).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        ensure!(ours == allowed, "{name} uses {ours:?} of ours; tidy has {allowed:?}");
        if PURE.contains(name) {
            let impure = IMPURE.iter().find(|impure| used.contains_key(**impure));
            ensure!(impure.is_none(), "{name} is pure and must not use {impure:?}");
        }
    }
    Ok(())
}

fn dependencies(root: &Path, name: &str) -> anyhow::Result<BTreeMap<String, toml::Value>> {
    let path = root.join("crates").join(name).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let manifest: BTreeMap<String, toml::Value> = toml::from_str(&text)?;
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    Ok(table.map(|table| table.clone().into_iter().collect()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_crate_graph_is_the_one_drawn() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        super::run(root).unwrap();
    }
}
