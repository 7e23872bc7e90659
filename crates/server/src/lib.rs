//! PostgreSQL servers that undrift starts itself: a private cluster from programs on the machine,
//! or the one inside the binary.
//!
//! Three words recur. *Programs* are `initdb` and `postgres` found on the machine
//! ([`programs`]). A *private cluster* is a server run from them that nobody else can reach: its
//! only door is a socket in a directory of mode 0700 ([`private`]). The *embedded server* is
//! PostgreSQL compiled into undrift, with a bridge that speaks the wire protocol on a socket
//! (`embedded`, a cargo feature). A *local server* is either of them, left running for development
//! ([`local`]). Both are a [`Server`]: something with an [`Address`] that goes away
//! when it is dropped.
//!
//! This crate deliberately knows nothing of migrations or catalogs, and runs no SQL but
//! `CREATE DATABASE` and `DROP DATABASE`; connecting is for the `database` crate.

mod address;
#[cfg(feature = "embedded")]
pub mod embedded;
mod error;
mod handshake;
pub mod local;
pub mod private;
pub mod programs;

pub use address::{Address, Host, Password};
pub use error::Error;

/// A running server, stopped when dropped.
#[derive(Debug)]
pub enum Server {
    /// A cluster run from programs on the machine.
    Private(private::Cluster),
    /// The one inside the binary.
    #[cfg(feature = "embedded")]
    Embedded(embedded::EmbeddedServer),
}

impl Server {
    /// Returns where to connect.
    pub fn address(&self) -> &Address {
        match self {
            Self::Private(cluster) => cluster.address(),
            #[cfg(feature = "embedded")]
            Self::Embedded(server) => server.address(),
        }
    }

    /// Returns the server's major version, such as 17.
    pub fn major(&self) -> u32 {
        match self {
            Self::Private(cluster) => cluster.major(),
            #[cfg(feature = "embedded")]
            Self::Embedded(_) => embedded::MAJOR,
        }
    }

    /// Creates an empty database, or empties the one of that name, and returns its address.
    pub async fn fresh_database(&self, name: &str) -> Result<Address, Error> {
        match self {
            Self::Private(cluster) => cluster.fresh_database(name).await,
            #[cfg(feature = "embedded")]
            Self::Embedded(server) => server.fresh_database(name).await,
        }
    }

    /// Creates a database unless there is one of that name, and returns its address.
    pub async fn ensure_database(&self, name: &str) -> Result<Address, Error> {
        match self {
            Self::Private(cluster) => cluster.ensure_database(name).await,
            #[cfg(feature = "embedded")]
            Self::Embedded(server) => server.ensure_database(name).await,
        }
    }

    /// Returns whether the server still runs.
    pub fn is_running(&mut self) -> bool {
        match self {
            Self::Private(cluster) => cluster.is_running(),
            #[cfg(feature = "embedded")]
            Self::Embedded(server) => server.is_running(),
        }
    }

    /// Stops the server and returns once it is gone.
    pub async fn stop(self) -> Result<(), Error> {
        match self {
            Self::Private(cluster) => cluster.stop().await,
            #[cfg(feature = "embedded")]
            Self::Embedded(server) => server.stop().await,
        }
    }
}
