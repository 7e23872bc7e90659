//! `cargo xtask load`: how long queries wait while twelve changes are deployed to a table in use.
//!
//! The changes are made twice, on two copies of one database, under the same traffic: as Prisma writes
//! them, waiting for locks for ever as Prisma does, and in the form of `undrift lint --fix`. Now and then
//! somebody reads for a while, so that what waits for a lock makes others queue.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;
use database::{ConnectOptions, Session};
use project::DatabaseUrl;
use server::private::Cluster;
use server::{Address, Password};
use tempfile::TempDir;

/// What can be said.
#[derive(Args)]
pub(crate) struct Flags {
    /// How many rows the table has
    #[arg(long, default_value_t = 200_000)]
    rows: u64,
    /// How many clients there are
    #[arg(long, default_value_t = 8)]
    clients: u64,
    /// How long each client pauses between two queries, in milliseconds
    #[arg(long, default_value_t = 5)]
    pause: u64,
    /// `--lock-timeout` of the online deploy, in milliseconds: what no query may wait for
    #[arg(long, default_value_t = 2000)]
    lock_timeout: u64,
    /// The undrift that deploys
    #[arg(long, default_value = "target/debug/undrift")]
    undrift: PathBuf,
    /// The folder for the server's files; removed afterwards
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// The schema before, and each of its changes: what is replaced, and by what.
const BEFORE: &str = "datasource db {
  provider = \"postgresql\"
  url      = env(\"DATABASE_URL\")
}

model Account {
  id   Int    @id
  name String
}

model Event {
  id        Int      @id
  accountId Int
  kind      Int
  amount    Int
  note      String?
  external  String
  old       String?
  createdAt DateTime @default(now())

  @@index([kind], map: \"Event_kind_old\")
}
";

const CHANGES: [(&str, &str, &str); 12] = [
    ("index", "  @@index([kind]", "  @@index([accountId])\n  @@index([kind]"),
    ("index_of_two", "  @@index([kind]", "  @@index([createdAt, kind])\n  @@index([kind]"),
    ("unique", "external  String\n", "external  String @unique\n"),
    ("index_dropped", "\n  @@index([kind], map: \"Event_kind_old\")", ""),
    ("column_with_default", "  old ", "  state     Int      @default(0)\n  old "),
    ("column_optional", "  old ", "  extra     String?\n  old "),
    ("column_required", "note      String?", "note      String"),
    (
        "foreign_key",
        "accountId Int\n",
        "accountId Int\n  account   Account @relation(fields: [accountId], references: [id])\n",
    ),
    ("column_dropped", "  old       String?\n", ""),
    (
        "table_that_refers",
        "model Account",
        "model Remark {\n  id      Int   @id\n  eventId Int\n  event   Event @relation(fields: [eventId], references: [id])\n}\n\nmodel Account",
    ),
    (
        "unique_of_two",
        "  @@index([accountId])",
        "  @@unique([accountId, id])\n  @@index([accountId])",
    ),
    ("default_changed", "@default(0)", "@default(1)"),
];

/// What relations need on their other side.
const BACK: [(&str, &str, &str); 2] = [
    ("foreign_key", "  name String\n", "  name String\n  events Event[]\n"),
    ("table_that_refers", "  external  String", "  remarks   Remark[]\n  external  String"),
];

/// Makes the database, deploys in both forms, and compares.
pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    ensure!(
        flags.undrift.is_file(),
        "{} is not there: cargo build -p undrift --no-default-features",
        flags.undrift.display()
    );
    let bench = Bench::new(flags)?;
    let started = Instant::now();
    bench.prepare()?;
    println!("{} rows made in {} s", flags.rows, started.elapsed().as_secs());
    let (plain, online) = (bench.address("plain"), bench.address("online"));
    let quiet = bench.under_traffic("without any change", &plain, || {
        std::thread::sleep(Duration::from_secs(15));
        Ok(())
    })?;
    let plain = bench.under_traffic("Prisma's SQL", &plain, || {
        bench.undrift("plain", &["migrate", "deploy", "--lock-timeout", "0"]).map(drop)
    })?;
    let limit = format!("{}ms", flags.lock_timeout);
    let deploy = ["migrate", "deploy", "--lock-timeout", &limit, "--lock-retries", "50"];
    let told = std::cell::RefCell::new(String::new());
    let online = bench.under_traffic("the online form", &online, || {
        *told.borrow_mut() = bench.undrift("online", &deploy)?;
        Ok(())
    })?;
    let retries = told.borrow().matches(": no lock in attempt").count();
    println!(
        "\n| deploy | seconds | queries | slowest query | slower than 1 s |\n|---|---:|---:|---:|---:|"
    );
    for seen in [&quiet, &plain, &online] {
        println!(
            "| {} | {:.0} | {} | {} ms | {} |",
            seen.what,
            seen.took.as_secs_f64(),
            seen.queries,
            seen.slowest.as_millis(),
            seen.slow
        );
    }
    println!("\n{retries} attempts of the online form gave up a lock and were made again.");
    let is_good = online.slowest < Duration::from_millis(flags.lock_timeout);
    println!("slowest query of the online form below {limit}: {is_good}");
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the clients saw.
struct Seen {
    what: &'static str,
    took: Duration,
    queries: u64,
    slowest: Duration,
    slow: u64,
}

struct Bench<'a> {
    flags: &'a Flags,
    undrift: PathBuf,
    folder: TempDir,
    cluster: Cluster,
    runtime: tokio::runtime::Runtime,
    keys: std::cell::Cell<u64>,
}

impl<'a> Bench<'a> {
    fn new(flags: &'a Flags) -> anyhow::Result<Self> {
        let folder = match &flags.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        };
        // The server's account must come in.
        let open = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let programs = crate::server_programs()?;
        let home = folder.path().join("server");
        let start = Cluster::start_local(&programs, &home, port, Password::new("scratch"));
        let cluster = runtime.block_on(start)?;
        let undrift = flags.undrift.canonicalize()?;
        let keys = std::cell::Cell::new(1_000_000_000);
        Ok(Self { flags, undrift, folder, cluster, runtime, keys })
    }

