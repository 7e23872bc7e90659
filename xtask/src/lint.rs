//! `cargo xtask lint`: real histories, linted, and judged by a server.
//!
//! Each migration is deployed to two databases, as it is and as `--fix` writes it; the catalogs must be the
//! same after each. On the first one every statement runs in a transaction of its own, and the locks that it
//! has then taken on tables that were there before the migration must be those that are claimed. Statements
//! of which nothing is claimed are counted by their first words.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use ::lint::{ActionKind, Alteration, Context, Known, Severity, Step, Work};
use anyhow::Context as _;
use catalog::{LockMode, Pair};
use clap::Args;
use database::{ConnectOptions, Session};
use project::{DatabaseUrl, Migration};
use script::{Kind, Script, Tokens};
use server::private::Cluster;

use crate::conformance::{file_name, folders};

/// On what.
#[derive(Args)]
pub(crate) struct Flags {
    /// The unpacked corpus
    #[arg(default_value = "../shared/corpus/unpacked")]
    corpus: PathBuf,
    /// Only applications whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Only lint, without a server
    #[arg(long)]
    offline: bool,
    /// Show what this rule finds
    #[arg(long, value_name = "RULE")]
    show: Option<String>,
}

/// What is counted.
#[derive(Default)]
struct Tally {
    migrations: usize,
    statements: usize,
    uncertain: usize,
    unclaimed: BTreeMap<String, usize>,
    findings: BTreeMap<(&'static str, Severity), usize>,
    judged: usize,
    wrong: Vec<String>,
    fixed: usize,
    equal: usize,
    unequal: Vec<String>,
    unrun: Vec<String>,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(flags))
}

async fn all(flags: &Flags) -> anyhow::Result<ExitCode> {
    let mut tally = Tally::default();
    let cluster = if flags.offline {
        None
    } else {
        Some(Cluster::start_shadow(&crate::server_programs()?, None).await?)
    };
    let applications = folders(&flags.corpus.join("apps"))
        .context("unpack the corpus first: ../shared/corpus/unpack DIR")?;
    for application in applications {
        let name = file_name(&application);
        if flags.only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let migrations = project::read_present_migrations(&application.join("migrations"))?;
        let before = (tally.judged, tally.wrong.len(), tally.fixed, tally.equal);
        lint_all(&migrations.migrations, flags.show.as_deref(), &mut tally);
        if let Some(cluster) = &cluster {
            let case = Case { name: &name, cluster };
            if let Err(error) = case.judge(&migrations.migrations, &mut tally).await {
                tally.unrun.push(format!("{name}: {error:#}"));
            }
        }
        println!(
            "{name}: {} migrations, statements judged {} (wrong {}), fixes {} (equal {})",
            migrations.migrations.len(),
            tally.judged - before.0,
            tally.wrong.len() - before.1,
            tally.fixed - before.2,
            tally.equal - before.3
        );
    }
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    Ok(tell(&tally))
}

fn tell(tally: &Tally) -> ExitCode {
    println!("lint: {} migrations, {} statements", tally.migrations, tally.statements);
    println!("not taken apart, since the places of statements are uncertain: {}", tally.uncertain);
    for ((rule, severity), count) in &tally.findings {
        println!("  {rule} ({severity}): {count}");
    }
    println!("nothing is claimed of:");
    let mut unclaimed: Vec<_> = tally.unclaimed.iter().collect();
    unclaimed.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (words, count) in unclaimed.into_iter().take(25) {
        println!("  {words}: {count}");
    }
    println!("locks: {} of {} as claimed", tally.judged - tally.wrong.len(), tally.judged);
    println!("fixes: {} of {} make the same", tally.equal, tally.fixed);
    for line in tally.wrong.iter().chain(&tally.unequal).chain(&tally.unrun) {
        println!("  {line}");
    }
    let good = tally.wrong.is_empty() && tally.unequal.is_empty();
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Lints all migrations, each with what comes before it.
fn lint_all(migrations: &[Migration], show: Option<&str>, tally: &mut Tally) {
    let mut known = Known::default();
    for migration in migrations {
        let script = Script::parse(&migration.script);
        let context = context(&known, migration);
        tally.migrations += 1;
        tally.statements += script.statements().len();
        tally.uncertain += usize::from(!script.is_certain());
        for finding in ::lint::lint(&script, &context) {
            *tally.findings.entry((finding.rule, finding.severity)).or_default() += 1;
            if show == Some(finding.rule) {
                let text = script.text().get(finding.span).unwrap_or_default();
                println!("{}: {}\n{text}\n", migration.name, finding.message);
            }
        }
        for step in ::lint::steps(&script, &context) {
            if is_unclaimed(&step)
                && let Some(statement) = script.statements().get(step.statement)
            {
                let tokens = Tokens::of(script.statement_text(statement));
                let words: Vec<String> =
                    tokens.words().each().take(2).map(str::to_uppercase).collect();
                *tally.unclaimed.entry(words.join(" ")).or_default() += 1;
            }
        }
        known.learn(&script, "public");
    }
}

fn is_unclaimed(step: &Step) -> bool {
    matches!(step.action.kind, ActionKind::Other | ActionKind::AlterTable(_, Alteration::Other))
}

fn context<'a>(known: &Known, migration: &'a Migration) -> Context<'a> {
    Context { known: known.clone(), migration: Some(&migration.name), ..Context::none() }
}

