//! The project's database.

use std::time::Duration;

use catalog::Catalog;
use database::{ConnectOptions, Session};
use project::{DatabaseUrl, EnvironmentClass, Project};
use serde::Serialize;

use crate::{Error, Settings};

/// A database as messages name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Described {
    /// The name of the datasource block.
    pub name: String,
    /// The database.
    pub database: String,
    /// The schema of the URL.
    pub schema: String,
    /// Host and port, or the socket.
    pub address: String,
}

/// Names the project's database as Prisma does.
pub(crate) fn describe(project: &Project, url: &DatabaseUrl) -> Described {
    Described {
        name: project.datasource.clone(),
        database: url.database.clone(),
        schema: url.schema().to_owned(),
        address: url.address(),
    }
}

/// How long a server on this machine may take to answer: it may have just been started.
const LOCAL_PATIENCE: Duration = Duration::from_mins(1);

/// How to connect to a database from where the command was called.
pub(crate) fn options(url: &DatabaseUrl, settings: &Settings) -> ConnectOptions {
    let default = ConnectOptions::default();
    let timeout = match url.environment_class() {
        EnvironmentClass::Local => LOCAL_PATIENCE,
        EnvironmentClass::Production => default.timeout,
    };
    ConnectOptions { base: settings.current_directory.clone(), timeout, ..default }
}

/// Connects to a database.
pub(crate) async fn connect(url: &DatabaseUrl, settings: &Settings) -> Result<Session, Error> {
    Ok(database::connect(url, &options(url, settings)).await?)
}

/// Reads what the database contains in the project's schemas, without the history table.
pub(crate) async fn catalog(session: &Session, schemas: &[String]) -> Result<Catalog, Error> {
    let mut catalog = database::introspect(session, Some(schemas)).await?;
    catalog.without_history_table(&session.server().schema);
    Ok(catalog)
}