    fn address(&self, database: &str) -> Address {
        self.cluster.address().with_database(database)
    }

    fn run(&self, database: &str, sql: &str) -> anyhow::Result<()> {
        let url = DatabaseUrl::parse(&self.address(database).to_url())?;
        self.runtime.block_on(async {
            let session = database::connect(&url, &ConnectOptions::default()).await?;
            Ok(session.run("preparing", sql).await?)
        })
    }

    /// Runs undrift in the project of a form, and answers what it told.
    fn undrift(&self, form: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(&self.undrift)
            .current_dir(self.folder.path().join(form))
            .env("DATABASE_URL", self.address(form).to_url())
            .env("UNDRIFT_CACHE", self.folder.path().join("cache"))
            .args(arguments)
            .output()?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "undrift {}: {told}\n{said}", arguments.join(" "));
        Ok(if arguments.contains(&"--script") { said } else { told })
    }

    /// Fills the database, copies it, and writes the migrations in both forms.
    fn prepare(&self) -> anyhow::Result<()> {
        for setting in ["max_wal_size = '8GB'", "shared_buffers = '512MB'", "autovacuum = off"] {
            self.run("postgres", &format!("ALTER SYSTEM SET {setting}"))?;
        }
        self.run("postgres", "SELECT pg_reload_conf()")?;
        self.run("postgres", "CREATE DATABASE plain")?;
        let schemas = schemas();
        let plain = self.folder.path().join("plain");
        std::fs::create_dir_all(plain.join("prisma/migrations"))?;
        let mut before = None;
        for (number, (name, schema)) in schemas.iter().enumerate() {
            let file = plain.join("prisma/schema.prisma");
            std::fs::write(&file, schema)?;
            let from: Vec<&str> = match &before {
                Some(()) => vec!["--from-schema", "before.prisma"],
                None => vec!["--from-empty"],
            };
            let diff = [
                ["migrate", "diff"].as_slice(),
                &from,
                &["--to-schema", "prisma/schema.prisma", "--script"],
            ];
            let sql = self.undrift("plain", &diff.concat())?;
            write_migration(&plain, &format!("2026010100{number:02}00_{name}"), &sql)?;
            std::fs::write(plain.join("before.prisma"), schema)?;
            before = Some(());
            if number == 0 {
                self.undrift("plain", &["migrate", "deploy"]).context("deploying the first")?;
                self.run("plain", &filling(self.flags.rows))?;
                self.run("postgres", "CREATE DATABASE online TEMPLATE plain STRATEGY file_copy")?;
            }
        }
        copy(&plain, &self.folder.path().join("online"))?;
        let fixed = self.undrift("online", &["lint", "--pending", "--fix"]);
        // That something is left to be said of them is no failure.
        if let Err(error) = fixed {
            println!(
                "lint --fix: {}",
                error.to_string().lines().take(12).collect::<Vec<_>>().join("\n")
            );
        }
        for form in ["plain", "online"] {
            let folder = self.folder.path().join(form).join("prisma/migrations");
            let count = std::fs::read_dir(folder)?.count();
            println!("{form}: {} migrations", count.saturating_sub(2));
        }
        Ok(())
    }

    /// Does something while clients query, and tells what they saw.
    fn under_traffic(
        &self,
        what: &'static str,
        address: &Address,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<Seen> {
        let counters = Arc::new(Counters::default());
        let clients: Vec<JoinHandle<anyhow::Result<()>>> = (0..self.flags.clients)
            .map(|client| {
                let (url, counters) = (address.to_url(), Arc::clone(&counters));
                let (rows, pause) = (self.flags.rows, self.flags.pause);
                // New rows have keys that no other client and no other phase has.
                let first = self.keys.replace(self.keys.get() + 10_000_000);
                let client = Client { number: client, rows, pause, first };
                std::thread::spawn(move || client.query(&url, &counters))
            })
            .collect();
        let reader = {
            let (url, counters) = (address.to_url(), Arc::clone(&counters));
            std::thread::spawn(move || read_for_a_while(&url, &counters))
        };
        std::thread::sleep(Duration::from_secs(2));
        let started = Instant::now();
        let worked = work();
        let took = started.elapsed();
        counters.stop.store(true, Ordering::Relaxed);
        for client in clients.into_iter().chain([reader]) {
            let ended = client.join().ok().context("a client panicked")?;
            ended.with_context(|| format!("a client, {what}"))?;
        }
        worked.context(what)?;
        let queries = counters.queries.load(Ordering::Relaxed);
        let slowest = Duration::from_micros(counters.slowest.load(Ordering::Relaxed));
        let slow = counters.slow.load(Ordering::Relaxed);
        println!(
            "{what}: {queries} queries in {:.0} s, the slowest {slowest:?}",
            took.as_secs_f64()
        );
        Ok(Seen { what, took, queries, slowest, slow })
    }
}

