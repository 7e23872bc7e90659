//! How much data a change is about, found out in bounded time, with examples.
//!
//! Three steps, each with its own limit ([`LIMITS`]): an exact count, unless statistics say that the table
//! is too large; where that takes too long, a sample; then the keys of a few of the rows that were meant.

use std::time::Duration;

use catalog::{literal, quoted};
use serde::{Deserialize, Serialize};
use tokio_postgres::SimpleQueryRow;

use crate::loss::{Conversion, Countable, relation};
use crate::{Error, Session};

/// What was found about some data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many rows or values.
    pub number: u64,
    /// How that is to be taken.
    pub precision: Precision,
    /// The keys of some of the rows, as a person reads them: `id = 3`.
    pub examples: Vec<String>,
    /// The query that shows them all, if there is one.
    pub query: Option<String>,
}

/// How a number is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// It was counted.
    Exact,
    /// It was worked out from a sample of the table, or from the server's statistics.
    About,
    /// There are so many in a sample of the table.
    AtLeast,
}

/// The longest that each step may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The exact count.
    pub exact: Duration,
    /// The sample.
    pub sample: Duration,
    /// The examples.
    pub examples: Duration,
}

/// Ten seconds for a question.
pub const LIMITS: Limits = Limits {
    exact: Duration::from_secs(5),
    sample: Duration::from_secs(3),
    examples: Duration::from_secs(2),
};

/// A larger table is not counted.
const TOO_LARGE: f64 = 16.0 * 1024.0 * 1024.0 * 1024.0;

/// How many rows a sample has.
const SAMPLE: f64 = 100_000.0;

/// How many examples are given.
const EXAMPLES: usize = 3;

/// What stands between the keys that a block gives back.
const SEPARATOR: char = '\u{1f}';

/// Finds out how much data is meant, with the keys of a few rows by the columns of `key`. It only reads,
/// and takes no longer than the limits together. None where that cannot be found out: there is no such
/// table or column, no right to read it, or no time.
///
/// # Errors
/// When the connection breaks.
pub async fn examine(
    session: &Session,
    what: &Countable,
    key: &[String],
    limits: Limits,
) -> Result<Option<Found>, Error> {
    let size = size(session, what).await?;
    let mut answer = Answer::None;
    if size.bytes <= TOO_LARGE {
        answer = ask(session, what, key, "", limits.exact).await?;
    }
    let mut precision = Precision::Exact;
    if answer == Answer::TooLong || size.bytes > TOO_LARGE {
        (answer, precision) = sample(session, what, key, &size, limits.sample).await?;
    }
    let Answer::Found { number, keys } = answer else { return Ok(None) };
    let mut examples = keys;
    if number > 0 && examples.is_empty() && !matches!(what, Countable::Rows { .. }) {
        examples = self::examples(session, what, key, limits.examples).await?;
    }
    Ok(Some(Found { number, precision, examples, query: shows_all(session, what) }))
}

/// What a question to the server came to.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    /// A number, and keys where the question gave them by the way.
    Found { number: u64, keys: Vec<String> },
    /// It took too long.
    TooLong,
    /// The server has no answer.
    None,
}

/// How large a table is by the statistics.
struct Size {
    rows: f64,
    bytes: f64,
}

async fn size(session: &Session, what: &Countable) -> Result<Size, Error> {
    let query = format!(
        "SELECT greatest(reltuples, 0), relpages::float8 * current_setting('block_size')::float8
         FROM pg_catalog.pg_class WHERE oid = to_regclass({})",
        literal(&what.relation())
    );
    let rows = session.rows("asking how large a table is", &query).await?;
    let number = |at| rows.first().and_then(|row| row.get(at)?.parse().ok()).unwrap_or(0.0);
    Ok(Size { rows: number(0), bytes: number(1) })
}

/// Asks in a part of the table, `""` for all.
async fn ask(
    session: &Session,
    what: &Countable,
    key: &[String],
    part: &str,
    limit: Duration,
) -> Result<Answer, Error> {
    let tried = match what {
        Countable::Unconvertible(conversion) => Some((conversion, false)),
        Countable::Altered(conversion) => Some((conversion, true)),
        Countable::Rows { .. }
        | Countable::Values { .. }
        | Countable::Nulls { .. }
        | Countable::Duplicates { .. }
        | Countable::Labels { .. }
        | Countable::OtherThanLabels { .. }
        | Countable::Repeated { .. }
        | Countable::Breaking { .. }
        | Countable::Orphans { .. } => None,
    };
    let script = match (what.query_of(part), tried) {
        (Some(query), _) => query,
        (None, Some((conversion, altered))) => trying(conversion, altered, key, part),
        (None, None) => return Ok(Answer::None),
    };
    let rows = match reading(session, &script, limit).await? {
        Ok(rows) => rows,
        Err(answer) => return Ok(answer),
    };
    let Some(row) = rows.last() else { return Ok(Answer::None) };
    let number = row.get(0).and_then(|number| number.parse::<u64>().ok());
    let keys = if row.len() > 1 { row.get(1).unwrap_or_default() } else { "" };
    let keys = keys.split(SEPARATOR).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    Ok(number.map_or(Answer::None, |number| Answer::Found { number, keys }))
}

/// The rows that a script gives in a transaction that only reads, or why there are none.
async fn reading(
    session: &Session,
    script: &str,
    limit: Duration,
) -> Result<Result<Vec<SimpleQueryRow>, Answer>, Error> {
    let script = format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; {script}; COMMIT",
        limit.as_millis().max(1)
    );
    match session.rows("counting what is at stake", &script).await {
        Ok(rows) => Ok(Ok(rows)),
        Err(Error::Server { cause, .. }) => {
            session.run("rolling back", "ROLLBACK").await?;
            let is_late = cause.sqlstate == "57014";
            Ok(Err(if is_late { Answer::TooLong } else { Answer::None }))
        }
        Err(error) => Err(error),
    }
}

