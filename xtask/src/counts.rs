//! `cargo xtask counts`: how long it takes to find out what is at stake on a large table.
//!
//! Every question must be answered within the time that is stated ([`database::LIMITS`]), exactly or with
//! a word that says how it is meant.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use catalog::Name;
use clap::Args;
use database::{ConnectOptions, Conversion, Countable, LIMITS, Session};
use project::DatabaseUrl;
use server::private::Cluster;

/// What can be said.
#[derive(Args)]
pub(crate) struct Flags {
    /// How many rows the table has; each takes some 100 bytes on disk
    #[arg(long, default_value_t = 2_000_000)]
    rows: u64,
    /// The folder for the server's files; removed afterwards
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
}

/// What a question may take besides the limits, for what is not a count.
const SLACK: Duration = Duration::from_secs(1);

/// Makes the table and asks.
pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(flags))
}

async fn measure(flags: &Flags) -> anyhow::Result<ExitCode> {
    let programs = server::programs::for_tests(None).context("no PostgreSQL programs")?;
    let cluster = Cluster::start_shadow(&programs, flags.folder.as_deref()).await?;
    let address = cluster.fresh_database("counts").await?;
    let url = DatabaseUrl::parse(&address.to_url())?;
    let session = database::connect(&url, &ConnectOptions::default()).await?;
    let started = Instant::now();
    session.run("filling a table", &filling(flags.rows)).await?;
    println!("{} rows made in {:.0} s", flags.rows, started.elapsed().as_secs_f64());
    let limit = LIMITS.exact + LIMITS.sample + LIMITS.examples + SLACK;
    let mut is_good = true;
    println!(
        "{:34} {:>8} {:>9} {:>12}  {:>12}",
        "question", "seconds", "precision", "found", "really"
    );
    for (what, countable, really) in questions(flags.rows) {
        let took = ask(&session, what, &countable, really).await?;
        is_good &= took <= limit;
    }
    drop(session);
    cluster.stop().await?;
    println!("every question within {limit:?}: {is_good}");
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(
    session: &Session,
    what: &str,
    countable: &Countable,
    really: u64,
) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let found = database::examine(session, countable, &["id".to_owned()], LIMITS).await?;
    let took = started.elapsed();
    let (precision, number) = match found {
        Some(found) => (format!("{:?}", found.precision), found.number.to_string()),
        None => ("none".to_owned(), String::new()),
    };
    println!("{what:34} {:8.2} {precision:>9} {number:>12}  {really:>12}", took.as_secs_f64());
    Ok(took)
}

/// One in a hundred is null, one in a thousand breaks each of the rules.
fn filling(rows: u64) -> String {
    format!(
        "CREATE TABLE target (id int PRIMARY KEY);
         INSERT INTO target SELECT generate_series(0, 999);
         CREATE UNLOGGED TABLE large AS
         SELECT n AS id, CASE WHEN n % 100 = 0 THEN NULL ELSE n END AS number,
                CASE WHEN n % 1000 = 0 THEN 'x' ELSE n::text END AS word,
                CASE WHEN n % 1000 = 0 THEN 5000 ELSE n % 1000 END::int AS refers,
                CASE WHEN n % 1000 = 0 THEN 0 ELSE n END AS distinct_but_some
         FROM generate_series(1::bigint, {rows}) n;
         ALTER TABLE large ADD PRIMARY KEY (id);
         ANALYZE large;"
    )
}

/// Each with its true answer.
fn questions(rows: u64) -> Vec<(&'static str, Countable, u64)> {
    let table = || Name::new("public", "large");
    let text = |text: &str| text.to_owned();
    let thousandth = rows / 1000;
    let conversion =
        |column: &str, to: &str, using: Option<&str>, fails: Option<&str>| Conversion {
            table: table(),
            column: text(column),
            to: text(to),
            using: using.map(text),
            fails: fails.map(text),
        };
    let narrowing = conversion("id", "smallint", None, Some("id NOT BETWEEN -32768 AND 32767"));
    vec![
        ("rows of a dropped table", Countable::Rows { table: table() }, rows),
        (
            "values of a dropped column",
            Countable::Values { table: table(), column: text("number") },
            rows - rows / 100,
        ),
        (
            "nulls in a required column",
            Countable::Nulls { table: table(), column: text("number") },
            rows / 100,
        ),
        (
            "duplicates for a unique index",
            Countable::Duplicates { table: table(), columns: vec![text("distinct_but_some")] },
            thousandth.saturating_sub(1),
        ),
        (
            "duplicates by an expression",
            Countable::Repeated {
                table: table(),
                keys: vec![text("lower(word)")],
                condition: None,
            },
            thousandth.saturating_sub(1),
        ),
        (
            "rows that break a check",
            Countable::Breaking { table: table(), check: text("word <> 'x'") },
            thousandth,
        ),
        (
            "rows that break a foreign key",
            Countable::Orphans {
                table: table(),
                columns: vec![text("refers")],
                references: Name::new("public", "target"),
                referenced: vec![text("id")],
            },
            thousandth,
        ),
        ("numbers out of range", Countable::Unconvertible(narrowing), rows.saturating_sub(32767)),
        (
            "texts that are no number",
            Countable::Unconvertible(conversion("word", "bigint", Some("word::bigint"), None)),
            thousandth,
        ),
        (
            "labels that go",
            Countable::OtherThanLabels {
                table: table(),
                column: text("word"),
                array: false,
                labels: vec![text("x")],
            },
            rows - thousandth,
        ),
    ]
}
