//! The embedded server: PostgreSQL 18 inside undrift's own binary, spoken to like any other.
//!
//! [`EmbeddedServer`] listens on a socket of its own (for replaying migrations) or on a loopback port
//! (for development) and speaks PostgreSQL's protocol there, so that any client can connect. Behind it
//! is one engine with one session (`backend`), which the clients share in turns (`session`): each gets
//! its turn whenever no other is in a transaction. A client that stays in a transaction makes the others
//! wait.
//!
//! What differs from a real server:
//!
//! - advisory locks never make anybody wait, since all clients are the same session to PostgreSQL;
//! - temporary tables, `LISTEN` and SQL's own `PREPARE` are shared between the clients of a database, and
//!   lost when a client of another database gets its turn, which takes some 0.1 s;
//! - `statement_timeout`, `lock_timeout` and cancelling have no effect;
//! - everybody is the superuser `postgres`.

mod backend;
mod client;
mod copy;
mod scratch;
mod session;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

use backend::Backend;
pub use backend::Storage;
use scratch::Scratch;
use session::{ClientId, Session};

use crate::error::blocking;
use crate::private::roomy_memory;
use crate::{Address, Error, Host, Password};

/// The major version of the PostgreSQL inside.
pub const MAJOR: u32 = 18;

/// The version of the PostgreSQL inside.
pub const VERSION: &str = "18.4";

/// The engine's own version, which a data directory depends on.
const ENGINE: &str = "embedded-18-0.3.2";

/// The only role that can connect.
const USER: &str = "postgres";

/// A running embedded server; dropping it stops it without waiting.
#[derive(Debug)]
pub struct EmbeddedServer {
    address: Address,
    session: Arc<Mutex<Session>>,
    listening: JoinHandle<()>,
    /// The directory of the socket and perhaps of the data.
    _scratch: Option<Scratch>,
}

impl EmbeddedServer {
    /// Starts a server to replay migrations in, which is deleted with this value.
    ///
    /// `cache` keeps a template of it, which saves more than half of the time.
    pub async fn start_shadow(cache: Option<&Path>) -> Result<Self, Error> {
        let cache = cache.map(Path::to_owned);
        let (directory, storage) = blocking(move || shadow_storage(cache.as_deref())).await?;
        let port = 5432;
        let path = directory.path().join(format!(".s.PGSQL.{port}"));
        let listener = UnixListener::bind(&path).map_err(Error::file("listening on", path))?;
        let address = Address {
            host: Host::Socket(directory.path().to_owned()),
            port,
            user: USER.to_owned(),
            password: None,
            database: USER.to_owned(),
        };
        let (backend, greeting) = Backend::start(storage).await?;
        let session = Arc::new(Mutex::new(Session::new(backend, &greeting)));
        let accept = Arc::clone(&session);
        let listening = tokio::spawn(async move {
            let mut clients = Clients::new(accept, None);
            while let Ok((stream, _)) = listener.accept().await {
                clients.serve(stream);
            }
        });
        Ok(Self { address, session, listening, _scratch: Some(directory) })
    }

