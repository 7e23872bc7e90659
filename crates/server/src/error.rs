//! What can go wrong with a server of our own.

use std::io;
use std::path::PathBuf;

/// Why a server could not be started, reached or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read or written.
    #[error("{action} {}: {source}", path.display())]
    File {
        /// What was being done, as in "creating".
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program could not be run at all.
    #[error("running {program}: {source}")]
    Run {
        /// The program's path or name.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// A program ran and failed.
    #[error("{program} ended early: {output}")]
    Program {
        /// The program's name.
        program: String,
        /// The last lines that it wrote.
        output: String,
    },
    /// PostgreSQL refuses to run as root, and the machine has no account to run it as instead.
    #[error(
        "PostgreSQL does not run as root, and there is no `postgres` or `nobody` account to run it as"
    )]
    NoAccount,
    /// The account that PostgreSQL runs as cannot enter a directory.
    #[error("the account `{account}`, which PostgreSQL has to run as instead of root, cannot enter {}", path.display())]
    Unreachable {
        /// The account.
        account: String,
        /// The first directory that it cannot enter.
        path: PathBuf,
    },
    /// Another process is using the data directory.
    #[error("{} is in use by another process", path.display())]
    Busy {
        /// The data directory's home.
        path: PathBuf,
    },
    /// The data directory belongs to another major version.
    #[error("{} was made by PostgreSQL {found}, and this is {expected}", path.display())]
    OtherVersion {
        /// The data directory.
        path: PathBuf,
        /// The version in the directory.
        found: String,
        /// The version that was to use it.
        expected: u32,
    },
    /// The server was started but does not answer.
    #[error("waiting for the server to answer: {reason}")]
    NotReady {
        /// The last thing seen.
        reason: String,
    },
    /// The server refused a command of ours.
    #[error("the server refused {command}: {message}")]
    Refused {
        /// The command, in words.
        command: String,
        /// The server's message.
        message: String,
    },
    /// The embedded server failed.
    #[error("embedded PostgreSQL: {message}")]
    Embedded {
        /// What it said.
        message: String,
    },
    /// The server ended although nobody stopped it.
    #[error("the server ended unexpectedly")]
    Died,
    /// A background task of ours went away.
    #[error("a background task ended unexpectedly")]
    TaskLost,
}

impl Error {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}

/// Runs blocking work on tokio's threads for it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Error::TaskLost),
    }
}
