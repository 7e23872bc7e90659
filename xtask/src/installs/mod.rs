//! `cargo xtask installs`: every package that `cargo xtask package` has made is installed as its users would, on
//! this machine and without touching it, used on a database, and removed.
//!
//! Each way to get undrift is a file and a line in [`WAYS`]. What a way needs and this machine has not (node,
//! dpkg, qemu, Python) is said, and that way does not pass.
#![expect(clippy::indexing_slicing, reason = "JSON answers null where it has nothing")]

mod debian;
mod emulated;
mod ground;
mod image;
mod installer;
mod materials;
mod npm;
mod served;
mod workflow;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use ground::Ground;

/// Of which packages.
#[derive(Args)]
pub(crate) struct Flags {
    /// The folder that `cargo xtask package --url` has filled
    #[arg(default_value = "target/dist", value_name = "FOLDER")]
    packages: PathBuf,
    /// Only ways whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// A way to get undrift, tried from beginning to end. Says what held.
type Way = fn(&Ground) -> anyhow::Result<Vec<String>>;

const WAYS: &[(&str, Way)] = &[
    ("shell installer", installer::run),
    ("npm", npm::run),
    ("Debian", debian::run),
    ("empty root", image::run),
    ("arm64, emulated", emulated::run),
    ("bill of materials", materials::run),
    ("release workflow", workflow::run),
];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let ground = Ground::new(&flags.packages)?;
    let is_wanted =
        |name: &str| flags.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let ways: Vec<_> = WAYS.iter().filter(|(name, _)| is_wanted(name)).collect();
    let mut passed = 0;
    for (name, way) in &ways {
        match way(&ground) {
            Ok(held) => {
                passed += 1;
                println!("{name}: passed");
                for one in &held {
                    println!("  {one}");
                }
            }
            Err(error) => println!("{name}: FAILED: {error:#}"),
        }
    }
    println!("installs: {passed} of {}", ways.len());
    Ok(if passed == ways.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
