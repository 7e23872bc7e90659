//! `cargo xtask facts`: what Prisma 6 and 7 do in the cases of COMPATIBILITY.md, recorded for the test.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::Args;
use compatibility::{Cases, Facts, Release, Stage};

use crate::place::{self, Place};

/// What is recorded, by running what, into which file.
#[derive(Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    place: place::Flags,
    /// Record what is recorded already as well
    #[arg(long)]
    anew: bool,
    /// Of what is recorded already, only cases whose command or state contains this
    #[arg(long, value_name = "TEXT", conflicts_with = "anew")]
    only: Option<String>,
    /// The file with the facts
    #[arg(long, default_value = "crates/compatibility/data/facts.json")]
    output: PathBuf,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let place = Place::new(&flags.place)?;
    let Some(oracle) = place.oracle() else {
        bail!("nothing to record: {}", place.absent().join(" "));
    };
    let cases = Cases::read()?;
    let recorded: Facts = match std::fs::read_to_string(&flags.output) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => Facts::new(),
    };
    let mut facts = Facts::new();
    for case in cases.all() {
        let key = case.key();
        let is_wanted = match &flags.only {
            Some(only) => key.contains(only.as_str()),
            None => flags.anew,
        };
        if let Some(known) = recorded.get(&key).filter(|known| !is_wanted && known.len() == 2) {
            facts.insert(key, known.clone());
            continue;
        }
        for release in Release::ALL {
            let url = place.database()?;
            let parsed = project::DatabaseUrl::parse(&url)?;
            let outcome = place.wait(async {
                let session =
                    database::connect(&parsed, &database::ConnectOptions::default()).await?;
                let stage = Stage::set(&cases, &case.state, release, &session, &url).await?;
                let mut command = Command::new(oracle);
                command.args(case.words(release)).env_clear();
                // Nothing that tells of an agent or of CI.
                for name in ["PATH", "HOME", "PRISMA_ORACLE_HOME"] {
                    command.envs(std::env::var_os(name).map(|value| (name, value)));
                }
                command.env("PX_VERSION", release.to_string());
                stage.run(&mut command).await
            });
            let outcome = outcome.with_context(|| format!("{key}, Prisma {release}"))?;
            println!("{key}, Prisma {release}: {outcome}");
            facts.entry(key.clone()).or_default().insert(release, outcome);
        }
        // Kept case by case: all of them take half an hour.
        let kept: Facts = recorded.clone().into_iter().chain(facts.clone()).collect();
        std::fs::write(&flags.output, serde_json::to_string_pretty(&kept)? + "\n")?;
    }
    std::fs::write(&flags.output, serde_json::to_string_pretty(&facts)? + "\n")?;
    Ok(ExitCode::SUCCESS)
}
