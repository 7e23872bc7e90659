//! Whether a statement that ran outside any transaction has taken effect.
//!
//! Such a statement and its mark in the history cannot be one transaction. Asking the catalog
//! closes the gap: after a kill it tells whether the statement was done, half done, or not begun;
//! after a success it tells that the success is real.

use crate::{Error, Session};
use catalog::literal;
use script::Alone;

/// What the catalog says about a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// It has taken effect.
    Done,
    /// There is no trace of it, or doing it again does no harm.
    NotDone,
    /// An earlier attempt left an index that is not usable and is in the way.
    InvalidIndex {
        /// Its name, quoted and with its schema.
        index: String,
    },
    /// An earlier attempt did a part; this statement does the rest.
    Remaining(String),
    /// The catalog does not tell.
    Unknowable,
}

/// Whether the catalog can tell about a statement.
pub(super) fn is_knowable(alone: &Alone) -> bool {
    !matches!(alone, Alone::Unknowable | Alone::CreateIndex { index: None, .. })
}

/// Asks the catalog about a statement.
pub(super) async fn effect(session: &Session, alone: &Alone) -> Result<Effect, Error> {
    let doing = "looking for the effect of a statement";
    let found = async |question: String| -> Result<Option<Vec<Option<String>>>, Error> {
        let rows = session.rows(doing, &question).await?;
        let values = |row: &tokio_postgres::SimpleQueryRow| {
            (0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect()
        };
        Ok(rows.first().map(values))
    };
    match alone {
        Alone::CreateIndex { index: Some(index), table } => {
            let row = found(format!(
                "SELECT i.indisvalid AND i.indisready, pg_catalog.format('%I.%I', n.nspname, \
                 c.relname) FROM pg_catalog.pg_index i
                 JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE i.indrelid = pg_catalog.to_regclass({}) AND c.relname = {}
                       AND c.relkind = 'i'",
                literal(table),
                name(index)
            ))
            .await?;
            Ok(match row.as_deref() {
                Some([Some(valid), Some(index)]) if valid == "f" => {
                    Effect::InvalidIndex { index: index.clone() }
                }
                Some(_) => Effect::Done,
                None => Effect::NotDone,
            })
        }
        Alone::DropIndex { index } => {
            let row = found(format!(
                "SELECT 1 WHERE pg_catalog.to_regclass({}) IS NOT NULL",
                literal(index)
            ))
            .await?;
            Ok(if row.is_some() { Effect::NotDone } else { Effect::Done })
        }
        Alone::DetachPartition { table, partition } => {
            // The column is there from PostgreSQL 14 on, as is the statement.
            let row = found(format!(
                "SELECT i.inhdetachpending FROM pg_catalog.pg_inherits i
                 WHERE i.inhrelid = pg_catalog.to_regclass({})
                       AND i.inhparent = pg_catalog.to_regclass({})",
                literal(partition),
                literal(table)
            ))
            .await?;
            Ok(match row.as_deref() {
                None => Effect::Done,
                Some([Some(pending)]) if pending == "t" => Effect::Remaining(format!(
                    "ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE"
                )),
                Some(_) => Effect::NotDone,
            })
        }
        Alone::CreateDatabase { database } => {
            let row = found(database_named(database)).await?;
            Ok(if row.is_some() { Effect::Done } else { Effect::NotDone })
        }
        Alone::DropDatabase { database } => {
            let row = found(database_named(database)).await?;
            Ok(if row.is_some() { Effect::NotDone } else { Effect::Done })
        }
        Alone::Repeatable | Alone::Reindex { .. } => Ok(Effect::NotDone),
        Alone::CreateIndex { index: None, .. } | Alone::Unknowable => Ok(Effect::Unknowable),
    }
}

/// The invalid indexes that an interrupted `REINDEX … CONCURRENTLY` left beside the ones that it was to
/// replace, quoted and with their schemas.
pub(super) async fn leftovers(session: &Session, alone: &Alone) -> Result<Vec<String>, Error> {
    let Alone::Reindex { of, name } = alone else { return Ok(Vec::new()) };
    let scope = match (of.as_str(), name) {
        ("INDEX", Some(index)) => format!(
            "i.indrelid = (SELECT indrelid FROM pg_catalog.pg_index
                           WHERE indexrelid = pg_catalog.to_regclass({}))",
            literal(index)
        ),
        ("TABLE", Some(table)) => {
            format!("i.indrelid = pg_catalog.to_regclass({})", literal(table))
        }
        ("SCHEMA", Some(schema)) => format!("n.nspname = {}", self::name(schema)),
        _ => "true".to_owned(),
    };
    // Those of TOAST tables only the server may touch.
    let question = format!(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_index i
         JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND c.relkind = 'i'
               AND n.nspname <> 'pg_toast' AND {scope}
         ORDER BY 1"
    );
    let rows = session.rows("looking for what a statement left", &question).await?;
    Ok(rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect())
}

fn database_named(database: &str) -> String {
    format!("SELECT 1 FROM pg_catalog.pg_database WHERE datname = {}", name(database))
}

/// An SQL expression for the name that an identifier, as written, stands for.
fn name(identifier: &str) -> String {
    format!("(pg_catalog.parse_ident({}))[1]::name", literal(identifier))
}
