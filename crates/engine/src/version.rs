//! What this program is and what it finds on the machine.

use serde::Serialize;

use crate::Settings;

/// The program and the machine.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    /// The version of undrift.
    pub undrift: &'static str,
    /// The commit that it was built from, where `UNDRIFT_COMMIT` told: packages know, `cargo build` does not.
    pub commit: Option<&'static str>,
    /// The target that it was built for, as Rust names it.
    pub target: &'static str,
    /// Cargo's profile: `release` or `debug`.
    pub profile: &'static str,
    /// The features that were built in and need not be.
    pub features: Vec<&'static str>,
    /// The releases of Prisma whose behaviour it follows.
    pub follows: Vec<&'static str>,
    /// Operating system and processor.
    pub platform: String,
    /// The version of PostgreSQL inside the binary, if there is one.
    pub embedded_postgresql: Option<&'static str>,
    /// When the certificate authorities of RDS that are built in were published.
    pub rds_authorities: &'static str,
    /// PostgreSQL server programs on the machine, newest first.
    pub server_programs: Vec<String>,
}

/// Returns what this program is and what it finds on the machine.
pub fn version(settings: &Settings) -> Version {
    let embedded_postgresql = crate::shadow::EMBEDDED_VERSION;
    Version {
        undrift: env!("CARGO_PKG_VERSION"),
        commit: option_env!("UNDRIFT_COMMIT"),
        target: env!("UNDRIFT_TARGET"),
        profile: env!("UNDRIFT_PROFILE"),
        features: embedded_postgresql.map(|_| "embedded").into_iter().collect(),
        follows: vec!["6.19", "7.10"],
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        embedded_postgresql,
        rds_authorities: aws::authorities::DATE,
        server_programs: settings
            .server_programs()
            .iter()
            .map(|programs| format!("{} in {}", programs.major, programs.bin_dir.display()))
            .collect(),
    }
}
