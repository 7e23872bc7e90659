//! `cargo xtask rollback`: the last migrations of real histories, up and down, judged by PostgreSQL.
//!
//! For each of the last migrations of an application: `pg_dump`, deploy, `rollback`, `pg_dump`; both must
//! say the same. What undrift refuses is listed with its reason, and is no failure.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use server::private::Cluster;

use crate::conformance::{file_name, folders};
use crate::judge::{Dump, first_difference};
use crate::walk::Walk;

/// On what.
#[derive(Args)]
pub(crate) struct Flags {
    /// The unpacked corpus
    #[arg(default_value = "../shared/corpus/unpacked")]
    corpus: PathBuf,
    /// Only applications whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How many migrations of each, the last ones
    #[arg(long, value_name = "COUNT", default_value_t = 30)]
    last: usize,
}

/// What came of one migration.
enum Judgement {
    /// The dumps are equal.
    Equal,
    /// undrift said beforehand that it cannot be.
    Refused(String),
    /// Anything else.
    Wrong(String),
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(judge_all(flags))
}

async fn judge_all(flags: &Flags) -> anyhow::Result<ExitCode> {
    let programs = crate::server_programs()?;
    let applications = folders(&flags.corpus.join("apps"))
        .context("unpack the corpus first: ../shared/corpus/unpack DIR")?;
    let is_wanted =
        |it: &PathBuf| flags.only.as_ref().is_none_or(|only| file_name(it).contains(only));
    let cluster = Cluster::start_shadow(&programs, None).await?;
    let (mut equal, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for application in applications.into_iter().filter(is_wanted) {
        let name = file_name(&application);
        let judged = match judge(&cluster, &programs.bin_dir, &application, flags.last).await {
            Ok(judged) => judged,
            Err(error) => {
                println!("{name}: left out: {error:#}");
                continue;
            }
        };
        let (all, before) = (judged.len(), equal);
        for (migration, judgement) in judged {
            match judgement {
                Judgement::Equal => equal += 1,
                Judgement::Refused(reason) => refused.push(format!("{name} {migration}: {reason}")),
                Judgement::Wrong(reason) => wrong.push(format!("{name} {migration}: {reason}")),
            }
        }
        println!("{name}: {} of {all}", equal - before);
    }
    cluster.stop().await?;
    let all = equal + refused.len() + wrong.len();
    println!("rollback: {equal} of {all}; refused with the reason: {}", refused.len());
    for (title, cases) in [("refused", &refused), ("wrong", &wrong)] {
        for case in cases {
            println!("    {title}: {case}");
        }
    }
    Ok(if wrong.is_empty() && all > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Judges the last migrations of an application.
async fn judge(
    cluster: &Cluster,
    programs: &Path,
    application: &Path,
    last: usize,
) -> anyhow::Result<Vec<(String, Judgement)>> {
    let migrations = project::read_migrations(&application.join("migrations"))?.migrations;
    let walk = Walk::new(cluster, application).await?;
    let (first, rest) = migrations.split_at(migrations.len().saturating_sub(last));
    for migration in first {
        walk.add(migration)?;
    }
    walk.deploy().await?;
    let mut judged = Vec::new();
    for migration in rest {
        let before = Dump::of(programs, &walk.address)?;
        walk.add(migration)?;
        walk.deploy().await?;
        let judgement = match walk.roll_back().await {
            Ok(()) => match first_difference(&Dump::of(programs, &walk.address)?, &before) {
                None => Judgement::Equal,
                Some(difference) => Judgement::Wrong(difference),
            },
            Err(error @ engine::Error::Unready(_)) => Judgement::Refused(error.to_string()),
            Err(error) => Judgement::Wrong(error.to_string()),
        };
        judged.push((migration.name.clone(), judgement));
        walk.deploy().await?;
    }
    Ok(judged)
}
