//! What can go wrong between undrift and a database.

use crate::ServerError;
use crate::deploy::{Blocked, FailedMigration, MigrationFailure};
use crate::execute::ScriptFailure;
use crate::lock::LockHolder;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// A failure of anything that needs a connection.
///
/// The text is Prisma's where Prisma has one ([`code`](Self::code) tells which), followed by the
/// cause where Prisma keeps it to itself. No password is ever part of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server refused the user's credentials.
    #[error(
        "Authentication failed against database server, the provided database credentials for \
         `{user}` are not valid.\n\nPlease make sure to provide valid database credentials for the \
         database server at the configured address.{}", because(.cause)
    )]
    AuthenticationFailed {
        /// The user of the URL.
        user: String,
        /// What the server said.
        cause: String,
        /// What to do, where more is known than that the password is wrong.
        help: Option<String>,
    },
    /// AWS did not give what signing in needs.
    #[error("signing in as `{user}` by AWS: {error}")]
    Aws {
        /// The user of the URL, or the secret.
        user: String,
        /// Why not.
        error: aws::Error,
    },
    /// No connection came about.
    #[error(
        "Can't reach database server at `{address}`\n\nPlease make sure your database server is \
         running at `{address}`.{}", because(.cause)
    )]
    Unreachable {
        /// Host and port, or the socket.
        address: String,
        /// What the operating system said.
        cause: String,
    },
    /// The server did not answer in time.
    #[error(
        "The database server at `{address}` was reached but timed out.\n\nPlease try \
         again.\n\nPlease make sure your database server is running at `{address}`.\n\nContext: no \
         answer within {} s.", .waited.as_secs()
    )]
    ConnectTimeout {
        /// Host and port, or the socket.
        address: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The database of the URL is not there.
    #[error("Database `{database}` does not exist")]
    DatabaseMissing {
        /// The database of the URL.
        database: String,
    },
    /// The server lets the user in, but not into this database.
    #[error("User `{user}` was denied access on the database `{database}`{}", because(.cause))]
    AccessDenied {
        /// The user of the URL.
        user: String,
        /// The database of the URL.
        database: String,
        /// What the server said.
        cause: String,
        /// What to do, where more is known than that.
        help: Option<String>,
    },
    /// TLS could not be set up as the URL asks.
    #[error("Error opening a TLS connection: {cause}")]
    Tls {
        /// Which certificate or check, and why.
        cause: String,
        /// What to do, where more is known than the parameters that there are.
        help: Option<String>,
    },
    /// The connection broke.
    #[error("Server has closed the connection.{}", because(.cause))]
    ConnectionClosed {
        /// What the server or the operating system said.
        cause: String,
    },
    /// Somebody else held the migration lock for too long.
    #[error("{}", lock_timeout(*.waited, .holders))]
    LockTimeout {
        /// How long was waited.
        waited: Duration,
        /// Who holds the lock.
        holders: Vec<LockHolder>,
    },
    /// The database has tables but no history.
    #[error(
        "The database schema is not empty. Read more about how to baseline an existing production \
         database: https://pris.ly/d/migrate-baseline\n\nFound in schema `{schema}`: {}",
        list(.found)
    )]
    NotEmpty {
        /// The schema of the URL.
        schema: String,
        /// The tables found.
        found: Vec<String>,
    },
    /// The history holds a migration that failed and was not resolved.
    #[error("{}", failed_migrations(.0))]
    FailedMigrations(Vec<FailedMigration>),
    /// A migration could not get a lock; nothing of it is recorded as failed.
    #[error("{0}")]
    Blocked(Box<Blocked>),
    /// A migration could not be applied.
    #[error("{0}")]
    MigrationFailed(Box<MigrationFailure>),
    /// A migration could not be replayed on the shadow database.
    #[error(
        "Migration `{}` failed to apply cleanly to the shadow database. \nError code: \
         P3018\nError:\n{}", .0.migration, .0
    )]
    ReplayFailed(Box<MigrationFailure>),
    /// The database given as shadow holds something.
    #[error(
        "the shadow database `{database}` is not empty; its contents would be lost. Found: {}",
        list(.found)
    )]
    ShadowNotEmpty {
        /// The database.
        database: String,
        /// What is in it, a few names.
        found: Vec<String>,
    },
    /// The server takes no changes.
    #[error("{}", read_only(.database, *.in_recovery))]
    ReadOnly {
        /// The database.
        database: String,
        /// Whether it is a standby; otherwise the user or database is set to read only.
        in_recovery: bool,
        /// The endpoint that takes changes, where it is known.
        writer: Option<String>,
    },
    /// Changes do not belong here, though they could be made.
    #[error("`{address}` {problem}")]
    WrongEndpoint {
        /// Host and port.
        address: String,
        /// What it is.
        problem: String,
        /// Where to go instead.
        help: String,
    },
    /// The user has no rights on the history table or its schema.
    #[error("User `{user}` may not {action}{}", because(&.cause.to_string()))]
    HistoryDenied {
        /// The current user.
        user: String,
        /// What was tried, with the object's name and owner.
        action: String,
        /// What the server said.
        cause: Box<ServerError>,
    },
    /// The history table is not as Prisma makes it.
    #[error("reading the history table `{schema}._prisma_migrations`: {cause}")]
    HistoryUnreadable {
        /// The schema it is in.
        schema: String,
        /// What is wrong.
        cause: String,
    },
    /// A migration named to be resolved is not in a state for it.
    #[error("{message}")]
    Resolve {
        /// Prisma's code.
        code: &'static str,
        /// Prisma's text.
        message: String,
    },
    /// A script of the user's was refused.
    #[error("{}", .0.error)]
    ScriptFailed(Box<ScriptFailure>),
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The server answered something else with an error.
    #[error("{doing}: {cause}")]
    Server {
        /// What was being done.
        doing: String,
        /// What the server said.
        cause: Box<ServerError>,
    },
    /// The driver could not make sense of an answer.
    #[error("{doing}: {cause}")]
    Driver {
        /// What was being done.
        doing: String,
        /// What the driver said.
        cause: String,
    },
    /// A file could not be read or written.
    #[error("{}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
}