struct Case<'a> {
    name: &'a str,
    cluster: &'a Cluster,
}

impl Case<'_> {
    async fn judge(&self, migrations: &[Migration], tally: &mut Tally) -> anyhow::Result<()> {
        let plain = self.session("plain").await?;
        let fixed = self.session("fixed").await?;
        let pid = one(&plain, "SELECT pg_backend_pid()").await?;
        let mut known = Known::default();
        for migration in migrations {
            let script = Script::parse(&migration.script);
            let context = context(&known, migration);
            let place = format!("{} {}", self.name, migration.name);
            let claims = claims(&script, &context);
            run_judged(&plain, &pid, &script, &claims, &place, tally)
                .await
                .with_context(|| place.clone())?;
            let fix = ::lint::fix(&script, &context);
            let scripts: Vec<Migration> = match &fix {
                None => vec![migration.clone()],
                Some(fix) => fix
                    .scripts
                    .iter()
                    .map(|script| Migration { script: script.text.clone(), ..migration.clone() })
                    .collect(),
            };
            let replayed = database::replay(&fixed, &scripts).await;
            if fix.is_some() {
                tally.fixed += 1;
            }
            if let Err(error) = replayed {
                tally.unequal.push(format!("{place}: {error}"));
                return Ok(());
            }
            if fix.is_some() {
                let one = database::introspect(&plain, None).await?;
                let other = database::introspect(&fixed, None).await?;
                let differences = catalog::drift(Pair::new(&one, &other));
                if differences.is_empty() {
                    tally.equal += 1;
                } else {
                    let text: Vec<String> =
                        differences.iter().take(3).map(ToString::to_string).collect();
                    tally.unequal.push(format!("{place}: {}", text.join("; ")));
                }
            }
            known.learn(&script, "public");
        }
        Ok(())
    }

    async fn session(&self, database: &str) -> anyhow::Result<Session> {
        let address = self.cluster.fresh_database(database).await?;
        let url = DatabaseUrl::parse(&address.to_url())?;
        Ok(database::connect(&url, &ConnectOptions::default()).await?)
    }
}

/// What is claimed of each statement: the strongest lock on each table, and whether tables are written
/// anew; nothing where something is not recognised.
type Claims = Vec<Option<(BTreeMap<String, LockMode>, Work)>>;

fn claims(script: &Script<'_>, context: &Context<'_>) -> Claims {
    let mut claims: Claims =
        script.statements().iter().map(|_| Some((BTreeMap::new(), Work::Nothing))).collect();
    for step in ::lint::steps(script, context) {
        // What a block does depends on its conditions.
        let text = script.statements().get(step.statement).map(|it| script.statement_text(it));
        let is_block = text.is_some_and(|text| Tokens::of(text).words().starts(&["DO"]));
        let Some(claim) = claims.get_mut(step.statement) else { continue };
        let is_about_tables = matches!(
            &step.action.kind,
            ActionKind::CreateTable(_)
                | ActionKind::AlterTable(..)
                | ActionKind::DropTable { .. }
                | ActionKind::CreateIndex(_)
                | ActionKind::DropIndex { .. }
                | ActionKind::OnTable { .. }
        );
        if !is_about_tables || is_block {
            *claim = None;
            continue;
        }
        let Some((locks, work)) = claim else { continue };
        *work = step.effect.work.max(*work);
        for (table, mode) in &step.effect.locks {
            let held = locks.entry(table.to_string()).or_insert(*mode);
            *held = (*held).max(*mode);
        }
    }
    claims
}

