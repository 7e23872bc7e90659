//! `cargo xtask judge`: the full plan over pairs of databases, judged by PostgreSQL.
//!
//! A case is a folder with `a.sql` and `b.sql`, two states of one database, and counts twice: from a to
//! b and back. It passes when the plan runs, `pg_dump` then says the same of both databases, and
//! planning again finds nothing to do.
//!
//! The dumps are compared as sets of statements, for `pg_dump` orders some things by age, and the
//! columns of a table as a set as well: PostgreSQL can only add a column behind the others.
//!
//! With `--random` the pairs are made up: see [`random`].

mod case;
mod dump;
mod random;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use server::private::Cluster;

use crate::conformance::{file_name, folders};
use case::{Failure, judge};
pub(crate) use case::{fresh, make};
pub(crate) use dump::{Dump, first_difference};
pub(crate) use random::Choices;

/// What to judge.
#[derive(Args)]
pub(crate) struct Flags {
    /// The folder of pairs, or of folders of pairs
    #[arg(default_value = "../shared/corpus/unpacked/pairs")]
    folder: PathBuf,
    /// Only cases whose name contains this; their plans are shown
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// At most so many cases
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Leave out so many cases first
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    skip: usize,
    /// So many random pairs instead of those of the folder
    #[arg(long, value_name = "COUNT")]
    random: Option<u64>,
    /// Where random pairs come from; the number of the first one
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Compare the dumps of every so manieth random pair; the catalogs of all are compared
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    dump_every: u64,
    /// Of the random pairs that fail alike, make so many small
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    shrink: usize,
    /// Where random pairs that were made small are left
    #[arg(long, value_name = "FOLDER", default_value = "target/judge")]
    failures: PathBuf,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match flags.random {
        Some(count) => runtime.block_on(random::judge_all(flags, count)),
        None => runtime.block_on(judge_all(flags)),
    }
}

async fn judge_all(flags: &Flags) -> anyhow::Result<ExitCode> {
    let programs = crate::server_programs()?;
    let mut cases = Vec::new();
    collect(&flags.folder, &mut cases)?;
    let is_wanted =
        |case: &PathBuf| flags.only.as_ref().is_none_or(|only| file_name(case).contains(only));
    let cases = cases.into_iter().filter(is_wanted).skip(flags.skip);
    let cluster = Cluster::start_shadow(&programs, None).await?;
    let (mut passed, mut judged) = (0, 0);
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in cases.take(flags.limit.unwrap_or(usize::MAX)) {
        let name = file_name(&folder);
        let directions = judge(&cluster, &programs.bin_dir, &folder, flags.only.is_some()).await;
        let directions = directions.unwrap_or_else(|error| {
            let failure = || Failure::new("cannot be set up", &error.to_string());
            [("a → b", Err(failure())), ("b → a", Err(failure()))]
        });
        for (direction, result) in directions {
            judged += 1;
            match result {
                Ok(()) => passed += 1,
                Err(Failure { group, detail }) => {
                    reasons.entry(group).or_default().push(format!("{name} {direction}: {detail}"));
                }
            }
        }
    }
    cluster.stop().await?;
    Ok(verdict(passed, judged, reasons))
}

/// Prints how many passed, and why the others did not.
fn verdict(passed: u64, judged: u64, reasons: BTreeMap<String, Vec<String>>) -> ExitCode {
    println!("judge: {passed} of {judged}");
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    for (reason, cases) in reasons {
        println!("{} {reason}", cases.len());
        for case in cases {
            println!("    {case}");
        }
    }
    if passed == judged && judged > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Adds the folders that are cases.
fn collect(folder: &std::path::Path, cases: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for inner in folders(folder).context("unpack the corpus first: ../shared/corpus/unpack DIR")? {
        if inner.join("a.sql").is_file() {
            cases.push(inner);
        } else {
            collect(&inner, cases)?;
        }
    }
    Ok(())
}
