//! `cargo xtask recover`: migrations that are broken, killed and cut off, by Prisma and by undrift, and
//! `undrift recover` after each.
//!
//! A migration of twelve statements has an obstacle behind one of them: a statement that the data makes
//! fail, or one that waits for a lock until the program is killed. A case passes when `recover` finds a way
//! out, `pg_dump` then says the same as of a database on which all of the migration ran, or none, and
//! Prisma's `migrate status` agrees with that.

mod case;
mod stage;

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use crate::place::{self, Place};
use case::Case;
use stage::{Ending, Runner, Shape};

/// With which programs, on what.
#[derive(Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    place: place::Flags,
    /// Only cases whose name contains this; what was found is shown
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let place = Place::new(&flags.place)?;
    if !place.has_oracle() {
        bail!("Prisma's oracle is not there: run its setup, and pass --oracle");
    }
    let (mut passed, mut failed) = (0, Vec::new());
    for case in cases() {
        let name = case.to_string();
        if flags.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        match case.run(&place, flags.only.is_some()) {
            Ok(()) => passed += 1,
            Err(error) => {
                println!("{name}: {error:#}");
                failed.push(name);
            }
        }
    }
    println!("recover: {passed} of {}", passed + failed.len());
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cases() -> impl Iterator<Item = Case> {
    let runners = [Runner::Prisma6, Runner::Prisma7, Runner::Undrift];
    let shapes = [Shape::Plain, Shape::Block, Shape::Steps];
    let endings = [Ending::Broken, Ending::Killed, Ending::CutOff];
    runners.into_iter().flat_map(move |runner| {
        shapes.into_iter().flat_map(move |shape| {
            endings.into_iter().flat_map(move |ending| {
                (1..=case::TWELVE.len()).map(move |after| Case { runner, shape, ending, after })
            })
        })
    })
}
