//! One backend shared by many clients.
//!
//! The engine has one session. A client that is idle outside a transaction can lend it to another,
//! if what the client would miss is put back when it returns: the open database, its settings and
//! role, and its named prepared statements. That is done here, at every change of client, and costs
//! a few milliseconds; a change of database costs about the time of a new connection's start.
//!
//! What stays shared, and is lost at a change of database: temporary tables, cursors `WITH HOLD`,
//! `LISTEN`, statements prepared by SQL's own `PREPARE`, and advisory locks. The last
//! deserve a warning: **PostgreSQL grants an advisory lock again to the session that holds it, so two
//! clients of an embedded server never exclude each other by one.**

use std::collections::BTreeMap;

use super::USER;
use super::backend::Backend;
use super::wire::{self, Frame};
use crate::Error;
use crate::handshake::quoted;

/// Names one connection for as long as the server runs.
pub(super) type ClientId = u64;

/// The backend and what is known of everyone who uses it. Kept behind a fair lock; whoever holds the
/// lock has the session to itself.
#[derive(Debug)]
pub(super) struct Session {
    backend: Backend,
    /// The database that is open; none after the engine failed.
    database: Option<String>,
    /// Grows whenever a database is opened, which loses all state of the session.
    generation: u64,
    /// Whose state the session is in.
    active: Option<ClientId>,
    clients: BTreeMap<ClientId, Client>,
    greeting: Vec<Frame>,
}

/// What a client wants to find when its turn comes.
#[derive(Debug)]
struct Client {
    database: String,
    settings: Vec<(String, String)>,
    /// `Parse` messages by the (private) name of the statement.
    statements: BTreeMap<Vec<u8>, Frame>,
    /// When the statements were last known to be there.
    generation: u64,
}

/// Why a client could not have its turn: an error for it to see.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The SQLSTATE.
    pub(super) code: &'static str,
    /// What to tell.
    pub(super) message: String,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { code: "58000", message: error.to_string() }
    }
}

impl Session {
    /// Wraps a backend that has just started with the database `postgres`.
    pub(super) fn new(backend: Backend, greeting: &[u8]) -> Self {
        let greeting = wire::frames(greeting).into_iter().filter(|frame| frame.kind == b'S');
        Self {
            backend,
            database: Some(USER.to_owned()),
            generation: 1,
            active: None,
            clients: BTreeMap::new(),
            greeting: greeting.collect(),
        }
    }

    /// Lets a client in and has its first turn; returns the `ParameterStatus` messages to greet it with.
    pub(super) async fn join(
        &mut self,
        id: ClientId,
        database: &str,
        settings: Vec<(String, String)>,
    ) -> Result<Vec<Frame>, Refusal> {
        let client = Client {
            database: database.to_owned(),
            settings,
            statements: BTreeMap::new(),
            generation: 0,
        };
        self.clients.insert(id, client);
        match self.activate(id).await {
            Ok(changed) => Ok(self.greeting.iter().cloned().chain(changed).collect()),
            Err(refusal) => {
                self.clients.remove(&id);
                Err(refusal)
            }
        }
    }

    /// Brings the session into the state that a client left it in.
    ///
    /// Returns the `ParameterStatus` messages that this caused.
    pub(super) async fn activate(&mut self, id: ClientId) -> Result<Vec<Frame>, Refusal> {
        let Some(client) = self.clients.get(&id) else {
            return Err(Refusal { code: "57P01", message: "the server is stopping".to_owned() });
        };
        let database = client.database.clone();
        let mut changed = Vec::new();
        if self.database.as_deref() != Some(&database) {
            self.save().await?;
            self.open(&database).await?;
        }
        if self.active != Some(id) {
            self.save().await?;
            self.run("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL").await?;
            changed = self.restore(id).await?;
            self.active = Some(id);
        }
        self.prepare_again(id).await?;
        Ok(changed)
    }

    /// Executes a client's block. The client must be the active one.
    pub(super) async fn send(&mut self, block: Vec<u8>) -> Result<Vec<u8>, Error> {
        let answer = self.backend.send(block).await;
        if answer.is_err() {
            self.database = None;
            self.active = None;
        }
        answer
    }

    /// Notes that a client prepared a statement, with the message that did it.
    pub(super) fn prepared(&mut self, id: ClientId, parse: Frame) {
        if let Some(client) = self.clients.get_mut(&id)
            && let Some((name, _)) = wire::split_c_string(&parse.body)
            && !name.is_empty()
        {
            client.statements.entry(name.to_owned()).or_insert(parse);
        }
    }

