//! How long a deploy waits for locks, statements and servers: by the environment of the database, unless
//! `undrift.toml` or a flag says otherwise.

use std::time::Duration;

use database::{DeployOptions, Reconnection, Session, TableLocks};
use project::{Class, DatabaseUrl, Environments, Waiting};

use crate::{Error, Settings};

/// The pauses between attempts to get a lock.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How often the connection may be lost within one migration.
const LOSSES: u32 = 5;

/// What each class of environment asks for, without a word: the busier the database, the shorter the waits
/// and the more of them. On this machine a statement waits for ever, as with Prisma.
fn defaults(class: Class) -> Waiting {
    let (lock, retries, away) = match class {
        Class::Local => (0, 0, 10),
        Class::Dev => (10, 5, 60),
        Class::Staging => (5, 10, 180),
        Class::Production => (2, 20, 180),
    };
    Waiting {
        lock_timeout: Some(Duration::from_secs(lock)),
        lock_retries: Some(retries),
        statement_timeout: None,
        reconnect_timeout: Some(Duration::from_secs(away)),
    }
}

/// Writes into the options how to wait on a database.
///
/// # Errors
/// When `undrift.toml` cannot be read.
pub(crate) fn apply(
    url: &DatabaseUrl,
    settings: &Settings,
    options: &mut DeployOptions,
) -> Result<(), Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = environments.class_of(url);
    write(environment.class, settings.waiting.or(environment.waiting), options);
    Ok(())
}

/// The same, once it can be asked whether a database that looks as if it were on this machine is behind a
/// tunnel to Amazon's.
///
/// # Errors
/// When `undrift.toml` cannot be read, or the connection breaks.
pub(crate) async fn apply_on(
    session: &Session,
    url: &DatabaseUrl,
    settings: &Settings,
    options: &mut DeployOptions,
) -> Result<(), Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = environments.class_of(url);
    let looks_local = environment.name.is_none() && environment.class == Class::Local;
    if looks_local && !url.is_socket() && database::is_managed(session).await? {
        write(Class::Production, settings.waiting, options);
    }
    Ok(())
}

fn write(class: Class, said: Waiting, options: &mut DeployOptions) {
    let mut waiting = said.or(defaults(class));
    // Who sets a limit where there is none wants it to be tried again.
    if said.lock_timeout.is_some() && said.lock_retries.is_none() {
        waiting.lock_retries = defaults(Class::Production).lock_retries;
    }
    let is_limit = |time: &Duration| !time.is_zero();
    options.table_locks = waiting.lock_timeout.filter(is_limit).map(|wait| TableLocks {
        wait,
        attempts: waiting.lock_retries.unwrap_or(0).saturating_add(1),
        first_pause: FIRST_PAUSE,
        longest_pause: LONGEST_PAUSE,
    });
    options.statement_timeout = waiting.statement_timeout;
    options.reconnection = waiting
        .reconnect_timeout
        .filter(is_limit)
        .map(|within| Reconnection { within, attempts: LOSSES });
}