    /// Starts a server for development on 127.0.0.1 at `port`, whose data stays in `home`.
    pub async fn start_local(home: &Path, port: u16, password: Password) -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(Error::file("listening on", format!("127.0.0.1:{port}")))?;
        let address = Address {
            host: Host::Tcp("127.0.0.1".to_owned()),
            port,
            user: USER.to_owned(),
            password: Some(password.clone()),
            database: USER.to_owned(),
        };
        fs::create_dir_all(home).map_err(Error::file("creating", home))?;
        let data: PathBuf = home.join("data");
        let (backend, greeting) = Backend::start(Storage::Directory(data.clone())).await?;
        let mut session = Session::new(backend, &greeting);
        delete_leftovers(&data.join("pgdata/base"), &session.database_ids().await?)?;
        let session = Arc::new(Mutex::new(session));
        let accept = Arc::clone(&session);
        let listening = tokio::spawn(async move {
            let mut clients = Clients::new(accept, Some(password));
            while let Ok((stream, _)) = listener.accept().await {
                // Small messages to and fro: waiting to fill a packet costs more than it saves.
                drop(stream.set_nodelay(true));
                clients.serve(stream);
            }
        });
        Ok(Self { address, session, listening, _scratch: None })
    }

    /// Returns where to connect, naming the database `postgres`.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Creates an empty database, or empties the one of that name, and returns its address.
    pub async fn fresh_database(&self, name: &str) -> Result<Address, Error> {
        self.session.lock().await.fresh_database(name).await?;
        Ok(self.address.with_database(name))
    }

    /// Creates a database unless there is one of that name, and returns its address.
    pub async fn ensure_database(&self, name: &str) -> Result<Address, Error> {
        self.session.lock().await.ensure_database(name).await?;
        Ok(self.address.with_database(name))
    }

    /// Returns whether the server still takes connections.
    pub fn is_running(&self) -> bool {
        !self.listening.is_finished()
    }

    /// Stops the server once whoever has a turn has ended it, with everything written to storage.
    pub async fn stop(self) -> Result<(), Error> {
        self.listening.abort();
        self.session.lock().await.stop().await
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Finds a place for a shadow server: a copy of the template if there is a cache for one, else memory.
fn shadow_storage(cache: Option<&Path>) -> Result<(Scratch, Storage), Error> {
    let parent = roomy_memory().map_or_else(std::env::temp_dir, Path::to_owned);
    let scratch = Scratch::new(&parent)?;
    // A cache is a convenience: whatever is wrong with it, memory will do.
    match cache.map(|cache| template(cache).and_then(|template| scratch.copy(&template))) {
        Some(Ok(data)) => Ok((scratch, Storage::Scratch(data))),
        Some(Err(_)) | None => Ok((scratch, Storage::Memory)),
    }
}

/// Returns a data directory to copy, which is made if it is not there.
fn template(cache: &Path) -> Result<PathBuf, Error> {
    let template = cache.join(format!("template-{ENGINE}"));
    if !template.exists() {
        fs::create_dir_all(cache).map_err(Error::file("creating", cache))?;
        let unfinished = Scratch::new(cache)?;
        let whole = unfinished.path().join("data");
        backend::initialize(whole.clone())?;
        // Somebody else may have been faster.
        if fs::rename(whole, &template).is_err() && !template.exists() {
            return Err(Error::Busy { path: template });
        }
    }
    Ok(template)
}

/// Deletes what dropped databases left behind: the engine cannot delete a directory while it reads it,
/// and misses some files.
fn delete_leftovers(base: &Path, databases: &[String]) -> Result<(), Error> {
    for entry in fs::read_dir(base).map_err(Error::file("reading", base))? {
        let entry = entry.map_err(Error::file("reading", base))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.bytes().all(|byte| byte.is_ascii_digit()) && !databases.contains(&name) {
            let path = entry.path();
            fs::remove_dir_all(&path).map_err(Error::file("deleting", path))?;
        }
    }
    Ok(())
}

/// Everybody who is connected. Dropping it hangs up on them.
struct Clients {
    session: Arc<Mutex<Session>>,
    password: Option<Password>,
    connections: JoinSet<()>,
    next: ClientId,
}

impl Clients {
    fn new(session: Arc<Mutex<Session>>, password: Option<Password>) -> Self {
        Self { session, password, connections: JoinSet::new(), next: 1 }
    }

    fn serve(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        while self.connections.try_join_next().is_some() {}
        let id = self.next;
        self.next += 1;
        let (session, password) = (Arc::clone(&self.session), self.password.clone());
        // A client that breaks off concerns nobody else.
        self.connections.spawn(async move {
            drop(client::serve(stream, id, session, password.as_ref()).await);
        });
    }
}
