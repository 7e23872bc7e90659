//! `cargo xtask regress`: PostgreSQL's own regression tests as databases to look at.
//!
//! Each script is loaded into a database of its own, behind `test_setup.sql`, with whatever of it
//! loads. What is found then must equal itself in a plan, in a drift and after a snapshot, and a second
//! database of the same script must not differ from it: no name or number of the server may leak in.
//! The scripts are in PostgreSQL's sources (`apt-get source postgresql-15`), below
//! `src/test/regress/sql`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use catalog::{Catalog, Pair, drift, snapshot};
use clap::Args;
use database::{Session, introspect_fully};
use planner::full::FullPlan;
use server::Address;
use server::private::Cluster;

use crate::conformance::file_name;
use crate::judge::fresh;

/// Which scripts.
#[derive(Args)]
pub(crate) struct Flags {
    /// The folder of the scripts
    folder: PathBuf,
    /// Only scripts whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Also name what undrift has no SQL for
    #[arg(long)]
    unsupported: bool,
}

/// How long a script may take.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(load_all(flags))
}

async fn load_all(flags: &Flags) -> anyhow::Result<ExitCode> {
    let programs = crate::server_programs()?;
    let is_wanted = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "sql")
            && flags.only.as_ref().is_none_or(|only| file_name(path).contains(only))
    };
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(&flags.folder)
        .with_context(|| format!("{}: src/test/regress/sql of PostgreSQL", flags.folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_wanted)
        .collect();
    scripts.sort();
    let cluster = Cluster::start_shadow(&programs, None).await?;
    let place = Place { cluster: &cluster, programs: &programs.bin_dir, folder: &flags.folder };
    let (mut passed, mut objects, mut failed) = (0, 0, Vec::new());
    let mut without_sql: BTreeMap<String, usize> = BTreeMap::new();
    for script in &scripts {
        let name = file_name(script);
        match place.examine(script).await {
            Ok(found) => {
                passed += 1;
                objects += found.objects;
                for reason in found.unsupported {
                    if flags.unsupported {
                        println!("{name}: {reason}");
                    }
                    let (_, kind) = reason.rsplit_once(": ").unwrap_or(("", &reason));
                    *without_sql.entry(kind.to_owned()).or_default() += 1;
                }
            }
            Err(error) => {
                println!("{name}: {error:#}");
                failed.push(name);
            }
        }
    }
    cluster.stop().await?;
    println!("regress: {passed} of {} scripts, {objects} objects", scripts.len());
    for (reason, count) in without_sql {
        println!("    {count} without SQL: {reason}");
    }
    Ok(if failed.is_empty() && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was found in a database that passed.
struct Found {
    objects: usize,
    /// What undrift sees, but could not make.
    unsupported: Vec<String>,
}

struct Place<'a> {
    cluster: &'a Cluster,
    programs: &'a Path,
    folder: &'a Path,
}

impl Place<'_> {
    async fn examine(&self, script: &Path) -> anyhow::Result<Found> {
        let first = self.loaded(script).await.context("first time")?;
        let same = Pair::new(&first, &first);
        let plan = FullPlan::of(same);
        ensure!(plan.is_empty(), "a plan to itself: {} {:?}", plan.script(), plan.unsupported);
        let differences = drift(same);
        ensure!(differences.is_empty(), "it differs from itself: {differences:?}");
        let kept = snapshot::read(&snapshot::write(&first, ""))?;
        ensure!(kept == first, "a snapshot is something else");

        let second = self.loaded(script).await.context("second time")?;
        let differences = drift(Pair::new(&first, &second));
        if let Some(difference) = differences.first() {
            bail!("{} differ in a second database: {difference}", differences.len());
        }
        ensure!(
            first.dependencies == second.dependencies,
            "the dependencies differ in a second database"
        );
        let mut objects = 0;
        first.visit(|_, _, _| objects += 1);
        let plan = FullPlan::of(Pair::new(&Catalog::default(), &first));
        Ok(Found {
            objects,
            unsupported: plan.unsupported.iter().map(ToString::to_string).collect(),
        })
    }

    /// What the script leaves in an empty database, on a server without roles of an earlier one.
    async fn loaded(&self, script: &Path) -> anyhow::Result<Catalog> {
        let (_, session) = fresh(self.cluster, "cleaning").await?;
        forget_earlier(&session).await?;
        let (address, session) = fresh(self.cluster, "regression").await?;
        for script in [&self.folder.join("test_setup.sql"), script] {
            self.psql(&address, script)?;
        }
        Ok(introspect_fully(&session, None).await?)
    }

    /// Runs a script, and does not care for errors in it.
    fn psql(&self, address: &Address, script: &Path) -> anyhow::Result<()> {
        let tests = std::path::absolute(self.folder.join(".."))?;
        let scratch = tempfile::tempdir()?;
        let mut psql = Command::new(self.programs.join("psql"));
        psql.current_dir(scratch.path())
            .args(["--no-psqlrc", "--quiet", "--file"])
            .arg(std::path::absolute(script)?)
            .args(["--dbname", &address.to_url()])
            .env("PG_ABS_SRCDIR", &tests)
            .env("PG_ABS_BUILDDIR", scratch.path())
            .env("PG_LIBDIR", &tests)
            .env("PG_DLSUFFIX", ".so")
            .env("PGTZ", "PST8PDT")
            .env("PGDATESTYLE", "Postgres, MDY")
            .env("PGOPTIONS", "-c intervalstyle=postgres_verbose -c statement_timeout=30s")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut running = psql.spawn().context("psql is not among the server's programs")?;
        let began = Instant::now();
        while running.try_wait()?.is_none() {
            if began.elapsed() > PATIENCE {
                running.kill()?;
                running.wait()?;
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

/// Drops the database of an earlier script, and what the script left behind for all databases.
async fn forget_earlier(session: &Session) -> anyhow::Result<()> {
    const LEFT: &str = "
        SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
        WHERE datname NOT IN ('postgres', 'template0', 'template1', 'cleaning')
        UNION ALL SELECT format('DROP SUBSCRIPTION %I', subname) FROM pg_subscription
        UNION ALL SELECT format('DROP TABLESPACE %I', spcname) FROM pg_tablespace WHERE oid >= 16384
        UNION ALL SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE oid >= 16384
        UNION ALL SELECT format('ALTER ROLE %I RESET ALL', rolname) FROM pg_roles WHERE rolname = 'postgres'";
    let doing = "cleaning up";
    for row in session.rows(doing, LEFT).await? {
        let statement = row.get(0).unwrap_or_default();
        session.run(doing, statement).await.with_context(|| statement.to_owned())?;
    }
    Ok(())
}
