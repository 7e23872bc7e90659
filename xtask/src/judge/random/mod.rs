//! Random pairs: a database of everything, and the same with some of it changed, or another one.
//!
//! A pair that fails is made small, one statement after the other left out, and written down as a case
//! that `cargo xtask judge FOLDER` judges again.

mod choices;
mod generate;
mod shrink;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use database::Session;
use server::private::Cluster;

pub(crate) use self::choices::Choices;
use self::generate::generate;
use self::shrink::shrunk;
use super::case::{Failure, Side, fresh, lead};
use super::{Flags, verdict};

/// How many of a thousand choices are other ones in the second database.
const CHANGES: &[u64] = &[10, 10, 30, 100, 300, 1000];

/// The statements that make two databases.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Scripts {
    a: Vec<String>,
    b: Vec<String>,
}

impl Scripts {
    /// The pair of that number.
    fn random(number: u64) -> Self {
        let before = Choices { seed: number, change: None };
        let position = before.below("changes", CHANGES.len());
        let changes = CHANGES.get(position).copied().unwrap_or(1000);
        let after = Choices { change: Some((!number, changes)), ..before };
        Self { a: generate(&before), b: generate(&after) }
    }
}

/// From which side to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forth,
    Back,
}

/// What became of a pair: both directions, and how many statements PostgreSQL refused.
struct Outcome {
    directions: [(Direction, Result<(), Failure>); 2],
    refused: usize,
}

/// Judges so many random pairs.
pub(super) async fn judge_all(flags: &Flags, count: u64) -> anyhow::Result<ExitCode> {
    let programs = crate::server_programs()?;
    let cluster = start(&programs).await?;
    let began = Instant::now();
    let (mut passed, mut judged, mut dumped, mut refused, mut statements) = (0, 0, 0, 0, 0);
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for number in flags.seed..flags.seed + count {
        let scripts = Scripts::random(number);
        let dumps = number.is_multiple_of(flags.dump_every.max(1));
        let outcome = judge(&cluster, &programs.bin_dir, &scripts, dumps).await?;
        dumped += u64::from(dumps) * 2;
        refused += outcome.refused;
        statements += scripts.a.len() + scripts.b.len();
        for (direction, result) in outcome.directions {
            judged += 1;
            let Err(failure) = result else {
                passed += 1;
                continue;
            };
            let name = format!("{number} {direction:?}");
            println!("{name}: {}: {}", failure.group, failure.detail);
            let seen = alike.entry(looks(&failure)).or_default();
            *seen += 1;
            if *seen <= flags.shrink {
                let small =
                    shrunk(&cluster, &programs.bin_dir, &scripts, direction, &failure).await?;
                write(&flags.failures.join(format!("{number}-{direction:?}")), &small)?;
            }
            reasons.entry(failure.group).or_default().push(format!("{name}: {}", failure.detail));
        }
    }
    cluster.stop().await?;
    println!(
        "{:.2} s a pair; {refused} of {statements} statements refused; {dumped} directions dumped",
        began.elapsed().as_secs_f64() / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX)),
    );
    Ok(verdict(passed, judged, reasons))
}

/// A server with the roles that random databases name.
async fn start(programs: &server::programs::Programs) -> anyhow::Result<Cluster> {
    let cluster = Cluster::start_shadow(programs, None).await?;
    let (_, session) = fresh(&cluster, "roles").await?;
    session.run("making roles", "CREATE ROLE r0; CREATE ROLE r1").await?;
    Ok(cluster)
}

/// Judges both directions of a pair.
async fn judge(
    cluster: &Cluster,
    programs: &Path,
    scripts: &Scripts,
    dumps: bool,
) -> anyhow::Result<Outcome> {
    let mut refused = 0;
    let mut sides = Vec::with_capacity(2);
    for (name, statements) in [("a", &scripts.a), ("b", &scripts.b)] {
        let fresh = fresh(cluster, name).await?;
        refused += make(&fresh.1, statements).await;
        sides.push(Side::found(fresh, dumps.then_some(programs)).await?);
    }
    let [a, b] = sides.as_slice() else { anyhow::bail!("a pair has two sides") };
    let forth = lead(a, b, programs, false).await;
    let back = lead(b, a, programs, false).await;
    Ok(Outcome { directions: [(Direction::Forth, forth), (Direction::Back, back)], refused })
}

/// Runs the statements, passes over those that are refused, and says how many were.
async fn make(session: &Session, statements: &[String]) -> usize {
    let doing = "making the database";
    if session.run(doing, &statements.join(";\n")).await.is_ok() {
        return 0;
    }
    let mut refused = 0;
    for statement in statements {
        if let Err(error) = session.run(doing, statement).await {
            refused += 1;
            if std::env::var_os("UNDRIFT_SHOW_REFUSED").is_some() {
                println!("refused: {error}\n    {statement}");
            }
        }
    }
    refused
}

/// The failure without what is particular to a case: names, numbers, texts.
fn looks(failure: &Failure) -> String {
    let is_general = |word: &&str| word.chars().all(char::is_alphabetic);
    let words: Vec<&str> = failure.detail.split_whitespace().filter(is_general).take(8).collect();
    format!("{}: {}", failure.group, words.join(" "))
}

/// Writes a pair down as a case of its own.
fn write(folder: &Path, scripts: &Scripts) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, statements) in [("a.sql", &scripts.a), ("b.sql", &scripts.b)] {
        let lines: Vec<String> = statements.iter().map(|one| format!("{one};\n")).collect();
        std::fs::write(folder.join(name), lines.concat())?;
    }
    Ok(())
}