#[derive(Default)]
struct Counters {
    stop: AtomicBool,
    queries: AtomicU64,
    /// In microseconds.
    slowest: AtomicU64,
    slow: AtomicU64,
}

/// A session in a runtime of its own.
fn session(url: &str) -> anyhow::Result<(tokio::runtime::Runtime, Session)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let timeout = Duration::from_mins(1);
    let options = ConnectOptions { timeout, ..ConnectOptions::default() };
    let session = runtime.block_on(database::connect(&DatabaseUrl::parse(url)?, &options))?;
    Ok((runtime, session))
}

/// Who reads, writes and adds, one row each.
struct Client {
    number: u64,
    rows: u64,
    pause: u64,
    /// The first key of its new rows.
    first: u64,
}

impl Client {
    fn query(&self, url: &str, counters: &Counters) -> anyhow::Result<()> {
        let Self { number: client, rows, pause, first } = *self;
        let (runtime, session) = session(url)?;
        let mut turn = 0u64;
        while !counters.stop.load(Ordering::Relaxed) {
            turn += 1;
            let id = (turn.wrapping_mul(7919) + client * 104_729) % rows + 1;
            let sql = match turn % 4 {
                0 => format!("UPDATE \"Event\" SET amount = amount + 1 WHERE id = {id}"),
                1 => format!(
                    "INSERT INTO \"Event\" (id, \"accountId\", kind, amount, note, external)
                 VALUES ({0}, {client}, 1, 1, 'x', '{0}')",
                    first + turn
                ),
                2 => format!("SELECT amount FROM \"Event\" WHERE id = {id}"),
                _ => format!(
                    "SELECT a.name FROM \"Event\" e JOIN \"Account\" a ON a.id = e.\"accountId\" WHERE e.id = {id}"
                ),
            };
            let started = Instant::now();
            runtime.block_on(session.rows("querying", &sql))?;
            let took = started.elapsed();
            counters.queries.fetch_add(1, Ordering::Relaxed);
            let micros = u64::try_from(took.as_micros())?;
            counters.slowest.fetch_max(micros, Ordering::Relaxed);
            if took > Duration::from_secs(1) {
                counters.slow.fetch_add(1, Ordering::Relaxed);
            }
            std::thread::sleep(Duration::from_millis(pause));
        }
        Ok(())
    }
}