/// Runs a script statement by statement, and compares.
async fn run_judged(
    session: &Session,
    pid: &str,
    script: &Script<'_>,
    claims: &Claims,
    place: &str,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let is_controlled = script
        .statements()
        .iter()
        .any(|it| matches!(it.kind, Kind::Begin | Kind::Commit | Kind::Rollback | Kind::Control));
    // What would end with its transaction needs all of the script in one.
    let is_one = script.statements().iter().any(|it| it.lasts_for_transaction);
    if is_controlled || is_one || !script.is_certain() {
        session.run("running", script.text()).await?;
        return Ok(());
    }
    // What was there before, by name, for tables may be renamed.
    session
        .run(
            "looking",
            "DROP TABLE IF EXISTS pg_temp.was; CREATE TEMP TABLE was AS
             SELECT c.oid, n.nspname || '.' || relname AS name, pg_relation_filenode(c.oid) AS file
             FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
             WHERE relkind IN ('r', 'p', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema'",
        )
        .await?;
    for (statement, claim) in script.statements().iter().zip(claims) {
        let text = script.statement_text(statement);
        if matches!(statement.kind, Kind::Alone(_)) {
            session.run("running", text).await?;
            continue;
        }
        session.run("beginning", "BEGIN").await?;
        let names =
            "UPDATE was SET name = n.nspname || '.' || relname, file = pg_relation_filenode(c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = was.oid";
        session.run("looking", names).await?;
        session.run("running", text).await?;
        if let Some((locks, work)) = claim {
            let seen = locks_seen(session, pid).await?;
            let rewritten = one(
                session,
                "SELECT count(*) FROM was JOIN pg_class c USING (oid)
                 WHERE file IS DISTINCT FROM pg_relation_filenode(c.oid)",
            )
            .await?;
            let claimed: BTreeMap<String, String> = locks
                .iter()
                .map(|(table, mode)| (table.clone(), mode.in_pg_locks().to_owned()))
                .collect();
            tally.judged += 1;
            let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let words: String = words.chars().take(160).collect();
            let is_right = match work {
                Work::Rewrite => rewritten != "0",
                Work::Unknown => true,
                Work::Nothing | Work::Scan | Work::Index => rewritten == "0",
            };
            // What is not there is not locked.
            let is_absent = seen.is_empty() && text.to_uppercase().contains("IF EXISTS");
            if claimed != seen && !is_absent {
                tally.wrong.push(format!("{place}: {words}: claimed {claimed:?}, seen {seen:?}"));
            } else if !is_right {
                tally
                    .wrong
                    .push(format!("{place}: {words}: claimed {work:?}, rewritten {rewritten}"));
            }
        }
        session.run("committing", "COMMIT").await?;
    }
    Ok(())
}

/// The strongest lock on each table that was there before; queries do not count.
async fn locks_seen(session: &Session, pid: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let query = format!(
        "SELECT DISTINCT ON (name) name, mode FROM (
             SELECT w.name, l.mode, array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock',
                 'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock', 'RowExclusiveLock',
                 'RowShareLock'], l.mode) AS strength
             FROM pg_locks l JOIN was w ON w.oid = l.relation
             WHERE l.pid = {pid} AND l.locktype = 'relation') AS held
         WHERE strength IS NOT NULL ORDER BY name, strength"
    );
    let rows = session.rows("looking", &query).await?;
    let mut seen = BTreeMap::new();
    for row in &rows {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        seen.insert(text(0), text(1));
    }
    Ok(seen)
}

async fn one(session: &Session, sql: &str) -> anyhow::Result<String> {
    let rows = session.rows("asking", sql).await?;
    let value = rows.first().and_then(|row| row.get(0)).context("no row")?;
    Ok(value.to_owned())
}
