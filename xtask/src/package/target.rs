//! What undrift is packaged for.

use std::path::{Path, PathBuf};

/// Whether PostgreSQL is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// With PostgreSQL inside
    Full,
    /// Without
    Slim,
}

/// A platform, by the names that it has in each place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Rust's name.
    pub(crate) triple: &'static str,
    /// The oldest glibc that it is linked for.
    pub(super) glibc: Option<&'static str>,
    /// What is packaged for it: the embedded PostgreSQL is not made for every platform.
    pub(crate) edition: Edition,
    /// npm's `os`.
    pub(crate) os: &'static str,
    /// npm's `cpu`.
    pub(crate) cpu: &'static str,
    /// npm's `libc`, on Linux.
    pub(crate) libc: Option<&'static str>,
    /// Debian's architecture. It has the static build, which needs nothing else.
    pub(crate) debian: Option<&'static str>,
    /// The architecture of a container image, which has the static build.
    pub(crate) image: Option<&'static str>,
}

/// The targets of a release. Not Windows, where undrift is not at home: it is used in WSL there.
pub(crate) const TARGETS: &[Target] = &[
    Target {
        triple: "x86_64-unknown-linux-musl",
        glibc: None,
        edition: Edition::Slim,
        os: "linux",
        cpu: "x64",
        libc: Some("musl"),
        debian: Some("amd64"),
        image: Some("amd64"),
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        glibc: None,
        edition: Edition::Slim,
        os: "linux",
        cpu: "arm64",
        libc: Some("musl"),
        debian: Some("arm64"),
        image: Some("arm64"),
    },
    Target {
        triple: "x86_64-unknown-linux-gnu",
        glibc: Some("2.28"),
        edition: Edition::Full,
        os: "linux",
        cpu: "x64",
        libc: Some("glibc"),
        debian: None,
        image: None,
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        glibc: Some("2.28"),
        edition: Edition::Full,
        os: "linux",
        cpu: "arm64",
        libc: Some("glibc"),
        debian: None,
        image: None,
    },
    Target {
        triple: "aarch64-apple-darwin",
        glibc: None,
        edition: Edition::Full,
        os: "darwin",
        cpu: "arm64",
        libc: None,
        debian: None,
        image: None,
    },
    Target {
        triple: "x86_64-apple-darwin",
        glibc: None,
        edition: Edition::Slim,
        os: "darwin",
        cpu: "x64",
        libc: None,
        debian: None,
        image: None,
    },
];

impl Target {
    /// The target of this name.
    pub(crate) fn named(triple: &str) -> Result<&'static Self, String> {
        let known = || TARGETS.iter().map(|target| target.triple).collect::<Vec<_>>().join(", ");
        let target = TARGETS.iter().find(|target| target.triple == triple);
        target.ok_or_else(|| format!("packages are made for {}", known()))
    }

    /// Whether zig is its compiler and linker of C: on Linux, for any machine and any libc from any machine.
    pub(super) fn is_linked_by_zig(&self) -> bool {
        self.os == "linux"
    }

    /// Whether this machine can build it, with a toolchain for Rust's own part.
    pub(super) fn is_built_here(&self) -> bool {
        match self.os {
            "linux" => {
                cfg!(target_os = "linux") && (self.edition == Edition::Slim || self.is_host())
            }
            _ => cfg!(target_os = "macos"),
        }
    }

    fn is_host(&self) -> bool {
        let cpu = if cfg!(target_arch = "x86_64") { "x64" } else { "arm64" };
        self.cpu == cpu
    }

    /// Where cargo puts the program.
    pub(super) fn built(&self, target_folder: &Path) -> PathBuf {
        target_folder.join(self.triple).join("release/undrift")
    }

    /// The name behind the scope of the package of npm.
    pub(crate) fn npm(&self) -> String {
        let suffix = if self.libc == Some("musl") { "-musl" } else { "" };
        format!("{}-{}{suffix}", self.os, self.cpu)
    }

    /// What a file for this target is called, without its extension.
    pub(crate) fn stem(&self, version: &str) -> String {
        format!("undrift-{version}-{}", self.triple)
    }
}