impl Error {
    /// Prisma's code for it, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::AuthenticationFailed { .. } | Self::Aws { .. } => Some("P1000"),
            Self::Unreachable { .. } => Some("P1001"),
            Self::ConnectTimeout { .. } | Self::LockTimeout { .. } | Self::Blocked(_) => {
                Some("P1002")
            }
            Self::DatabaseMissing { .. } => Some("P1003"),
            Self::AccessDenied { .. } => Some("P1010"),
            Self::Tls { .. } => Some("P1011"),
            Self::ConnectionClosed { .. } => Some("P1017"),
            Self::NotEmpty { .. } => Some("P3005"),
            Self::ReplayFailed(_) => Some("P3006"),
            Self::FailedMigrations(_) => Some("P3009"),
            Self::MigrationFailed(_) => Some("P3018"),
            Self::Resolve { code, .. } => Some(code),
            Self::ShadowNotEmpty { .. }
            | Self::ReadOnly { .. }
            | Self::WrongEndpoint { .. }
            | Self::HistoryDenied { .. }
            | Self::HistoryUnreadable { .. }
            | Self::ScriptFailed(_)
            | Self::Interrupted
            | Self::Server { .. }
            | Self::Driver { .. }
            | Self::File { .. } => None,
        }
    }

    /// What the user can do about it: a command, or a change to make.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::AuthenticationFailed { help: Some(help), .. }
            | Self::AccessDenied { help: Some(help), .. }
            | Self::Tls { help: Some(help), .. } => Some(help.clone()),
            Self::Aws { error, .. } => error.help(),
            Self::AuthenticationFailed { .. } => Some(
                "check user and password in the URL; characters such as @ : / # must be \
                 percent-encoded there"
                    .to_owned(),
            ),
            Self::Unreachable { address, .. } => Some(format!(
                "try `pg_isready -d postgresql://{address}/`; behind a VPN, a security group or a container network the address may differ"
            )),
            Self::ConnectTimeout { .. } => {
                Some("raise `connect_timeout` in the URL, in seconds".to_owned())
            }
            Self::DatabaseMissing { .. } => {
                Some("`undrift migrate deploy` creates it, if the user may".to_owned())
            }
            Self::AccessDenied { user, database, .. } => Some(format!(
                "the cause tells which it is: a user that is not there, a missing GRANT CONNECT ON \
                 DATABASE {} TO {}, or a line in the server's pg_hba.conf",
                catalog::quoted(database),
                catalog::quoted(user)
            )),
            Self::Tls { .. } => {
                Some("see `sslmode`, `sslrootcert` and `sslaccept` in the URL".to_owned())
            }
            Self::ConnectionClosed { .. } => {
                Some("run the command again: it continues where the database stands".to_owned())
            }
            Self::LockTimeout { holders, .. } => Some(match holders.first() {
                Some(holder) => {
                    format!("wait for it, or end that session: {}", holder.ending())
                }
                None => {
                    "wait longer with --migration-lock-timeout; through a connection pooler use a direct \
                         URL, for the lock belongs to a session"
                        .to_owned()
                }
            }),
            Self::NotEmpty { .. } => Some("undrift baseline".to_owned()),
            Self::FailedMigrations(_) | Self::MigrationFailed(_) => {
                Some("undrift recover".to_owned())
            }
            Self::Blocked(blocked) => Some(blocked.help()),
            Self::ReplayFailed(failure) => failure.help(),
            Self::ShadowNotEmpty { .. } => Some(
                "give an empty database as `shadowDatabaseUrl`, or none: undrift then starts a \
                 private server"
                    .to_owned(),
            ),
            Self::WrongEndpoint { help, .. } => Some(help.clone()),
            Self::ReadOnly { in_recovery: true, writer: Some(writer), .. } => {
                Some(format!("use the writer's endpoint: {writer}"))
            }
            Self::ReadOnly { in_recovery: true, writer: None, .. } => {
                Some("use the writer's endpoint".to_owned())
            }
            Self::ReadOnly { in_recovery: false, .. } => Some(
                "see `default_transaction_read_only` of the user, the database and the server"
                    .to_owned(),
            ),
            Self::HistoryDenied { .. } => {
                Some("run migrations as the owner of the schema".to_owned())
            }
            Self::HistoryUnreadable { .. }
            | Self::Resolve { .. }
            | Self::ScriptFailed(_)
            | Self::Interrupted
            | Self::Server { .. }
            | Self::Driver { .. }
            | Self::File { .. } => None,
        }
    }

    /// What the server said while something was being done, or the error back.
    pub(crate) fn into_server_error(self) -> Result<ServerError, Self> {
        if let Self::Server { cause, .. } = self { Ok(*cause) } else { Err(self) }
    }

    /// What the server said, if it was the server.
    pub fn server_error(&self) -> Option<&ServerError> {
        match self {
            Self::Server { cause, .. } | Self::HistoryDenied { cause, .. } => Some(cause),
            Self::MigrationFailed(failure) | Self::ReplayFailed(failure) => Some(&failure.error),
            Self::ScriptFailed(failure) => Some(&failure.error),
            Self::Blocked(blocked) => Some(&blocked.error),
            Self::AuthenticationFailed { .. }
            | Self::Aws { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::DatabaseMissing { .. }
            | Self::AccessDenied { .. }
            | Self::Tls { .. }
            | Self::WrongEndpoint { .. }
            | Self::ConnectionClosed { .. }
            | Self::LockTimeout { .. }
            | Self::NotEmpty { .. }
            | Self::FailedMigrations(_)
            | Self::ShadowNotEmpty { .. }
            | Self::ReadOnly { .. }
            | Self::HistoryUnreadable { .. }
            | Self::Resolve { .. }
            | Self::Interrupted
            | Self::Driver { .. }
            | Self::File { .. } => None,
        }
    }
}

