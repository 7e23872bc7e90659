//! undrift's own table, in which it remembers the backups that it made: `undrift_backup.backups`.
//!
//! It is made when the first backup is. What a backup is, only the engine knows; here it is JSON.

use catalog::{BACKUP_SCHEMA, create_backup_schema, literal, quoted};
use serde::{Deserialize, Serialize};
use tokio_postgres::SimpleQueryRow;

use crate::{Error, Session};

/// The name of the table.
const TABLE: &str = "backups";

/// A backup as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRow {
    /// The time it was begun, in letters that are allowed in any name: `20261201t043355123`.
    pub id: String,
    /// How far it got.
    pub state: BackupState,
    /// When it was begun, as the server writes it in UTC.
    pub started_at: String,
    /// When it was done.
    pub finished_at: Option<String>,
    /// Its age in seconds.
    pub age: i64,
    /// What it is.
    pub what: String,
}

/// How far a backup got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// It was begun. Where nobody is at it any more, it was interrupted.
    Running,
    /// It is whole.
    Done,
    /// It came to nothing.
    Failed,
}

impl BackupState {
    fn text(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

fn table() -> String {
    format!("{}.{}", quoted(BACKUP_SCHEMA), quoted(TABLE))
}

/// Writes down that a backup is begun, and returns its id.
///
/// # Errors
/// When the user may not make the table, or the connection breaks.
pub async fn begin_backup(session: &Session, what: &str) -> Result<String, Error> {
    let (table, schema) = (table(), create_backup_schema());
    // IF NOT EXISTS asks for the right to make one even where there is one.
    let script = format!(
        "BEGIN; {schema}
         DO $undrift$ BEGIN
             IF to_regclass({}) IS NULL THEN
                 CREATE TABLE {table} (
                     id text PRIMARY KEY,
                     state text NOT NULL DEFAULT 'running',
                     started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                     finished_at timestamptz,
                     what text NOT NULL
                 );
             END IF;
         END $undrift$;
         INSERT INTO {table} (id, what)
         VALUES (to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD\"t\"HH24MISSMS'), {})
         RETURNING id; COMMIT",
        literal(&table),
        literal(what)
    );
    let rows = match session.rows("writing down that a backup begins", &script).await {
        Ok(rows) => rows,
        Err(error @ Error::Server { .. }) => {
            session.run("rolling back", "ROLLBACK").await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    Ok(rows.first().and_then(|row| row.get(0)).unwrap_or_default().to_owned())
}

/// The statement that writes down how far a backup got.
pub fn finishing_backup(id: &str, state: BackupState, what: &str) -> String {
    format!(
        "UPDATE {} SET state = {}, finished_at = {}, what = {} WHERE id = {};\n",
        table(),
        literal(state.text()),
        if state == BackupState::Running { "NULL" } else { "clock_timestamp()" },
        literal(what),
        literal(id)
    )
}

/// The backups that are remembered, the newest first.
///
/// # Errors
/// When the user may not read the table, or the connection breaks.
pub async fn backups(session: &Session) -> Result<Vec<BackupRow>, Error> {
    const DOING: &str = "reading which backups there are";
    let table = table();
    let question = format!("SELECT to_regclass({}) IS NOT NULL", literal(&table));
    let rows = session.rows(DOING, &question).await?;
    if rows.first().and_then(|row| row.get(0)) != Some("t") {
        return Ok(Vec::new());
    }
    let question = format!(
        "SELECT id, state, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
             to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
             extract(epoch FROM clock_timestamp() - started_at)::bigint, what
         FROM {table} ORDER BY started_at DESC, id DESC"
    );
    let rows = session.rows(DOING, &question).await?;
    Ok(rows.iter().map(read).collect())
}

fn read(row: &SimpleQueryRow) -> BackupRow {
    let text = |at| row.get(at).unwrap_or_default().to_owned();
    BackupRow {
        id: text(0),
        state: match row.get(1) {
            Some("done") => BackupState::Done,
            Some("failed") => BackupState::Failed,
            Some(_) | None => BackupState::Running,
        },
        started_at: text(2),
        finished_at: row.get(3).map(str::to_owned),
        age: text(4).parse().unwrap_or_default(),
        what: text(5),
    }
}

/// The statement that forgets a backup.
pub fn forgetting_backup(id: &str) -> String {
    format!("DELETE FROM {} WHERE id = {};\n", table(), literal(id))
}