/// Works the number out from a part of the table.
async fn sample(
    session: &Session,
    what: &Countable,
    key: &[String],
    size: &Size,
    limit: Duration,
) -> Result<(Answer, Precision), Error> {
    if matches!(what, Countable::Rows { .. }) {
        let answer = Answer::Found { number: whole(size.rows), keys: Vec::new() };
        return Ok((answer, Precision::About));
    }
    let percent = (100.0 * SAMPLE / size.rows.max(SAMPLE)).min(100.0);
    // The same part each time.
    let part = format!(" TABLESAMPLE SYSTEM ({percent:.6}) REPEATABLE (1)");
    let answer = ask(session, what, key, &part, limit).await?;
    let is_by_row = what.keys().is_none();
    Ok(match answer {
        Answer::Found { number, ref keys } if is_by_row => {
            #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
            let number = whole(number as f64 * 100.0 / percent);
            (Answer::Found { number, keys: keys.clone() }, Precision::About)
        }
        Answer::Found { .. } | Answer::TooLong | Answer::None => (answer, Precision::AtLeast),
    })
}

/// A number that is not negative, as one without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are below 2^53 and not negative"
)]
fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

/// The keys of some of the rows that are meant, where there is time for them.
async fn examples(
    session: &Session,
    what: &Countable,
    key: &[String],
    limit: Duration,
) -> Result<Vec<String>, Error> {
    if key.is_empty() {
        return Ok(Vec::new());
    }
    let columns: Vec<String> = key.iter().map(|column| quoted(column)).collect();
    let columns = columns.join(", ");
    let (relation, shown) = (what.relation(), told(key, ""));
    let query = match (what.keys(), what.condition()) {
        (Some((keys, condition)), _) => format!(
            "SELECT {shown} FROM (SELECT {columns}, row_number() OVER (PARTITION BY {} ORDER BY \
             {columns}) AS undrift_number FROM {relation} WHERE {condition}) AS numbered \
             WHERE undrift_number > 1 ORDER BY {columns} LIMIT {EXAMPLES}",
            keys.join(", ")
        ),
        (None, Some(condition)) => format!(
            "SELECT {shown} FROM {relation} WHERE {condition} ORDER BY {columns} LIMIT {EXAMPLES}"
        ),
        (None, None) => return Ok(Vec::new()),
    };
    let rows = reading(session, &query, limit).await?.unwrap_or_default();
    Ok(rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect())
}

/// An expression that tells the key of a row as a person reads it: `id = 3`.
fn told(key: &[String], row: &str) -> String {
    let parts = key.iter().map(|column| {
        format!("{} || {row}{}::text", literal(&format!("{column} = ")), quoted(column))
    });
    parts.collect::<Vec<_>>().join(" || ', ' || ")
}

/// The query that shows all rows that are meant.
fn shows_all(session: &Session, what: &Countable) -> Option<String> {
    let relation = what.relation();
    if let Some((keys, condition)) = what.keys() {
        let keys = keys.join(", ");
        return Some(format!(
            "SELECT * FROM (SELECT *, count(*) OVER (PARTITION BY {keys}) AS equal FROM {relation} \
             WHERE {condition}) AS counted WHERE equal > 1 ORDER BY {keys}"
        ));
    }
    if let Countable::Unconvertible(Conversion { column, to, using: None, fails: None, .. }) = what
    {
        // Older servers cannot be asked without making something.
        let is_new = session.server().major_version() >= 16;
        let column = quoted(column);
        return is_new.then(|| {
            format!(
                "SELECT * FROM {relation} WHERE NOT pg_input_is_valid({column}::text, {})",
                literal(to)
            )
        });
    }
    let condition = what.condition()?;
    let all = format!("SELECT * FROM {relation}");
    let is_all = matches!(what, Countable::Rows { .. });
    Some(if is_all { all } else { format!("{all} WHERE {condition}") })
}

/// A block that tries each value, since an error ends a query: how many fail, or with `altered` how many
/// become others, and the keys of the first of them.
fn trying(conversion: &Conversion, altered: bool, key: &[String], part: &str) -> String {
    let Conversion { table, column, to, using, fails: _ } = conversion;
    let (table, column) = (relation(table), quoted(column));
    let made = using.clone().unwrap_or_else(|| column.clone());
    let key = if key.is_empty() { "NULL".to_owned() } else { told(key, "held.") };
    let (on_success, on_failure) = if altered {
        ("IF back IS DISTINCT FROM old THEN is_meant := true; END IF;", "")
    } else {
        ("", "is_meant := true;")
    };
    let block = format!(
        "DECLARE
             held {table}%ROWTYPE; made {to}; old {table}.{column}%TYPE; back {table}.{column}%TYPE;
             found bigint := 0; keys text := ''; is_meant boolean;
         BEGIN
             FOR held IN SELECT * FROM {table}{part} WHERE {column} IS NOT NULL LOOP
                 is_meant := false;
                 BEGIN
                     old := held.{column};
                     made := (SELECT {made}
                              FROM (SELECT held.*) AS undrift_row);
                     back := made;
                     {on_success}
                 EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                     {on_failure}
                 END;
                 IF is_meant THEN
                     found := found + 1;
                     IF found <= {EXAMPLES} THEN keys := concat(keys, {key}, '{SEPARATOR}'); END IF;
                 END IF;
             END LOOP;
             PERFORM set_config('undrift.found', found::text, true), set_config('undrift.keys', keys, true);
         END"
    );
    format!(
        "DO {}; SELECT current_setting('undrift.found'), current_setting('undrift.keys')",
        literal(&block)
    )
}
