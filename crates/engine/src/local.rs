//! PostgreSQL for the project, on this machine, for other programs to use.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use server::local::{Engine, Status};

use crate::{Error, Progress, Settings};

/// The database that a local server makes.
const DATABASE: &str = "app";

/// How long a local server may take to come up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// A running local server.
#[derive(Debug, Clone, Serialize)]
pub struct Local {
    /// The connection URL, password included: it is there to be used.
    pub url: String,
    /// `embedded` or `private`.
    pub engine: String,
    /// PostgreSQL's major version.
    pub major: u32,
}

/// A local server that was told to stop.
#[derive(Debug, Clone, Serialize)]
pub struct Stopped {
    /// Whether there was one.
    pub was_running: bool,
}

/// The folder of the project's local data, which keeps itself out of git.
pub fn folder(settings: &Settings) -> PathBuf {
    settings.current_directory.join(".undrift").join("local")
}

/// Starts the server in the background, unless it runs, and returns once it can be used.
///
/// `serve` is the command that serves in the foreground.
///
/// # Errors
/// When it does not come up.
pub async fn start(
    folder: &Path,
    mut serve: Command,
    progress: &mut dyn Progress,
) -> Result<Local, Error> {
    if let Status::Running(state) = server::local::status(folder)? {
        return Ok(local(state));
    }
    progress.busy("starting PostgreSQL");
    let error =
        |cause| Error::File { doing: "starting a server in", path: folder.to_owned(), cause };
    std::fs::create_dir_all(folder).map_err(error)?;
    let log = std::fs::File::create(folder.join("log")).map_err(error)?;
    let mut child =
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().map_err(error)?;
    let ready = server::local::wait_until_ready(folder, PATIENCE);
    let ended = async {
        while matches!(child.try_wait(), Ok(None)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ready = ready => Ok(local(ready?)),
        () = ended => {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            Err(error(std::io::Error::other(log.trim().to_owned())))
        }
    }
}

/// Serves in the foreground until the process is told to end.
///
/// # Errors
/// When the server does not come up or dies.
pub async fn serve(settings: &Settings, folder: &Path, port: Option<u16>) -> Result<(), Error> {
    let engine = engine(settings)?;
    let until = server::local::told_to_end();
    Ok(server::local::serve(folder, engine, port, DATABASE, |_| {}, until).await?)
}

/// Serves while `work` goes on with the URL, then ends the server in order; the data stays.
pub(crate) async fn during<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(String) -> Result<T, Error>,
) -> Result<T, Error> {
    let engine = engine(settings)?;
    let folder = folder(settings);
    let (ready, started) = tokio::sync::oneshot::channel();
    let (finished, until) = tokio::sync::oneshot::channel::<()>();
    let ready = |state: &server::local::State| drop(ready.send(state.url.clone()));
    let until = async { drop(until.await) };
    let serve = server::local::serve(&folder, engine, None, DATABASE, ready, until);
    let work = async {
        let Ok(url) = started.await else { return Err(Error::NotRunning) };
        let result = work(url).await;
        drop(finished);
        result
    };
    let (served, worked) = tokio::join!(serve, work);
    // Why the server ended says more than that it is not there.
    served?;
    worked
}

/// Returns where the running server is.
///
/// # Errors
/// When none runs.
pub fn running(folder: &Path) -> Result<Local, Error> {
    match server::local::status(folder)? {
        Status::Running(state) => Ok(local(state)),
        Status::Absent | Status::Stopped(_) | Status::Starting | Status::Stale(_) => {
            Err(Error::NotRunning)
        }
    }
}

/// Stops the server; the data stays.
///
/// # Errors
/// When it does not end.
pub async fn stop(folder: &Path) -> Result<Stopped, Error> {
    Ok(Stopped { was_running: server::local::stop(folder).await? })
}

/// Stops the server and deletes its data.
///
/// # Errors
/// When it does not end, or the data cannot be deleted.
pub async fn reset(folder: &Path) -> Result<Stopped, Error> {
    let stopped = stop(folder).await?;
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|cause| Error::File {
            doing: "deleting",
            path: folder.to_owned(),
            cause,
        })?;
    }
    Ok(stopped)
}

fn local(state: server::local::State) -> Local {
    Local { url: state.url, engine: state.engine, major: state.major }
}

/// The same for everyone: the embedded server where there is one in the build.
#[cfg(feature = "embedded")]
#[expect(clippy::unnecessary_wraps, reason = "the other build can fail")]
pub(crate) fn engine(_settings: &Settings) -> Result<Engine, Error> {
    Ok(Engine::Embedded)
}

/// A private cluster from the machine's own programs, in a build without the embedded server.
#[cfg(not(feature = "embedded"))]
pub(crate) fn engine(settings: &Settings) -> Result<Engine, Error> {
    let programs = settings.server_programs();
    server::programs::choose(&programs, None).cloned().map(Engine::Private).ok_or(Error::NoShadow)
}
