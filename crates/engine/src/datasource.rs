//! The project's database.

use std::time::Duration;

use catalog::Catalog;
use database::cache::{self, Basis, Key};
use database::{ConnectOptions, Session};
use project::{AbsentUrl, DatabaseUrl, DatasourceUrl, EnvironmentClass, Environments, Project};
use serde::{Deserialize, Serialize};
use server::local::Status;

use crate::{Error, Progress, Settings, local, schema};

/// A database as messages name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
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
    let (application_name, aws) = (settings.application_name(), settings.aws());
    ConnectOptions { base: settings.current_directory.clone(), timeout, application_name, aws }
}

/// Does `work` with the URL of the project's database.
///
/// A project without a URL has the local database in its folder; if that does not run, it is started
/// for as long as the work goes on. Where a variable should have held the URL, this is so only if the
/// local database was used before: a variable forgotten on a build machine stays an error.
pub(crate) async fn with_url<T, P: Progress + ?Sized>(
    project: &Project,
    settings: &Settings,
    progress: &mut P,
    work: impl AsyncFnOnce(DatabaseUrl, &mut P) -> Result<T, Error>,
) -> Result<T, Error> {
    let error = match project.database_url() {
        Ok(url) => {
            progress.busy("connecting to the database");
            return work(signed(&url, settings).await?, progress).await;
        }
        Err(error) => error,
    };
    let folder = local::folder(settings);
    let status = server::local::status(&folder)?;
    let (has_none, is_absent) = match &project.url {
        DatasourceUrl::NotConfigured => (has_datasource(project), false),
        DatasourceUrl::Absent(_) => (false, true),
        DatasourceUrl::Given(_) | DatasourceUrl::Unknown(_) => (false, false),
    };
    let error = match (&project.url, error) {
        (DatasourceUrl::Absent(AbsentUrl { variable, place, .. }), project::Error::NoUrl) => {
            Error::UrlAbsent { variable: variable.clone(), place: place.clone() }
        }
        (DatasourceUrl::NotConfigured, _) if !has_none => Error::NoDatasource,
        (_, error) => schema::show_variable(&project.schema_files, error),
    };
    let has_local = has_none || is_absent && status != Status::Absent;
    if !has_local || local::engine(settings).is_err() {
        return Err(error);
    }
    progress.notice("no database URL: using the local database in .undrift/local");
    let parse = |url: &str| DatabaseUrl::parse(url).map_err(project::Error::from);
    match status {
        Status::Running(state) => work(parse(&state.url)?, progress).await,
        Status::Starting => {
            let state = server::local::wait_until_ready(&folder, local::PATIENCE).await?;
            work(parse(&state.url)?, progress).await
        }
        Status::Absent | Status::Stopped(_) | Status::Stale(_) => {
            progress.busy("starting PostgreSQL");
            local::during(settings, async |url| work(parse(&url)?, progress).await).await
        }
    }
}

/// Whether anything says that the project has a database at all: an empty schema file does not.
fn has_datasource(project: &Project) -> bool {
    project.config.is_some() || project.schema_files.load().schema.datasource.is_some()
}

/// Connects to a database.
pub(crate) async fn connect(url: &DatabaseUrl, settings: &Settings) -> Result<Session, Error> {
    let url = signed(url, settings).await?;
    Ok(database::connect(&url, &options(&url, settings)).await?)
}

/// The URL with what `undrift.toml` says on signing in to its database, and with the host that a secret
/// tells.
pub(crate) async fn signed(url: &DatabaseUrl, settings: &Settings) -> Result<DatabaseUrl, Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let url = environments.signed(url);
    Ok(Box::pin(database::located(&url, &settings.aws())).await?)
}

/// The same as [`catalog`], remembered from the last time if nothing has changed since. It is for whoever
/// only looks: what is to be changed is read.
pub(crate) async fn known_catalog(
    session: &Session,
    schemas: &[String],
    settings: &Settings,
) -> Result<Catalog, Error> {
    let (Some(cache), Ok(mark)) = (settings.cache_directory(), database::mark(session).await)
    else {
        return catalog(session, schemas).await;
    };
    let server = session.server();
    let names = [session.address(), &server.database, &server.user, &server.schema, &mark];
    let basis = Basis {
        server_major: server.major_version(),
        origin: names.map(str::to_owned).to_vec(),
        schemas: schemas.to_vec(),
    };
    let (folder, key) = (cache.join("databases"), Key::new(&basis, &[]));
    if let Some(catalog) = cache::load(&folder, &key) {
        return Ok(catalog);
    }
    let catalog = catalog(session, schemas).await?;
    // Somebody may have changed it meanwhile.
    if database::mark(session).await.is_ok_and(|after| after == mark) {
        // To remember it is a convenience.
        drop(cache::store(&folder, &key, &catalog));
    }
    Ok(catalog)
}

/// Reads what the database contains in the project's schemas, without the history table.
pub(crate) async fn catalog(session: &Session, schemas: &[String]) -> Result<Catalog, Error> {
    let mut catalog = database::introspect(session, Some(schemas)).await?;
    catalog.without_history_table(&session.server().schema);
    Ok(catalog)
}