fn because(cause: &str) -> String {
    if cause.is_empty() { String::new() } else { format!("\n\nCause: {cause}") }
}

/// A list in words, cut when long.
pub(crate) fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn lock_timeout(waited: Duration, holders: &[LockHolder]) -> String {
    let mut text = format!(
        "The database server was reached but timed out.\n\nPlease try again.\n\nPlease make sure \
         your database server is running at the configured address.\n\nContext: Timed out trying \
         to acquire a postgres advisory lock (SELECT pg_advisory_lock({})). Timeout: {}ms. See \
         https://pris.ly/d/migrate-advisory-locking for details.",
        crate::lock::KEY,
        waited.as_millis()
    );
    for holder in holders {
        let _ = write!(text, "\n\nThe lock is held by {holder}");
    }
    text
}

fn failed_migrations(failed: &[FailedMigration]) -> String {
    let mut text = "migrate found failed migrations in the target database, new migrations will \
                    not be applied. Read more about how to resolve migration issues in a \
                    production database: https://pris.ly/d/migrate-resolve"
        .to_owned();
    for migration in failed {
        let _ = write!(
            text,
            "\nThe `{}` migration started at {} UTC failed",
            migration.name, migration.started_at
        );
        if let Some(cause) = migration.cause() {
            let _ = write!(text, "\n\nCause: {cause}");
        }
    }
    text
}

fn read_only(database: &str, in_recovery: bool) -> String {
    if in_recovery {
        format!("the server is a standby (read replica) of `{database}`, which takes no changes")
    } else {
        format!("sessions on `{database}` are read only, so nothing can be changed")
    }
}
