//! One connection, and what is known about where it leads.

use crate::cancel::Cancel;
use crate::connect::chain;
use crate::{Error, ServerError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use std::cell::Cell;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_postgres::{
    AsyncMessage, Client, Connection, NoTls, SimpleQueryMessage, SimpleQueryRow, Socket,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// An open connection to one database.
pub struct Session {
    client: Client,
    tls: Option<MakeRustlsConnect>,
    notices: Arc<Mutex<Vec<ServerError>>>,
    ended: Arc<Mutex<Option<String>>>,
    address: String,
    server: ServerInfo,
    opened: Instant,
    /// Statements that give a session like this one its settings.
    settings: Mutex<String>,
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
pub(crate) struct SessionParts {
    client: Client,
    tls: Option<MakeRustlsConnect>,
    notices: Arc<Mutex<Vec<ServerError>>>,
    ended: Arc<Mutex<Option<String>>>,
}

impl SessionParts {
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
                        let said = error.as_db_error().map(ServerError::new);
                        *lock(&end) = Some(said.map_or_else(|| chain(&error), |e| e.to_string()));
                        return;
                    }
                }
            }
        }));
        Self { client, tls, notices, ended }
    }
}

/// A poisoned lock still holds what was put there.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub(crate) async fn open(
        parts: SessionParts,
        address: String,
        schema: Option<&str>,
    ) -> Result<Self, Error> {
        let SessionParts { client, tls, notices, ended } = parts;
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
            client,
            tls,
            notices,
            ended,
            address,
            server,
            opened: Instant::now(),
            settings: Mutex::new(settings),
        };
        session.ask_server().await?;
        Ok(session)
    }

    async fn ask_server(&mut self) -> Result<(), Error> {
        let question = format!(
            "{} SELECT current_setting('server_version_num'), current_setting('server_version'), \
             pg_catalog.pg_is_in_recovery(), current_setting('transaction_read_only'), \
             pg_catalog.current_database(), current_user, \
             (extract(epoch from pg_catalog.clock_timestamp()) * 1000)::bigint",
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
        Ok(())
    }

    /// The driver's client, for queries of one's own.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What is known about the server.
    pub fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// Host and port, or the socket; for messages.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The server's clock when the session opened, in milliseconds since 1970, and that moment.
    pub(crate) fn clock(&self) -> (i64, Instant) {
        (self.server.clock_milliseconds, self.opened)
    }

    /// The notices and warnings received since the last call.
    pub fn take_notices(&self) -> Vec<ServerError> {
        std::mem::take(&mut *lock(&self.notices))
    }

    /// Fails unless the server takes changes.
    pub fn ensure_writable(&self) -> Result<(), Error> {
        if self.server.in_recovery || self.server.read_only {
            let database = self.server.database.clone();
            return Err(Error::ReadOnly { database, in_recovery: self.server.in_recovery });
        }
        Ok(())
    }

    /// Runs a script as one simple query, and discards its rows.
    pub async fn run(&self, doing: &str, script: &str) -> Result<(), Error> {
        self.client.batch_execute(script).await.map_err(|error| self.error(doing, &error))
    }

    /// The rows of a script run as one simple query, every value as text.
    pub async fn rows(&self, doing: &str, script: &str) -> Result<Vec<SimpleQueryRow>, Error> {
        let messages =
            self.client.simple_query(script).await.map_err(|error| self.error(doing, &error))?;
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
        let answer = async {
            let mut messages = pin!(self.client.simple_query_raw(script).await?);
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
        let token = self.client.cancel_token();
        // A request that does not arrive leaves the statement running, which its answer will tell.
        drop(match &self.tls {
            Some(tls) => token.cancel_query(tls.clone()).await,
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
        if let Some(cause) = error.as_db_error().map(ServerError::new) {
            // admin_shutdown, crash_shutdown, idle session time-outs: the session is gone.
            let ended = matches!(cause.sqlstate.as_str(), "57P01" | "57P02" | "57P05" | "25P03");
            if ended {
                return Error::ConnectionClosed { cause: cause.to_string() };
            }
            return Error::Server { doing: doing.to_owned(), cause: Box::new(cause) };
        }
        if error.is_closed() || self.client.is_closed() {
            let said = lock(&self.ended).clone();
            return Error::ConnectionClosed { cause: said.unwrap_or_else(|| chain(error)) };
        }
        Error::Driver { doing: doing.to_owned(), cause: chain(error) }
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
