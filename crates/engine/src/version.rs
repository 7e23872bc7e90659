//! What this program is and what it finds on the machine.

use serde::Serialize;

use crate::Settings;

/// The program and the machine.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    /// The version of undrift.
    pub undrift: &'static str,
    /// The releases of Prisma whose behaviour it follows.
    pub follows: Vec<&'static str>,
    /// Operating system and processor.
    pub platform: String,
    /// The version of PostgreSQL inside the binary, if there is one.
    pub embedded_postgresql: Option<String>,
    /// PostgreSQL server programs on the machine, newest first.
    pub server_programs: Vec<String>,
}

/// Returns what this program is and what it finds on the machine.
pub fn version(settings: &Settings) -> Version {
    Version {
        undrift: env!("CARGO_PKG_VERSION"),
        follows: vec!["6.19", "7.10"],
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        embedded_postgresql: crate::shadow::EMBEDDED_MAJOR.map(|major| major.to_string()),
        server_programs: settings
            .server_programs()
            .iter()
            .map(|programs| format!("{} in {}", programs.major, programs.bin_dir.display()))
            .collect(),
    }
}
