//! The engine: PostgreSQL compiled to WebAssembly, on a thread of its own.
//!
//! It is one backend and one only, as if `postgres --single` were running: it has one database open
//! at a time, and answers one block of protocol messages after another. Its handles may not leave
//! the thread that made them, so work is sent to them.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use oliphaunt_wasix::session::{
    CatalogProfile, PostgresConfig, PreparedDatabase, ProtocolSession, StartupConfig,
};
use oliphaunt_wasix::{DatabaseStorage, Extension};
use tokio::sync::oneshot;

use super::USER;
use super::wire::{self, Frame};
use crate::Error;

/// Threads of this size are enough for the deepest recursion that PostgreSQL allows itself.
const STACK: usize = 64 << 20;

/// The extensions inside, which must be the cargo features of the same names. They are loaded up front
/// because the engine cannot load code later; `CREATE EXTENSION` is still for the migrations.
const EXTENSIONS: [Extension; 10] = [
    Extension::BTREE_GIN,
    Extension::BTREE_GIST,
    Extension::CITEXT,
    Extension::FUZZYSTRMATCH,
    Extension::HSTORE,
    Extension::LTREE,
    Extension::PG_TRGM,
    Extension::PGCRYPTO,
    Extension::UNACCENT,
    Extension::UUID_OSSP,
];

/// Where the engine keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In our memory; gone with the server.
    Memory,
    /// In this directory, which is made if need be and stays.
    Directory(PathBuf),
    /// In this directory, with no regard for what a power failure would do to it.
    Scratch(PathBuf),
}

/// A handle on the engine's thread. Dropping it stops the engine.
#[derive(Debug)]
pub(super) struct Backend {
    work: mpsc::Sender<Work>,
}

enum Work {
    Open { database: String, reply: oneshot::Sender<Result<Vec<u8>, Error>> },
    Send { block: Vec<u8>, reply: oneshot::Sender<Result<Vec<u8>, Error>> },
    Stop { reply: oneshot::Sender<Result<(), Error>> },
}

impl Backend {
    /// Starts the engine with the database `postgres` open, and returns what it said at startup.
    pub(super) async fn start(storage: Storage) -> Result<(Self, Vec<u8>), Error> {
        let (work, queue) = mpsc::channel();
        let (reply, ready) = oneshot::channel();
        thread::Builder::new()
            .name("embedded-postgres".to_owned())
            .stack_size(STACK)
            .spawn(move || match Engine::start(storage) {
                Ok(mut engine) => {
                    let greeting = engine.open(USER);
                    let opened = greeting.is_ok();
                    if reply.send(greeting).is_ok() && opened {
                        engine.serve(&queue);
                    }
                    drop(engine.stop());
                }
                Err(error) => drop(reply.send(Err(error))),
            })
            .map_err(|source| Error::Run { program: "a thread".to_owned(), source })?;
        let greeting = ready.await.map_err(|_| Error::TaskLost)??;
        Ok((Self { work }, greeting))
    }

    /// Closes the open database and opens another, which must exist.
    pub(super) async fn open(&self, database: &str) -> Result<Vec<u8>, Error> {
        let (reply, answer) = oneshot::channel();
        self.submit(Work::Open { database: database.to_owned(), reply })?;
        answer.await.map_err(|_| Error::TaskLost)?
    }

    /// Has a block of whole frontend messages executed, and returns the answer to them all.
    pub(super) async fn send(&self, block: Vec<u8>) -> Result<Vec<u8>, Error> {
        let (reply, answer) = oneshot::channel();
        self.submit(Work::Send { block, reply })?;
        answer.await.map_err(|_| Error::TaskLost)?
    }

    /// Writes everything to storage and ends the engine.
    pub(super) async fn stop(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.submit(Work::Stop { reply })?;
        answer.await.map_err(|_| Error::TaskLost)?
    }

    fn submit(&self, work: Work) -> Result<(), Error> {
        self.work.send(work).map_err(|_| Error::TaskLost)
    }
}

/// The engine itself, confined to its thread.
struct Engine {
    prepared: PreparedDatabase,
    scratch: bool,
    session: Option<ProtocolSession>,
}

impl Engine {
    fn start(storage: Storage) -> Result<Self, Error> {
        let scratch = matches!(storage, Storage::Scratch(_));
        Ok(Self { prepared: prepare(storage)?, scratch, session: None })
    }

    fn serve(&mut self, queue: &mpsc::Receiver<Work>) {
        // Whoever does not wait for the answer any more has hung up; the work is done regardless.
        while let Ok(work) = queue.recv() {
            match work {
                Work::Open { database, reply } => drop(reply.send(self.open(&database))),
                Work::Send { block, reply } => drop(reply.send(self.send(&block))),
                Work::Stop { reply } => {
                    drop(reply.send(self.stop()));
                    return;
                }
            }
        }
    }

    fn open(&mut self, database: &str) -> Result<Vec<u8>, Error> {
        self.close()?;
        let mut config = PostgresConfig::default();
        // The engine's own defaults differ from a server's in these.
        config.insert("search_path", "\"$user\", public");
        config.insert("allow_system_table_mods", "off");
        if self.scratch {
            config.insert("fsync", "off");
            config.insert("full_page_writes", "off");
        }
        let names = StartupConfig { username: USER.to_owned(), database: database.to_owned() };
        let runtime = self.prepared.runtime().map_err(embedded)?;
        let mut session =
            runtime.open_with_extensions(config, names, &EXTENSIONS).map_err(embedded)?;
        let packet = wire::startup(USER, database);
        let response = session.startup_with_packet(&packet).map_err(embedded)?;
        if !response.accepted {
            let message = wire::error_message(&response.output);
            return Err(Error::Embedded { message });
        }
        self.session = Some(session);
        Ok(response.output)
    }

    fn send(&mut self, block: &[u8]) -> Result<Vec<u8>, Error> {
        let Some(session) = &mut self.session else {
            return Err(Error::Embedded { message: "no database is open".to_owned() });
        };
        session.send_buffered(block).map_err(|source| {
            // What a failed engine still holds is not known; the write-ahead log is.
            self.session = None;
            embedded(source)
        })
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(mut session) = self.session.take() else { return Ok(()) };
        // Without a checkpoint the next start would have to recover.
        let mut block = Frame::new(b'S', []).to_bytes();
        block.extend(wire::query("ROLLBACK"));
        block.extend(wire::query("CHECKPOINT"));
        session.send_buffered(&block).map_err(embedded)?;
        session.shutdown().map_err(embedded)
    }

    fn stop(&mut self) -> Result<(), Error> {
        self.close()?;
        self.prepared.release().map_err(embedded)
    }
}

fn prepare(storage: Storage) -> Result<PreparedDatabase, Error> {
    let storage = match storage {
        Storage::Memory => DatabaseStorage::Memory,
        Storage::Directory(directory) | Storage::Scratch(directory) => {
            DatabaseStorage::Directory(directory)
        }
    };
    PreparedDatabase::prepare(storage, CatalogProfile::Standard, USER).map_err(embedded)
}

/// Makes a data directory without opening it.
pub(super) fn initialize(directory: PathBuf) -> Result<(), Error> {
    prepare(Storage::Directory(directory))?.release().map_err(embedded)
}

fn embedded(source: impl std::fmt::Display) -> Error {
    Error::Embedded { message: format!("{source:#}") }
}
