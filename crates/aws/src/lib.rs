//! What undrift knows of AWS, without AWS's own SDK: that would be more than all of undrift (12.6 MB).
//!
//! - [`Host`] tells from a name what kind of database is behind it;
//! - [`Client`] finds credentials where AWS's own programs find them, signs with Signature Version 4,
//!   calls the Query API of RDS and STS and the JSON API of Secrets Manager, and tries again when it is
//!   throttled;
//! - [`Client::database_token`] makes the password by which IAM lets somebody into a database;
//! - [`authorities`] holds the certificates that RDS and its proxies are signed with.
//!
//! The crate knows nothing of PostgreSQL, URLs or projects. Environment, clock and folders are
//! arguments: [`Surroundings`].

pub mod authorities;
mod client;
mod credentials;
mod error;
mod host;
mod http;
mod profiles;
mod rds;
mod secret;
mod sign;
mod surroundings;
mod token;
mod xml;

pub use client::{Client, Service};
pub use credentials::Credentials;
pub use error::Error;
pub use host::{Deployment, Host, Kind, Partition};
pub use rds::{BlueGreen, Cluster, Instance, Member, ProxyTarget};
pub use secret::Secret;
pub use surroundings::{Clock, Surroundings};
pub use token::TOKEN_LIFETIME;
pub use xml::Element;
