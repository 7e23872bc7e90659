//! `cargo xtask aws`: what can be known of AWS without AWS, with real parts on this machine.
//!
//! Python with `boto3` and `moto[server]` (`--python`), PgBouncer, and PostgreSQL's programs; what is
//! absent is said, and counts as failed unless it was left out with a flag.

mod failover;
mod moto;
mod pooler;
mod signatures;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::ensure;
use clap::{Args, ValueEnum};

/// What is compared.
#[derive(Args)]
pub(crate) struct Flags {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Python with boto3 and moto[server]: python3 -m venv v && v/bin/pip install boto3 'moto[server]'
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The build of undrift
    #[arg(long, default_value = "target/debug/undrift")]
    undrift: PathBuf,
    /// How many tokens and requests are compared with botocore's
    #[arg(long, default_value_t = 200)]
    signatures: usize,
    /// At how many points of a deploy the server fails over
    #[arg(long, default_value_t = 36)]
    cuts: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Tokens and signed requests against botocore's
    Signatures,
    /// The calls of RDS, Secrets Manager and STS against moto
    Moto,
    /// PgBouncer in its three modes
    Pooler,
    /// A primary that fails over to its replica in the middle of a deploy
    Failover,
}

pub(crate) fn run(flags: &Flags) -> ExitCode {
    let all = [Part::Signatures, Part::Moto, Part::Pooler, Part::Failover];
    let parts = if flags.only.is_empty() { all.to_vec() } else { flags.only.clone() };
    let mut failed = 0;
    for part in parts {
        let done = match part {
            Part::Signatures => signatures::run(flags),
            Part::Moto => moto::run(flags),
            Part::Pooler => pooler::run(flags),
            Part::Failover => failover::run(flags),
        };
        if let Err(error) = done {
            failed += 1;
            println!("FAILED: {error:#}");
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Flags {
    /// Python that has a module.
    fn python(&self, module: &str) -> anyhow::Result<Command> {
        let has = Command::new(&self.python).args(["-c", &format!("import {module}")]).output();
        let has = has.is_ok_and(|output| output.status.success());
        ensure!(
            has,
            "{} has no {module}: python3 -m venv v && v/bin/pip install boto3 'moto[server]', and \
             --python v/bin/python",
            self.python.display()
        );
        Ok(Command::new(&self.python))
    }
}

/// A runtime for one thread.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
