//! One connection at a time, and what is known about where it leads.
//!
//! The connection under a session can be exchanged for a new one ([`Session::take_over`]), so that
//! whoever holds the session goes on with it after the first one was lost.

use crate::cancel::Cancel;
use crate::connect::{ConnectOptions, chain};
use crate::{Error, ServerError, writable};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use project::DatabaseUrl;
use serde::Serialize;
use std::cell::Cell;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::{
    AsyncMessage, Client, Connection, NoTls, SimpleQueryMessage, SimpleQueryRow, Socket,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// An open connection to one database.
pub struct Session {
    link: Mutex<Link>,
    route: Route,
    server: ServerInfo,
    opened: Instant,
    /// Whether changes belong here, once that was found out.
    is_writable: AtomicBool,
    /// Statements that give a session like this one its settings.
    settings: Mutex<String>,
    /// How often the migration lock is held.
    locks: AtomicUsize,
}

/// The way to a database, to be gone again.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) url: DatabaseUrl,
    pub(crate) options: ConnectOptions,
    /// Host and port, or the socket.
    pub(crate) address: String,
}

/// What a session asks about the server when it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerInfo {
    /// `server_version_num`: 150018 is 15.18.
    pub version_number: u32,
    /// `server_version`, as the server words it.
    pub version: String,
    /// Whether the server is a standby.
    pub in_recovery: bool,
    /// Whether transactions are read only unless told otherwise.
    pub read_only: bool,
    /// The current database.
    pub database: String,
    /// The current user.
    pub user: String,
    /// The schema of the URL, or `public`.
    pub schema: String,
    /// The server's clock, in milliseconds since 1970.
    pub clock_milliseconds: i64,
}

impl ServerInfo {
    /// The major version: 15.
    pub fn major_version(&self) -> u32 {
        self.version_number / 10_000
    }
}

/// A connection whose messages are being read.
#[derive(Clone)]
pub(crate) struct Link {
    client: Arc<Client>,
    tls: Option<MakeRustlsConnect>,
    notices: Arc<Mutex<Vec<ServerError>>>,
    ended: Arc<Mutex<Option<End>>>,
    backend: Backend,
}

/// How a connection ended.
struct End {
    /// The SQLSTATE, if the server took its leave.
    sqlstate: Option<String>,
    said: String,
}

impl End {
    fn told(error: &ServerError) -> Self {
        Self { sqlstate: Some(error.sqlstate.clone()), said: error.to_string() }
    }
}

/// The process on the server that a connection leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) pid: i32,
    /// When it began, as the server prints it: process numbers come again.
    pub(crate) started: String,
    /// When the server began.
    pub(crate) server_started: String,
}

impl Link {
    /// Starts the task that reads a connection's messages.
    pub(crate) fn start<T>(
        client: Client,
        mut connection: Connection<Socket, T>,
        tls: Option<MakeRustlsConnect>,
    ) -> Self
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let notices = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(Mutex::new(None));
        let (kept, end) = (Arc::clone(&notices), Arc::clone(&ended));
        drop(tokio::spawn(async move {
            let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
            while let Some(message) = messages.next().await {
                match message {
                    Ok(AsyncMessage::Notice(notice)) => lock(&kept).push(ServerError::new(&notice)),
                    Ok(_) => {}
                    Err(error) => {
                        *lock(&end) = Some(match error.as_db_error().map(ServerError::new) {
                            Some(error) => End::told(&error),
                            None => End { sqlstate: None, said: chain(&error) },
                        });
                        return;
                    }
                }
            }
        }));
        let (client, backend) = (Arc::new(client), Backend::default());
        Self { client, tls, notices, ended, backend }
    }
}