    /// Notes that a client closed a statement.
    pub(super) fn closed(&mut self, id: ClientId, name: &[u8]) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.statements.remove(name);
        }
    }

    /// Notes that a client dropped prepared statements by SQL: its own for good, all others' by
    /// accident.
    pub(super) fn discarded(&mut self, id: ClientId) {
        for (other, client) in &mut self.clients {
            client.generation = 0;
            if *other == id {
                client.statements.clear();
            }
        }
    }

    /// Forgets a client and what it left in the session.
    pub(super) async fn leave(&mut self, id: ClientId) {
        let Some(client) = self.clients.remove(&id) else { return };
        if self.active == Some(id) {
            self.active = None;
            // It may have left in the middle of an exchange as well as of a transaction.
            let mut block = Frame::new(b'S', []).to_bytes();
            block.extend(wire::query("ROLLBACK"));
            drop(self.send(block).await);
        }
        if self.database.is_none() {
            return;
        }
        if self.clients.is_empty() {
            // What it had left that others could see goes too.
            drop(self.run("DISCARD ALL").await);
        } else if client.generation == self.generation {
            for name in client.statements.keys() {
                let mut body = vec![b'S'];
                body.extend_from_slice(name);
                body.push(0);
                let mut block = Frame::new(b'C', body).to_bytes();
                Frame::new(b'S', []).write(&mut block);
                drop(self.send(block).await);
            }
        }
    }

    /// Empties or creates a database.
    pub(super) async fn fresh_database(&mut self, name: &str) -> Result<(), Error> {
        let administration = if name == USER { "template1" } else { USER };
        if self.database.as_deref() != Some(administration) {
            self.save().await.map_err(refused)?;
            self.open(administration).await.map_err(refused)?;
        } else if self.active.is_some() {
            self.save().await.map_err(refused)?;
            self.run("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL").await?;
        }
        let quoted = quoted(name);
        self.run(&format!("DROP DATABASE IF EXISTS {quoted}")).await?;
        self.run(&format!("CREATE DATABASE {quoted} TEMPLATE template0")).await?;
        Ok(())
    }

    /// Creates a database unless it is there.
    pub(super) async fn ensure_database(&mut self, name: &str) -> Result<(), Error> {
        if self.database.is_none() {
            self.open(USER).await.map_err(refused)?;
        }
        if !self.exists(name).await? {
            self.run(&format!("CREATE DATABASE {}", quoted(name))).await?;
        }
        Ok(())
    }

    /// Returns the object identifiers of all databases.
    pub(super) async fn database_ids(&mut self) -> Result<Vec<String>, Error> {
        let answer = self.run("SELECT oid FROM pg_catalog.pg_database").await?;
        Ok(wire::rows(&answer).into_iter().flatten().collect())
    }

    /// Stops the engine.
    pub(super) async fn stop(&mut self) -> Result<(), Error> {
        self.clients.clear();
        self.active = None;
        self.database = None;
        self.backend.stop().await
    }

    /// Remembers the active client's settings; nobody is active afterwards.
    async fn save(&mut self) -> Result<(), Refusal> {
        let Some(id) = self.active.take() else { return Ok(()) };
        let settings = "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session' \
             UNION ALL SELECT 'role', setting FROM (SELECT pg_catalog.current_setting('role')) \
             AS role (setting) WHERE setting <> 'none'";
        let answer = self.run(settings).await?;
        if let Some(client) = self.clients.get_mut(&id) {
            let pairs = wire::rows(&answer).into_iter().filter_map(|row| {
                let mut values = row.into_iter();
                Some((values.next()?, values.next()?))
            });
            client.settings = pairs.collect();
        }
        Ok(())
    }

    /// Sets what a client had set; returns the resulting `ParameterStatus` messages.
    async fn restore(&mut self, id: ClientId) -> Result<Vec<Frame>, Refusal> {
        let Some(client) = self.clients.get(&id) else { return Ok(Vec::new()) };
        if client.settings.is_empty() {
            return Ok(Vec::new());
        }
        let calls: Vec<_> = client
            .settings
            .iter()
            .map(|(name, value)| {
                format!("pg_catalog.set_config({}, {}, false)", literal(name), literal(value))
            })
            .collect();
        let answer = self
            .run(&format!("SELECT {}", calls.join(", ")))
            .await
            .map_err(|error| Refusal { code: "22023", message: error.to_string() })?;
        Ok(wire::frames(&answer).into_iter().filter(|frame| frame.kind == b'S').collect())
    }

    /// Prepares a client's statements again if the session has lost them.
    async fn prepare_again(&mut self, id: ClientId) -> Result<(), Refusal> {
        let Some(client) = self.clients.get_mut(&id) else { return Ok(()) };
        if client.generation == self.generation {
            return Ok(());
        }
        client.generation = self.generation;
        let blocks: Vec<_> = client
            .statements
            .values()
            .map(|parse| {
                let mut block = parse.to_bytes();
                Frame::new(b'S', []).write(&mut block);
                block
            })
            .collect();
        for block in blocks {
            // One that no longer parses will be reported when the client uses it.
            self.send(block).await?;
        }
        Ok(())
    }

    async fn open(&mut self, database: &str) -> Result<(), Refusal> {
        // The engine would not survive the attempt to open a database that is not there.
        if self.database.is_some() && !self.exists(database).await? {
            let message = format!("database \"{database}\" does not exist");
            return Err(Refusal { code: "3D000", message });
        }
        self.database = None;
        self.generation += 1;
        self.backend.open(database).await?;
        self.database = Some(database.to_owned());
        Ok(())
    }

    async fn exists(&mut self, database: &str) -> Result<bool, Error> {
        let query = format!(
            "SELECT 1 FROM pg_catalog.pg_database WHERE datname = {} AND datallowconn",
            literal(database)
        );
        Ok(!wire::rows(&self.run(&query).await?).is_empty())
    }

    /// Runs a script of our own; its error is ours.
    async fn run(&mut self, sql: &str) -> Result<Vec<u8>, Error> {
        let answer = self.send(wire::query(sql)).await?;
        if wire::frames(&answer).iter().any(|frame| frame.kind == b'E') {
            return Err(Error::Embedded { message: wire::error_message(&answer) });
        }
        Ok(answer)
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::Embedded { message: refusal.message }
}

/// Writes a string literal that means the same whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "''");
    if escaped.contains('\\') { format!("E'{escaped}'") } else { format!("'{escaped}'") }
}
