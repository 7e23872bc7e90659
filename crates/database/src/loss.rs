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
    /// The values of a column that are none of some labels.
    OtherThanLabels {
        /// The table.
        table: Name,
        /// The column, of an enum type or a text.
        column: String,
        /// Whether its values are arrays of those.
        array: bool,
        /// The labels.
        labels: Vec<String>,
    },
    /// The rows that stand in the way of a unique index on some of the rows, by expressions.
    Repeated {
        /// The table.
        table: Name,
        /// The expressions of the index, as SQL has them.
        keys: Vec<String>,
        /// Which rows it is on, as SQL has it.
        condition: Option<String>,
    },
    /// The rows for which a check is false.
    Breaking {
        /// The table.
        table: Name,
        /// The check, as SQL has it.
        check: String,
    },
    /// The rows that refer to a row that is not there.
    Orphans {
        /// The table.
        table: Name,
        /// The columns that refer.
        columns: Vec<String>,
        /// The table they refer to.
        references: Name,
        /// The columns of that table.
        referenced: Vec<String>,
    },
    /// The values that cannot be of a new type.
    Unconvertible(Conversion),
    /// The values that become others in a new type: cut or rounded.
    Altered(Conversion),
}

/// A column that gets another type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
    /// The new type, as SQL has it.
    pub to: String,
    /// What makes a new value of an old one, as SQL has it; none for what the server does by itself.
    pub using: Option<String>,
    /// What is true of values that cannot be of the new type, as SQL has it, if there is such a thing;
    /// otherwise each value is tried.
    pub fails: Option<String>,
}

/// A number of rows or values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
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
            | Self::Labels { table, .. }
            | Self::OtherThanLabels { table, .. }
            | Self::Repeated { table, .. }
            | Self::Breaking { table, .. }
            | Self::Orphans { table, .. }
            | Self::Unconvertible(Conversion { table, .. })
            | Self::Altered(Conversion { table, .. }) => table,
        }
    }

    /// The table as SQL has it.
    pub(crate) fn relation(&self) -> String {
        relation(self.table())
    }

    /// What is true of the rows that are meant; none where that cannot be said of a row by itself.
    pub(crate) fn condition(&self) -> Option<String> {
        let column_of = |column: &str| format!("{}.{}", self.relation(), quoted(column));
        Some(match self {
            Self::Rows { .. } => "true".to_owned(),
            Self::Values { column, .. } => format!("{} IS NOT NULL", column_of(column)),
            Self::Nulls { column, .. } => format!("{} IS NULL", column_of(column)),
            Self::Labels { column, array, labels, .. } => {
                let (labels, column) = (list(labels), column_of(column));
                if *array {
                    format!("{column}::text[] && ARRAY[{labels}]::text[]")
                } else {
                    format!("{column}::text IN ({labels})")
                }
            }
            Self::OtherThanLabels { column, array: false, labels, .. } => {
                format!("{}::text NOT IN ({})", column_of(column), list(labels))
            }
            Self::OtherThanLabels { column, array: true, labels, .. } => {
                format!("NOT {}::text[] <@ ARRAY[{}]::text[]", column_of(column), list(labels))
            }
            // A check that is not known to be false lets a row pass.
            Self::Breaking { check, .. } => format!("NOT ({check}\n)"),
            Self::Orphans { columns, references, referenced, .. } => {
                let present =
                    columns.iter().map(|column| format!("{} IS NOT NULL", column_of(column)));
                let pairs = columns.iter().zip(referenced);
                let equal = pairs.map(|(column, referenced)| {
                    format!("undrift_referenced.{} = {}", quoted(referenced), column_of(column))
                });
                format!(
                    "{} AND NOT EXISTS (SELECT FROM {} AS undrift_referenced WHERE {})",
                    present.collect::<Vec<_>>().join(" AND "),
                    relation(references),
                    equal.collect::<Vec<_>>().join(" AND ")
                )
            }
            Self::Unconvertible(Conversion { fails, .. }) => fails.clone()?,
            Self::Altered(Conversion { column, to, using, fails, table: _ }) => {
                let fails = fails.as_ref()?;
                let column = column_of(column);
                let made = using.clone().unwrap_or_else(|| column.clone());
                // Compared as the old type, which the server finds from the other side.
                format!(
                    "CASE WHEN {fails} THEN false ELSE ({made}\n)::{to} IS DISTINCT FROM {column} END"
                )
            }
            Self::Duplicates { .. } | Self::Repeated { .. } => return None,
        })
    }

    /// The keys by which rows are not to be equal, and which rows are meant.
    pub(crate) fn keys(&self) -> Option<(Vec<String>, String)> {
        let (keys, condition) = match self {
            Self::Duplicates { columns, .. } => {
                (columns.iter().map(|column| quoted(column)).collect(), None)
            }
            Self::Repeated { keys, condition, .. } => (keys.clone(), condition.clone()),
            Self::Rows { .. }
            | Self::Values { .. }
            | Self::Nulls { .. }
            | Self::Labels { .. }
            | Self::OtherThanLabels { .. }
            | Self::Breaking { .. }
            | Self::Orphans { .. }
            | Self::Unconvertible(_)
            | Self::Altered(_) => return None,
        };
        let keys: Vec<String> = keys;
        let present = keys.iter().map(|key| format!("({key}) IS NOT NULL"));
        let condition = condition.into_iter().map(|condition| format!("({condition}\n)"));
        let all = present.chain(condition).collect::<Vec<_>>().join(" AND ");
        Some((keys, all))
    }

    /// The query that counts; it works on any database that has the table. None if it takes more than a
    /// query.
    pub(crate) fn query(&self) -> Option<String> {
        self.query_of("")
    }

    /// The query that counts in a part of the table, such as a sample.
    pub(crate) fn query_of(&self, part: &str) -> Option<String> {
        let from = format!("{}{part}", self.relation());
        if let Some((keys, condition)) = self.keys() {
            return Some(format!(
                "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {from} WHERE {condition} \
                 GROUP BY {} HAVING count(*) > 1) AS duplicates",
                keys.join(", ")
            ));
        }
        Some(format!("SELECT count(*) FROM {from} WHERE {}", self.condition()?))
    }
}

/// A table as SQL has it.
pub(crate) fn relation(name: &Name) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
}

/// Texts as SQL has a list of them.
fn list(texts: &[String]) -> String {
    texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join(", ")
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
    let Some(query) = what.query() else { return Ok(None) };
    let script = format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; {query}; COMMIT",
        patience.as_millis(),
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
