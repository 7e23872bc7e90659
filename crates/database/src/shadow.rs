//! Shadow databases that start from an earlier replay.
//!
//! On a server of ours a replayed database can be kept. The next shadow is a copy of the one that
//! shares the longest beginning of the migrations, which PostgreSQL makes in some tens of
//! milliseconds, and only the rest is replayed. The names of kept databases are made of their
//! [`Key`], so they need no list.

use crate::cache::{Basis, Key};
use crate::connect::{ConnectOptions, connect};
use crate::history::new_id;
use crate::replay::replay;
use crate::{Error, Session};
use catalog::quoted;
use project::{DatabaseUrl, Migration};
use std::collections::BTreeSet;

/// How the names of kept databases begin; PostgreSQL cuts names after 63 bytes.
const KEPT: &str = "undrift_kept_";

/// How the names of databases in use begin.
const IN_USE: &str = "undrift_shadow_";

/// How many databases are kept; the oldest go first.
const KEEP: usize = 8;

/// A database that all migrations were replayed on.
pub struct Shadow {
    /// A session in it.
    pub session: Session,
    /// How many migrations had to be replayed.
    pub replayed: usize,
    database: String,
    key: Key,
}

/// Replays migrations on a new database, which starts as a copy of the nearest kept one.
///
/// `maintenance` is a session in another database of the same server, which must be one of ours:
/// databases are made and dropped there. `url` leads to that server.
pub async fn replay_on_copy(
    maintenance: &Session,
    url: &DatabaseUrl,
    options: &ConnectOptions,
    basis: &Basis,
    migrations: &[Migration],
) -> Result<Shadow, Error> {
    let kept: BTreeSet<String> = databases(maintenance, KEPT).await?.into_iter().collect();
    let mut keys = Key::after_each(basis, migrations);
    let nearest = keys.iter().rposition(|key| kept.contains(&kept_name(key)));
    let (begin, template) = match nearest.and_then(|at| Some((at + 1, keys.get(at)?))) {
        Some((begin, key)) => (begin, kept_name(key)),
        None => (0, "template1".to_owned()),
    };
    let key = keys.pop().unwrap_or_else(|| Key::new(basis, &[]));

    let database = format!("{IN_USE}{}", new_id());
    let create = format!("CREATE DATABASE {} TEMPLATE {}", quoted(&database), quoted(&template));
    maintenance.run("creating a shadow database", &create).await?;
    let replayed = async {
        let session = connect(&url.with_database(&database), options).await?;
        replay(&session, migrations.get(begin..).unwrap_or_default()).await?;
        Ok(session)
    };
    match replayed.await {
        Ok(session) => Ok(Shadow { session, replayed: migrations.len() - begin, database, key }),
        Err(error) => {
            // The replay's error is the one to tell.
            drop(drop_database(maintenance, &database).await);
            Err(error)
        }
    }
}

impl Shadow {
    /// Keeps the database for later replays; nothing may have changed in it since.
    pub async fn keep(self, maintenance: &Session) -> Result<(), Error> {
        let Self { session, replayed, database, key } = self;
        drop(session);
        if replayed == 0 {
            return drop_database(maintenance, &database).await;
        }
        let rename =
            format!("ALTER DATABASE {} RENAME TO {}", quoted(&database), quoted(&kept_name(&key)));
        match maintenance.run("keeping a shadow database", &rename).await {
            Ok(()) => {}
            // duplicate_database: another run kept the same just now.
            Err(Error::Server { cause, .. }) if cause.sqlstate == "42P04" => {
                return drop_database(maintenance, &database).await;
            }
            Err(error) => return Err(error),
        }
        for old in databases(maintenance, KEPT).await?.iter().rev().skip(KEEP) {
            drop_database(maintenance, old).await?;
        }
        Ok(())
    }

    /// Drops the database.
    pub async fn discard(self, maintenance: &Session) -> Result<(), Error> {
        let Self { session, database, .. } = self;
        drop(session);
        drop_database(maintenance, &database).await
    }
}

/// Drops shadow databases that killed runs left behind: those that nobody is connected to.
pub async fn drop_abandoned(maintenance: &Session) -> Result<(), Error> {
    for database in databases(maintenance, IN_USE).await? {
        match drop_database(maintenance, &database).await {
            // Somebody is connected after all, or dropped it first.
            Ok(()) | Err(Error::Server { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn kept_name(key: &Key) -> String {
    let digits = key.as_str().get(..40).unwrap_or(key.as_str());
    format!("{KEPT}{digits}")
}

/// The databases whose names begin like that and that nobody is connected to, oldest first.
async fn databases(maintenance: &Session, prefix: &str) -> Result<Vec<String>, Error> {
    let question = format!(
        "SELECT d.datname FROM pg_catalog.pg_database d
         WHERE pg_catalog.left(d.datname, {}) = '{prefix}' AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)
         ORDER BY d.oid",
        prefix.len()
    );
    let rows = maintenance.rows("looking for shadow databases", &question).await?;
    Ok(rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect())
}

async fn drop_database(maintenance: &Session, database: &str) -> Result<(), Error> {
    let script = format!("DROP DATABASE IF EXISTS {}", quoted(database));
    maintenance.run("dropping a shadow database", &script).await
}
