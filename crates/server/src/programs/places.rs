// Where PostgreSQL's server programs are. The build script of `server-test` includes this file.

use std::path::{Path, PathBuf};

/// Where distributions, Homebrew, `MacPorts` and Postgres.app put PostgreSQL; one `*` a pattern.
pub(crate) const PATTERNS: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/local/pgsql*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// Where tests look besides, whatever the `PATH` is.
pub(crate) const TEST_DIRECTORIES: &[&str] = &["/usr/bin", "/usr/local/bin"];

/// Lists the directories that a pattern with at most one `*` stands for.
pub(crate) fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut components = pattern.components();
    let mut stem = PathBuf::new();
    let Some((prefix, suffix)) = components.by_ref().find_map(|component| {
        let text = component.as_os_str().to_string_lossy().into_owned();
        let parts =
            text.split_once('*').map(|(before, after)| (before.to_owned(), after.to_owned()));
        if parts.is_none() {
            stem.push(component);
        }
        parts
    }) else {
        return vec![pattern.to_owned()];
    };
    let rest = components.as_path();
    let Ok(entries) = std::fs::read_dir(&stem) else { return Vec::new() };
    let mut names: Vec<std::ffi::OsString> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .filter(|name| {
            let name = name.to_string_lossy();
            name.len() >= prefix.len() + suffix.len()
                && name.starts_with(&prefix)
                && name.ends_with(&suffix)
        })
        .collect();
    names.sort();
    names.into_iter().map(|name| stem.join(name).join(rest)).collect()
}
