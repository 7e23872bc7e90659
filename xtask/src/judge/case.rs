//! One case: two databases, two plans.

use std::path::Path;

use anyhow::{Context as _, bail};
use catalog::{Catalog, Pair};
use database::{ConnectOptions, Session, connect, introspect_fully};
use planner::full::FullPlan;
use project::DatabaseUrl;
use script::Script;
use server::Address;
use server::private::Cluster;

use super::dump::{Dump, first_difference};

/// Why a direction does not pass.
pub(super) struct Failure {
    /// What sort of reason it is.
    pub(super) group: String,
    /// The reason in particular.
    pub(super) detail: String,
}

impl Failure {
    pub(super) fn new(group: &str, detail: &str) -> Self {
        let words: Vec<&str> = detail.split_whitespace().collect();
        Self { group: group.to_owned(), detail: words.join(" ") }
    }
}

/// One of the two databases of a case.
pub(super) struct Side {
    address: Address,
    session: Session,
    catalog: Catalog,
    /// If the dumps are to be compared.
    dump: Option<Dump>,
}

/// A direction and whether it passes.
type Direction = (&'static str, Result<(), Failure>);

/// Judges both directions of a case.
pub(super) async fn judge(
    cluster: &Cluster,
    programs: &Path,
    folder: &Path,
    show: bool,
) -> anyhow::Result<[Direction; 2]> {
    let mut sides = Vec::with_capacity(2);
    for name in ["a", "b"] {
        let script = std::fs::read_to_string(folder.join(format!("{name}.sql")))?;
        let fresh = fresh(cluster, name).await?;
        make(&fresh.1, &script).await?;
        sides.push(Side::found(fresh, Some(programs)).await?);
    }
    let [a, b] = sides.as_slice() else { bail!("a case has two sides") };
    let forth = lead(a, b, programs, show).await;
    let back = lead(b, a, programs, show).await;
    Ok([("a → b", forth), ("b → a", back)])
}

/// An empty database of that name, and a session in it.
pub(crate) async fn fresh(cluster: &Cluster, name: &str) -> anyhow::Result<(Address, Session)> {
    let address = cluster.fresh_database(name).await?;
    let url = DatabaseUrl::parse(&address.to_url()).context("the cluster's own URL")?;
    let session = connect(&url, &ConnectOptions::default()).await?;
    Ok((address, session))
}

impl Side {
    /// The state a database is found in; with its dump if the programs for that are given.
    pub(super) async fn found(
        (address, session): (Address, Session),
        programs: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let catalog = introspect_fully(&session, None).await?;
        let dump = programs.map(|programs| Dump::of(programs, &address)).transpose()?;
        Ok(Self { address, session, catalog, dump })
    }
}

/// Runs a script that makes a database, with the roles it needs; what is refused is passed over.
pub(crate) async fn make(session: &Session, script: &str) -> anyhow::Result<()> {
    while let Err(error) = session.run("making the database", script).await {
        if let Some(role) = missing_role(&error.to_string()) {
            session.run("making a role", &format!("CREATE ROLE {}", catalog::quoted(role))).await?;
        } else {
            run_as_psql_does(session, script).await;
            break;
        }
    }
    Ok(())
}

/// Runs statement by statement, and goes on where one is refused.
async fn run_as_psql_does(session: &Session, script: &str) {
    let script = Script::parse(script);
    for statement in script.statements() {
        drop(session.run("making the database", script.statement_text(statement)).await);
    }
}

/// The role that a script takes for granted.
fn missing_role(error: &str) -> Option<&str> {
    let (_, rest) = error.split_once("role \"")?;
    let (role, _) = rest.split_once("\" does not exist")?;
    Some(role)
}

/// Makes one database equal to the state that the other one was found in.
///
/// Without dumps, it is the catalogs that tell whether it worked.
pub(super) async fn lead(
    from: &Side,
    to: &Side,
    programs: &Path,
    show: bool,
) -> Result<(), Failure> {
    let plan = FullPlan::of(Pair::new(&from.catalog, &to.catalog));
    if show {
        println!("=== {} → {}\n{}", from.address.database, to.address.database, plan.script());
    }
    let again = FullPlan::of(Pair::new(&from.catalog, &to.catalog));
    if again != plan {
        return Err(Failure::new("another plan the second time", ""));
    }
    if let Some(unsupported) = plan.unsupported.first() {
        return Err(Failure::new("unsupported", &unsupported.to_string()));
    }
    for batch in &plan.batches {
        let done = from.session.run("carrying out the plan", &batch.script()).await;
        done.map_err(|error| Failure::new("the plan fails", &error.to_string()))?;
    }
    let broken = |error: String| Failure::new("broken", &error);
    if let Some(wanted) = &to.dump {
        let dump = Dump::of(programs, &from.address).map_err(|error| broken(error.to_string()))?;
        if let Some(difference) = first_difference(&dump, wanted) {
            return Err(Failure::new("the dumps differ", &difference));
        }
    }
    let catalog =
        introspect_fully(&from.session, None).await.map_err(|error| broken(error.to_string()))?;
    let rest = FullPlan::of(Pair::new(&catalog, &to.catalog));
    if rest.is_empty() {
        return Ok(());
    }
    let unsupported = rest.unsupported.iter().map(|unsupported| unsupported.reason.clone());
    let left: Vec<String> = unsupported.chain([rest.script()]).collect();
    Err(Failure::new("something is left to do", &left.join("; ")))
}