/// Somebody with a report: reads, and keeps its transaction open for a while.
fn read_for_a_while(url: &str, counters: &Counters) -> anyhow::Result<()> {
    let (runtime, session) = session(url)?;
    while !counters.stop.load(Ordering::Relaxed) {
        let report =
            "BEGIN; SELECT count(*) FROM \"Event\" WHERE id < 1000; SELECT pg_sleep(3); COMMIT";
        runtime.block_on(session.run("reporting", report))?;
        std::thread::sleep(Duration::from_secs(2));
    }
    Ok(())
}

/// The schema before, and after each change.
fn schemas() -> Vec<(&'static str, String)> {
    let mut schemas = vec![("before", BEFORE.to_owned())];
    let mut schema = BEFORE.to_owned();
    for (name, old, new) in CHANGES {
        schema = schema.replacen(old, new, 1);
        for (_, old, new) in BACK.iter().filter(|(of, ..)| *of == name) {
            schema = schema.replacen(old, new, 1);
        }
        schemas.push((name, schema.clone()));
    }
    schemas
}

fn filling(rows: u64) -> String {
    format!(
        "INSERT INTO \"Account\" SELECT i, 'account ' || i FROM generate_series(0, 999) i;
         INSERT INTO \"Event\" (id, \"accountId\", kind, amount, note, external, old)
         SELECT i, i % 1000, i % 7, i, 'note ' || i, i::text, 'old'
         FROM generate_series(1, {rows}) i;
         ANALYZE"
    )
}

fn write_migration(project: &Path, name: &str, sql: &str) -> anyhow::Result<()> {
    let folder = project.join("prisma/migrations").join(name);
    std::fs::create_dir_all(&folder)?;
    let lock = "provider = \"postgresql\"\n";
    std::fs::write(project.join("prisma/migrations/migration_lock.toml"), lock)?;
    Ok(std::fs::write(folder.join("migration.sql"), sql)?)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_change_changes_the_schema() {
        let schemas = super::schemas();
        assert_eq!(schemas.len(), 13);
        for pair in schemas.windows(2) {
            assert_ne!(pair[0].1, pair[1].1, "{}", pair[1].0);
        }
    }
}
