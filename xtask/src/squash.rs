//! `cargo xtask squash`: real histories squashed, and databases that stand anywhere in them.
//!
//! Of each application the first two thirds of the migrations are squashed. Then, for databases that
//! stand at points from before the first to behind the last migration: deploy. Afterwards `pg_dump` must
//! say what it says of a database that ran the old history, the history table must hold the folder's
//! migrations and nothing else, undrift's status must find nothing, and Prisma's, both releases, must say
//! that all is up to date.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use clap::Args;
use engine::{Answers, Cancel, Dialogue, Nobody, SquashRequest};
use project::{DatabaseUrl, Migration};
use server::private::Cluster;

use crate::conformance::{file_name, folders};
use crate::judge::{Dump, first_difference};
use crate::walk::{Silent, Walk};

/// On what.
#[derive(Args)]
pub(crate) struct Flags {
    /// The unpacked corpus
    #[arg(default_value = "../shared/corpus/unpacked")]
    corpus: PathBuf,
    /// Only applications whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// At how many points databases stand
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    points: usize,
    /// The command that runs Prisma
    #[arg(long, default_value = "../shared/oracle/prisma")]
    oracle: PathBuf,
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
    let oracle = flags.oracle.canonicalize().ok();
    if oracle.is_none() {
        println!("without Prisma: {} is not there", flags.oracle.display());
    }
    let (mut passed, mut failed) = (0, Vec::new());
    for application in applications.into_iter().filter(is_wanted) {
        let name = file_name(&application);
        let case =
            Case { cluster: &cluster, programs: &programs.bin_dir, application: &application };
        let squashed = match case.squash().await {
            Ok(squashed) => squashed,
            Err(error) => {
                println!("{name}: left out: {error:#}");
                continue;
            }
        };
        let before = passed;
        let points = points(squashed.old.len(), flags.points);
        for count in &points {
            match case.stand(&squashed, *count, oracle.as_deref()).await {
                Ok(()) => passed += 1,
                Err(error) => failed.push(format!("{name} at {count}: {error:#}")),
            }
        }
        println!("{name}: {} of {}", passed - before, points.len());
    }
    cluster.stop().await?;
    let all = passed + failed.len();
    println!("squash: {passed} of {all}");
    for failure in &failed {
        println!("    {failure}");
    }
    Ok(if failed.is_empty() && all > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many migrations the databases have: none, all, and numbers between.
fn points(all: usize, count: usize) -> BTreeSet<usize> {
    (0..count).map(|point| point * all / count.saturating_sub(1).max(1)).collect()
}

struct Case<'a> {
    cluster: &'a Cluster,
    programs: &'a Path,
    application: &'a Path,
}

/// A history before and after.
struct Squashed {
    old: Vec<Migration>,
    /// The project with the squashed one.
    author: Walk,
    /// What a database is that ran the old history.
    dump: Dump,
}

impl Case<'_> {
    async fn squash(&self) -> anyhow::Result<Squashed> {
        let old = project::read_migrations(&self.application.join("migrations"))?.migrations;
        let reference = Walk::new(self.cluster, self.application).await?;
        let author = Walk::new(self.cluster, self.application).await?;
        for migration in &old {
            reference.add(migration)?;
            author.add(migration)?;
        }
        reference.deploy().await?;
        let dump = Dump::of(self.programs, &reference.address)?;
        let last = (old.len() * 2 / 3).max(2) - 1;
        let request = SquashRequest {
            name: "squashed".to_owned(),
            to: old.get(last).map(|migration| migration.name.clone()),
            keeps_data: false,
            dry_run: false,
        };
        let mut nobody = Nobody;
        let answers = Answers::given(&["leave-out-data=yes".to_owned()], None)?;
        let dialogue = Dialogue::new(answers, &mut nobody);
        let Walk { project, settings, .. } = &author;
        engine::squash(project, settings, request, dialogue, Cancel::default(), &mut Silent)
            .await?;
        Ok(Squashed { old, author, dump })
    }

    /// Deploys the squashed history to a database that has some of the old one.
    async fn stand(
        &self,
        squashed: &Squashed,
        count: usize,
        oracle: Option<&Path>,
    ) -> anyhow::Result<()> {
        let walk = Walk::new(self.cluster, self.application).await?;
        for migration in squashed.old.iter().take(count) {
            walk.add(migration)?;
        }
        walk.deploy().await.context("deploying the old ones")?;
        std::fs::remove_dir_all(walk.migrations())?;
        copy(&squashed.author.migrations(), &walk.migrations())?;
        walk.deploy().await.context("deploying the squashed one")?;
        ensure!(walk.deploy().await?.is_empty(), "a second deploy did something");
        let dump = Dump::of(self.programs, &walk.address)?;
        if let Some(difference) = first_difference(&dump, &squashed.dump) {
            anyhow::bail!("the dumps differ: {difference}");
        }
        let url = DatabaseUrl::parse(&walk.address.to_url())?;
        let session = database::connect(&url, &database::ConnectOptions::default()).await?;
        let rows = database::history(&session).await?.unwrap_or_default();
        let mut recorded: Vec<&str> = rows
            .iter()
            .filter(|row| row.state() == database::HistoryState::Applied)
            .map(|row| row.migration_name.as_str())
            .collect();
        recorded.sort_unstable();
        let folder = project::read_migrations(&walk.migrations())?.migrations;
        let names: Vec<&str> = folder.iter().map(|migration| migration.name.as_str()).collect();
        ensure!(recorded == names && rows.len() == names.len(), "the history: {recorded:?}");
        let status = engine::status(&walk.project, &walk.settings, &mut Silent).await?;
        ensure!(status.is_database_in_sync(), "{}", serde_json::to_string(&status.drift)?);
        if let Some(oracle) = oracle {
            for release in ["6", "7"] {
                ask_prisma(oracle, release, &walk)?;
            }
        }
        Ok(())
    }
}

/// Fails unless Prisma says that all is up to date. Its status looks at no model.
fn ask_prisma(oracle: &Path, release: &str, walk: &Walk) -> anyhow::Result<()> {
    let folder = walk.path().join(release);
    std::fs::create_dir_all(folder.join("prisma"))?;
    copy(&walk.migrations(), &folder.join("prisma/migrations"))?;
    let url = if release == "6" { "url = env(\"DATABASE_URL\")" } else { "" };
    let schema = format!("datasource db {{\n  provider = \"postgresql\"\n  {url}\n}}\n");
    std::fs::write(folder.join("prisma/schema.prisma"), schema)?;
    if release == "7" {
        let config = "export default { schema: \"prisma/schema.prisma\", \
                      migrations: { path: \"prisma/migrations\" }, \
                      datasource: { url: process.env.DATABASE_URL } }";
        std::fs::write(folder.join("prisma.config.ts"), config)?;
    }
    let output = Command::new(oracle)
        .args(["migrate", "status"])
        .current_dir(&folder)
        .env("PX_VERSION", release)
        .env("DATABASE_URL", walk.address.to_url())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success() && said.contains("up to date"),
        "Prisma {release} says: {said}{complained}"
    );
    Ok(())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