/// A poisoned lock still holds what was put there.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub(crate) async fn open(link: Link, route: Route) -> Result<Self, Error> {
        let schema = route.url.parameter("schema");
        let mut settings = String::new();
        if let Some(schema) = schema {
            settings = format!("SET search_path = {};", catalog::quoted(schema));
        }
        let server = ServerInfo {
            version_number: 0,
            version: String::new(),
            in_recovery: false,
            read_only: false,
            database: String::new(),
            user: String::new(),
            schema: schema.unwrap_or("public").to_owned(),
            clock_milliseconds: 0,
        };
        let mut session = Self {
            link: Mutex::new(link),
            route,
            server,
            opened: Instant::now(),
            is_writable: AtomicBool::new(false),
            settings: Mutex::new(settings),
            locks: AtomicUsize::new(0),
        };
        session.ask_server().await?;
        Ok(session)
    }

    async fn ask_server(&mut self) -> Result<(), Error> {
        let question = format!(
            "{} SELECT current_setting('server_version_num'), current_setting('server_version'), \
             pg_catalog.pg_is_in_recovery(), current_setting('transaction_read_only'), \
             pg_catalog.current_database(), current_user, \
             (extract(epoch from pg_catalog.clock_timestamp()) * 1000)::bigint, \
             pg_catalog.pg_backend_pid(), pg_catalog.pg_postmaster_start_time(), \
             (SELECT backend_start FROM pg_catalog.pg_stat_activity \
              WHERE pid = pg_catalog.pg_backend_pid())",
            lock(&self.settings)
        );
        let doing = "asking the server for its version";
        let rows = self.rows(doing, &question).await?;
        let row = rows.first();
        let text = |column| row.and_then(|row| row.get(column)).unwrap_or_default().to_owned();
        self.opened = Instant::now();
        self.server.version_number = text(0).parse().unwrap_or(0);
        self.server.version = text(1);
        self.server.in_recovery = text(2) == "t";
        self.server.read_only = text(3) == "on";
        self.server.database = text(4);
        self.server.user = text(5);
        self.server.clock_milliseconds = text(6).parse().unwrap_or(0);
        let (server_started, started) = (text(8), text(9));
        let backend = Backend { pid: text(7).parse().unwrap_or(0), started, server_started };
        lock(&self.link).backend = backend;
        Ok(())
    }

    /// The driver's client, for queries of one's own.
    pub fn client(&self) -> Arc<Client> {
        Arc::clone(&lock(&self.link).client)
    }

    /// The way that leads here.
    pub(crate) fn route(&self) -> &Route {
        &self.route
    }

    /// The process on the server.
    pub(crate) fn backend(&self) -> Backend {
        lock(&self.link).backend.clone()
    }

    /// Whether the server ended the connection by somebody's command: for this session, or to stop.
    pub(crate) fn was_ended_by_command(&self) -> bool {
        let link = lock(&self.link);
        lock(&link.ended).as_ref().is_some_and(|end| end.sqlstate.as_deref() == Some("57P01"))
    }

    /// Goes on over the connection of another session, which must lead to the same database.
    pub(crate) fn take_over(&self, other: &Self) {
        let link = lock(&other.link).clone();
        *lock(&self.link) = link;
    }

    /// The statements that give a session like this one its settings.
    pub(crate) fn settings(&self) -> String {
        lock(&self.settings).clone()
    }

    /// Counts how often the migration lock is held.
    pub(crate) fn locks(&self) -> &AtomicUsize {
        &self.locks
    }

    /// What is known about the server.
    pub fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// Host and port, or the socket; for messages.
    pub fn address(&self) -> &str {
        &self.route.address
    }

    /// The server's clock when the session opened, in milliseconds since 1970, and that moment.
    pub(crate) fn clock(&self) -> (i64, Instant) {
        (self.server.clock_milliseconds, self.opened)
    }

    /// The notices and warnings received since the last call.
    pub fn take_notices(&self) -> Vec<ServerError> {
        let notices = Arc::clone(&lock(&self.link).notices);
        std::mem::take(&mut *lock(&notices))
    }

    /// Fails unless changes belong here: the server takes them, no pool of connections is between, and it
    /// is not one that is about to be replaced.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] or [`Error::WrongEndpoint`] with the endpoint to use.
    pub async fn ensure_writable(&self) -> Result<(), Error> {
        if !self.is_writable.load(Ordering::Relaxed) {
            Box::pin(writable::ensure(self)).await?;
            self.is_writable.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Runs a script as one simple query, and discards its rows.
    pub async fn run(&self, doing: &str, script: &str) -> Result<(), Error> {
        let client = self.client();
        client.batch_execute(script).await.map_err(|error| self.error(doing, &error))
    }

    /// The rows of a script run as one simple query, every value as text.
    pub async fn rows(&self, doing: &str, script: &str) -> Result<Vec<SimpleQueryRow>, Error> {
        let client = self.client();
        let messages =
            client.simple_query(script).await.map_err(|error| self.error(doing, &error))?;
        let row =
            |message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// Whether a transaction is open.
    ///
    /// # Errors
    /// When the connection breaks, or the transaction has failed.
    pub async fn is_in_transaction(&self) -> Result<bool, Error> {
        // Two clock readings differ only inside a transaction that began earlier.
        let question = "SELECT now() = statement_timestamp()";
        let rows = self.rows("looking for an open transaction", question).await?;
        Ok(rows.first().and_then(|row| row.get(0)) == Some("f"))
    }

    /// Runs a script as one simple query and counts the statements that completed.
    ///
    /// When the user interrupts, the server is asked to stop; its answer is waited for, so that
    /// what it did is known.
    pub(crate) async fn run_counting(&self, script: &str, cancel: &Cancel) -> Ran {
        let completed = Cell::new(0);
        let client = self.client();
        let answer = async {
            let mut messages = pin!(client.simple_query_raw(script).await?);
            while let Some(message) = messages.try_next().await? {
                if let SimpleQueryMessage::CommandComplete(_) = message {
                    completed.set(completed.get() + 1);
                }
            }
            Ok::<(), tokio_postgres::Error>(())
        };
        let mut answer = pin!(answer);
        let result = tokio::select! {
            result = &mut answer => result,
            () = cancel.cancelled() => {
                self.cancel_running().await;
                answer.await
            }
        };
        Ran { completed: completed.get(), error: result.err() }
    }

    /// Asks the server to stop what this session is running; it may be too late for that.
    pub async fn cancel_running(&self) {
        let (token, tls) = {
            let link = lock(&self.link);
            (link.client.cancel_token(), link.tls.clone())
        };
        // A request that does not arrive leaves the statement running, which its answer will tell.
        drop(match tls {
            Some(tls) => token.cancel_query(tls).await,
            None => token.cancel_query(NoTls).await,
        });
    }

    /// Makes the server notice soon when we are gone, so that a run that was killed or cut off does
    /// not hold its locks until the network gives up, a quarter of an hour later.
    pub(crate) async fn end_with_client(&self) -> Result<(), Error> {
        // From PostgreSQL 14 on, and not on every platform.
        for setting in [
            "SET client_connection_check_interval = '2s';",
            "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; \
             SET tcp_keepalives_count = 3;",
        ] {
            match self.run("watching the connection", setting).await {
                Ok(()) => lock(&self.settings).push_str(setting),
                Err(Error::Server { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Statements that give the session the settings it was opened with, whatever ran since.
    pub(crate) fn restore_settings(&self) -> String {
        format!("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; {}", lock(&self.settings))
    }

    /// Tells the driver's error in our words.
    pub(crate) fn error(&self, doing: &str, error: &tokio_postgres::Error) -> Error {
        if let Some(reported) = error.as_db_error() {
            let cause = ServerError::new(reported);
            if ends_session(reported) {
                *lock(&lock(&self.link).ended) = Some(End::told(&cause));
                return Error::ConnectionClosed { cause: cause.to_string() };
            }
            return Error::Server { doing: doing.to_owned(), cause: Box::new(cause) };
        }
        let link = lock(&self.link);
        if error.is_closed() || link.client.is_closed() {
            let said = lock(&link.ended).as_ref().map(|end| end.said.clone());
            return Error::ConnectionClosed { cause: said.unwrap_or_else(|| chain(error)) };
        }
        Error::Driver { doing: doing.to_owned(), cause: chain(error) }
    }

    /// The same error, or, if the server has become a standby meanwhile, that the connection to the one
    /// that takes changes is lost.
    pub(crate) async fn unless_demoted(&self, error: Error) -> Error {
        let Error::Server { cause, .. } = &error else { return error };
        if cause.sqlstate != READ_ONLY {
            return error;
        }
        let question = "SELECT pg_catalog.pg_is_in_recovery()";
        match self.rows("asking whether the server is a standby", question).await {
            Ok(rows) if rows.first().and_then(|row| row.get(0)) == Some("t") => {
                let cause = format!("{cause}: the server has become a standby");
                Error::ConnectionClosed { cause }
            }
            Ok(_) => error,
            Err(error) => error,
        }
    }
}

/// The SQLSTATE of a change where there may be none.
const READ_ONLY: &str = "25006";

/// Whether the session is over with an error. A script can raise these codes itself, and a foreign data
/// wrapper reports its own connections with them; what is fatal only the server says.
fn ends_session(error: &DbError) -> bool {
    match error.parsed_severity() {
        Some(severity) => matches!(severity, Severity::Fatal | Severity::Panic),
        // Servers before 9.6 say it in their language only.
        None => matches!(error.code().code(), "57P01" | "57P02" | "57P05" | "25P03"),
    }
}

/// Whether the server is Amazon's RDS or Aurora, by a setting that only those have; the address does
/// not tell where a tunnel is between.
///
/// # Errors
/// When the connection breaks.
pub async fn is_managed(session: &Session) -> Result<bool, Error> {
    let question = "SELECT coalesce(current_setting('rds.extensions', true), '') <> ''";
    let rows = session.rows("asking whose server it is", question).await?;
    Ok(rows.first().and_then(|row| row.get(0)) == Some("t"))
}

/// What came of a script.
pub(crate) struct Ran {
    /// How many statements completed.
    pub(crate) completed: usize,
    /// What stopped it.
    pub(crate) error: Option<tokio_postgres::Error>,
}
