//! Applying, on a thread of its own: what talks to the database stays on one thread, and needs tokio.

use std::collections::BTreeSet;
use std::time::Duration;

use database::{
    Cancel, Canceller, ConnectOptions, DeployOptions, HistoryState, LockOptions, Session, Silent,
};
use project::{DatabaseUrl, Migration};
use tokio::sync::oneshot;

use crate::{Error, Options};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deployed {
    /// The migrations that were applied, in order; none if the database had all.
    pub applied: Vec<String>,
    /// How long it took, waiting included.
    pub took: Duration,
}

/// Work on a thread, which is told to stop when this is dropped.
struct Running<T> {
    result: oneshot::Receiver<Result<T, Error>>,
    _canceller: Stop,
}

struct Stop(Canceller);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

pub(crate) async fn deploy(
    migrations: Vec<Migration>,
    url: &str,
    options: Options,
) -> Result<Deployed, Error> {
    let running =
        start(url, async move |url, cancel| run(&url, &migrations, options, cancel).await)?;
    running.result.await.unwrap_or_else(|_| Err(Error::stopped()))
}

pub(crate) fn deploy_blocking(
    migrations: &[Migration],
    url: &str,
    options: Options,
) -> Result<Deployed, Error> {
    let url = parse(url)?;
    let work = async || run(&url, migrations, options, Cancel::default()).await;
    // Within a runtime another one cannot be waited for on the same thread.
    std::thread::scope(|scope| {
        let joined = scope.spawn(|| runtime()?.block_on(work())).join();
        joined.unwrap_or_else(|_| Err(Error::stopped()))
    })
}

pub(crate) async fn pending(migrations: Vec<Migration>, url: &str) -> Result<Vec<String>, Error> {
    let running = start(url, async move |url, _| {
        let session = database::connect(&url, &connecting()).await?;
        let rows = database::history(&session).await?.unwrap_or_default();
        let done: BTreeSet<&str> = rows
            .iter()
            .filter(|row| row.state() == HistoryState::Applied)
            .map(|row| row.migration_name.as_str())
            .collect();
        let due = project::unfold(&migrations, &|name| done.contains(name));
        let names = due.iter().map(|due| due.migration().name.as_str());
        Ok(names.filter(|name| !done.contains(name)).map(str::to_owned).collect())
    })?;
    running.result.await.unwrap_or_else(|_| Err(Error::stopped()))
}

/// Begins on a thread.
fn start<T: Send + 'static>(
    url: &str,
    work: impl AsyncFnOnce(DatabaseUrl, Cancel) -> Result<T, Error> + Send + 'static,
) -> Result<Running<T>, Error> {
    let url = parse(url)?;
    let (canceller, cancel) = Cancel::new();
    let (sender, result) = oneshot::channel();
    let work = move || {
        let outcome = runtime().and_then(|runtime| runtime.block_on(work(url, cancel)));
        // Nobody may wait for it any more.
        drop(sender.send(outcome));
    };
    let thread = std::thread::Builder::new().name("undrift-migrate".to_owned()).spawn(work);
    thread.map_err(|cause| Error::system("starting a thread", &cause))?;
    Ok(Running { result, _canceller: Stop(canceller) })
}

fn parse(url: &str) -> Result<DatabaseUrl, Error> {
    Ok(DatabaseUrl::parse(url).map_err(project::Error::from)?)
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|cause| Error::system("starting a runtime", &cause))
}

fn connecting() -> ConnectOptions {
    ConnectOptions { application_name: "undrift-migrate".to_owned(), ..ConnectOptions::default() }
}

async fn run(
    url: &DatabaseUrl,
    migrations: &[Migration],
    options: Options,
    cancel: Cancel,
) -> Result<Deployed, Error> {
    let started = std::time::Instant::now();
    let Options { wait, create_database } = options;
    let session: Session = if create_database {
        database::connect_or_create(url, &connecting()).await?.0
    } else {
        database::connect(url, &connecting()).await?
    };
    let deploying =
        DeployOptions { lock: LockOptions::Wait(wait), cancel, ..DeployOptions::default() };
    let report = database::deploy(&session, migrations, &deploying, &mut Silent).await?;
    let applied = report.applied.into_iter().map(|applied| applied.name).collect();
    Ok(Deployed { applied, took: started.elapsed() })
}
