//! Finding `initdb` and `postgres` on the machine.

mod places;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use places::{PATTERNS, TEST_DIRECTORIES, expand};

/// The server programs of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Programs {
    /// The directory that holds `initdb` and `postgres`.
    pub bin_dir: PathBuf,
    /// The major version, such as 17.
    pub major: u32,
}

impl Programs {
    /// Names what these programs make, for use in a file name: two installations of one version may be
    /// built differently.
    pub(crate) fn name(&self) -> String {
        let mut name = self.major.to_string();
        for part in self.bin_dir.iter().map(|part| part.to_string_lossy()) {
            let plain = part.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '.');
            name.push('-');
            name.extend(plain);
        }
        name
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.bin_dir.join(program)
    }
}

/// Where to look for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Directories that may hold the programs themselves, first choice first.
    pub directories: Vec<PathBuf>,
    /// Patterns of such directories, where one component may hold one `*`.
    pub patterns: Vec<PathBuf>,
}

impl Search {
    /// Looks where distributions, Homebrew, `MacPorts` and Postgres.app put PostgreSQL, after the
    /// directories of `path`, the value of `PATH`.
    pub fn standard(path: Option<&OsStr>) -> Self {
        let directories: Vec<_> =
            path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
        Self { directories, patterns: PATTERNS.iter().map(PathBuf::from).collect() }
    }
}

/// Returns every installation that `search` reaches, newest first, each directory once.
pub fn find_programs(search: &Search) -> Vec<Programs> {
    let mut candidates = search.directories.clone();
    candidates.extend(search.patterns.iter().flat_map(|pattern| expand(pattern)));
    candidates.extend(search.directories.iter().filter_map(|directory| configured(directory)));
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for bin_dir in candidates {
        if !bin_dir.join("initdb").is_file() || !bin_dir.join("postgres").is_file() {
            continue;
        }
        let Ok(bin_dir) = fs::canonicalize(bin_dir) else { continue };
        if !seen.insert(bin_dir.clone()) {
            continue;
        }
        if let Some(major) = major(&bin_dir.join("postgres")) {
            found.push(Programs { bin_dir, major });
        }
    }
    found.sort_by_key(|programs| std::cmp::Reverse(programs.major));
    found
}

/// Returns every program of this name that `search` reaches, with its major version: of an installation
/// that has no server, too.
pub fn find_program(search: &Search, name: &str) -> Vec<(PathBuf, u32)> {
    let patterns = search.patterns.iter().flat_map(|pattern| expand(pattern));
    let candidates = search.directories.iter().cloned().chain(patterns);
    let mut seen = BTreeSet::new();
    let paths = candidates.map(|directory| directory.join(name)).filter(|path| path.is_file());
    let new = paths.filter(|path| seen.insert(path.clone()));
    new.filter_map(|path| major(&path).map(|major| (path, major))).collect()
}

/// Chooses the programs closest to the `wanted` major version: the same, else the next newer one
/// (which understands all that an older one wrote), else the newest. With no wish, the newest.
pub fn choose(programs: &[Programs], wanted: Option<u32>) -> Option<&Programs> {
    let newest = || programs.iter().max_by_key(|programs| programs.major);
    let Some(wanted) = wanted else { return newest() };
    programs
        .iter()
        .filter(|programs| programs.major >= wanted)
        .min_by_key(|programs| programs.major)
        .or_else(newest)
}

/// The newest programs on the machine, for tests and developers' commands: those of the directory in
/// `named`, the value of `UNDRIFT_TEST_PROGRAMS`, or else those in the usual places.
pub fn for_tests(named: Option<&OsStr>) -> Option<Programs> {
    let search = match named {
        Some(directory) => Search { directories: vec![directory.into()], patterns: Vec::new() },
        None => Search {
            directories: TEST_DIRECTORIES.iter().map(PathBuf::from).collect(),
            ..Search::standard(None)
        },
    };
    choose(&find_programs(&search), None).cloned()
}

/// Asks a directory's `pg_config` where the other programs are.
fn configured(directory: &Path) -> Option<PathBuf> {
    let program = directory.join("pg_config");
    if !program.is_file() {
        return None;
    }
    output(&program, "--bindir").map(|it| PathBuf::from(it.trim()))
}

/// Asks a program for its major version: "postgres (PostgreSQL) 17.2 (Debian …)" is 17.
fn major(program: &Path) -> Option<u32> {
    let version = output(program, "--version")?;
    let number = version.split_once(") ")?.1;
    let digits = number.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn output(program: &Path, argument: &str) -> Option<String> {
    let output =
        Command::new(program).arg(argument).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn install(directory: &Path, version: &str) {
        fs::create_dir_all(directory).unwrap();
        for program in ["initdb", "postgres"] {
            let path = directory.join(program);
            fs::write(&path, format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n"))
                .unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn patterns_and_path_are_searched_and_the_newest_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        install(&root.join("lib/15/bin"), "15.18 (Debian 15.18-1)");
        install(&root.join("lib/17/bin"), "17beta1");
        install(&root.join("path"), "16.4");
        fs::create_dir_all(root.join("lib/18/bin")).unwrap();
        let search = Search {
            directories: vec![root.join("path"), root.join("missing"), root.join("path")],
            patterns: vec![root.join("lib/*/bin")],
        };
        let majors: Vec<_> = find_programs(&search).iter().map(|it| it.major).collect();
        assert_eq!(majors, [17, 16, 15]);
    }

    #[test]
    fn the_same_major_is_preferred_then_the_next_newer() {
        let programs: Vec<_> =
            [18, 16, 15].map(|major| Programs { bin_dir: PathBuf::new(), major }).to_vec();
        let chosen = |wanted| choose(&programs, wanted).map(|it| it.major);
        assert_eq!(chosen(Some(16)), Some(16));
        assert_eq!(chosen(Some(17)), Some(18));
        assert_eq!(chosen(Some(14)), Some(15));
        assert_eq!(chosen(Some(19)), Some(18));
        assert_eq!(chosen(None), Some(18));
        assert_eq!(choose(&[], None), None);
    }
}
