//! How much data a change is about: rows and values, counted on the database.

use std::time::Duration;

use catalog::{Name, literal, quoted};
use serde::Serialize;

use crate::{Error, Session};

/// Something that can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Countable {
    /// The rows of a table.
    Rows {
        /// The table.
        table: Name,
    },
    /// The values of a column that are not null.
    Values {
        /// The table.
        table: Name,
        /// The column.
        column: String,
    },
    /// The nulls of a column.
    Nulls {
        /// The table.
        table: Name,
        /// The column.
        column: String,
    },
    /// The rows that stand in the way of a unique index: all but the first of those that are equal.
    Duplicates {
        /// The table.
        table: Name,
        /// The columns of the index.
        columns: Vec<String>,
    },
    /// The rows that have one of some labels of an enum type.
    Labels {
        /// The table.
        table: Name,
        /// The column of that type.
        column: String,
        /// Whether the column is an array of it.
        array: bool,
        /// The labels.
        labels: Vec<String>,
    },
}

/// A number of rows or values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many.
    pub number: u64,
    /// Whether they were counted; otherwise it is the server's estimate of the rows of the table,
    /// since counting took too long.
    pub is_exact: bool,
}

impl Countable {
    /// The table that it is in.
    pub fn table(&self) -> &Name {
        match self {
            Self::Rows { table }
            | Self::Values { table, .. }
            | Self::Nulls { table, .. }
            | Self::Duplicates { table, .. }
            | Self::Labels { table, .. } => table,
        }
    }

    /// The query that counts; it works on any database that has the table.
    fn query(&self) -> String {
        let relation = |name: &Name| format!("{}.{}", quoted(&name.schema), quoted(&name.name));
        let from = relation(self.table());
        match self {
            Self::Rows { .. } => format!("SELECT count(*) FROM {from}"),
            Self::Values { column, .. } => {
                format!("SELECT count({}) FROM {from}", quoted(column))
            }
            Self::Nulls { column, .. } => {
                format!("SELECT count(*) FROM {from} WHERE {} IS NULL", quoted(column))
            }
            Self::Duplicates { columns, .. } => {
                let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
                let present: Vec<String> =
                    columns.iter().map(|column| format!("{column} IS NOT NULL")).collect();
                format!(
                    "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {from} WHERE {} \
                     GROUP BY {} HAVING count(*) > 1) AS duplicates",
                    present.join(" AND "),
                    columns.join(", ")
                )
            }
            Self::Labels { column, array, labels, .. } => {
                let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
                let labels = labels.join(", ");
                let column = quoted(column);
                let condition = if *array {
                    format!("{column}::text[] && ARRAY[{labels}]::text[]")
                } else {
                    format!("{column}::text IN ({labels})")
                };
                format!("SELECT count(*) FROM {from} WHERE {condition}")
            }
        }
    }
}

/// Counts on the database, in a transaction that only reads. What takes longer than `patience`, for a
/// lock or for the size of the table, is answered by the estimate of the server's statistics. None where there is no such table or
/// column, or no right to read it.
///
/// # Errors
/// When the connection breaks.
pub async fn count(
    session: &Session,
    what: &Countable,
    patience: Duration,
) -> Result<Option<Count>, Error> {
    let doing = "counting what may be lost";
    let script = format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; {}; COMMIT",
        patience.as_millis(),
        what.query()
    );
    let number = |rows: &[tokio_postgres::SimpleQueryRow]| {
        rows.first().and_then(|row| row.get(0)).and_then(|text| text.parse::<f64>().ok())
    };
    match session.rows(doing, &script).await {
        Ok(rows) => Ok(number(&rows).map(|number| Count { number: whole(number), is_exact: true })),
        Err(Error::Server { cause, .. }) => {
            session.run("rolling back", "ROLLBACK").await?;
            if cause.sqlstate != "57014" {
                return Ok(None);
            }
            let table = what.table();
            let estimate = format!(
                "SELECT greatest(c.reltuples, 1) FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = {} AND c.relname = {}",
                literal(&table.schema),
                literal(&table.name)
            );
            let rows = session.rows(doing, &estimate).await?;
            Ok(number(&rows).map(|number| Count { number: whole(number), is_exact: false }))
        }
        Err(error) => Err(error),
    }
}

/// A number that the server printed, which may be an estimate with an exponent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are below 2^53 and not negative"
)]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}
