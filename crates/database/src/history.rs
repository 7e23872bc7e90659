//! The history table, `_prisma_migrations`: the one that Prisma keeps, column for column.
//!
//! Every statement names the table with its schema, so that a `search_path` set by a migration
//! cannot lead elsewhere.

use crate::deploy::NOTHING_DONE;
use crate::{Error, Session};
use catalog::{literal, quoted};
use project::Migration;
use serde::{Deserialize, Serialize};

/// The table's name.
pub const TABLE: &str = "_prisma_migrations";

/// How `logs` begins while a migration is being applied statement by statement; Prisma leaves the
/// column empty until a failure. `applied_steps_count` then counts the statements that are done.
pub(crate) const JOURNAL: &str = "undrift: applied in steps, can be resumed.";

/// What the journal says before a statement whose effect the catalog does not show.
pub(crate) const JOURNAL_UNKNOWABLE: &str = "undrift: running a statement that cannot be resumed.";

/// One row of the history. Times are as Prisma prints them: `2026-11-23 10:42:34.203`, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// A random UUID.
    pub id: String,
    /// SHA-256 of the migration's script when it was applied, in hexadecimal.
    pub checksum: String,
    /// When it was done; none while it runs and after a failure.
    pub finished_at: Option<String>,
    /// The name of the migration's folder.
    pub migration_name: String,
    /// The error it failed with.
    pub logs: Option<String>,
    /// When it was marked as rolled back.
    pub rolled_back_at: Option<String>,
    /// When it began.
    pub started_at: String,
    /// 1 once applied by deploy, 0 if only marked as applied.
    pub applied_steps_count: i32,
}

/// What a row says about its migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryState {
    /// It is in the database.
    Applied,
    /// It was marked as rolled back.
    RolledBack,
    /// It failed, or its run was killed and cannot be resumed.
    Failed,
    /// undrift was killed while it ran; the next deploy goes on with it.
    Interrupted,
}

impl HistoryRow {
    /// What the row says about its migration.
    pub fn state(&self) -> HistoryState {
        match (&self.rolled_back_at, &self.finished_at, self.logs.as_deref()) {
            (Some(_), _, _) => HistoryState::RolledBack,
            (None, Some(_), _) => HistoryState::Applied,
            (None, None, Some(JOURNAL)) => HistoryState::Interrupted,
            (None, None, _) => HistoryState::Failed,
        }
    }

    /// The row as something to be written again; its start does not change.
    pub(crate) fn entry(&self) -> Entry {
        Entry {
            id: self.id.clone(),
            checksum: self.checksum.clone(),
            name: self.migration_name.clone(),
            started_at: 0,
        }
    }

    /// How many statements took effect before a failure or interruption, if undrift kept count.
    pub fn statements_done(&self) -> Option<usize> {
        let logs = self.logs.as_deref()?;
        if logs.starts_with("undrift: ") {
            return usize::try_from(self.applied_steps_count).ok();
        }
        // It was one transaction.
        logs.trim_end().ends_with(NOTHING_DONE).then_some(0)
    }
}

/// The history, oldest first; none if there is no table.
pub async fn history(session: &Session) -> Result<Option<Vec<HistoryRow>>, Error> {
    let schema = &session.server().schema;
    let time =
        |column: &str| format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')");
    let question = format!(
        "SELECT id, checksum, {}, migration_name, logs, {}, {}, applied_steps_count FROM {} \
         ORDER BY started_at",
        time("finished_at"),
        time("rolled_back_at"),
        time("started_at"),
        table(schema)
    );
    let rows = match session.rows("reading the history", &question).await {
        Ok(rows) => rows,
        // No such table, no such schema.
        Err(Error::Server { cause, .. }) if matches!(&*cause.sqlstate, "42P01" | "3F000") => {
            return Ok(None);
        }
        Err(Error::Server { cause, .. }) if cause.sqlstate == "42703" => {
            return Err(Error::HistoryUnreadable { schema: schema.clone(), cause: cause.message });
        }
        Err(error) => return Err(denied(session, error, "read").await),
    };
    let row = |row: tokio_postgres::SimpleQueryRow| {
        let text = |column| row.get(column).map(str::to_owned);
        HistoryRow {
            id: text(0).unwrap_or_default(),
            checksum: text(1).unwrap_or_default(),
            finished_at: text(2),
            migration_name: text(3).unwrap_or_default(),
            logs: text(4),
            rolled_back_at: text(5),
            started_at: text(6).unwrap_or_default(),
            applied_steps_count: row.get(7).and_then(|count| count.parse().ok()).unwrap_or(0),
        }
    };
    Ok(Some(rows.into_iter().map(row).collect()))
}

/// Creates the table, and its schema if that is missing.
pub async fn create_history(session: &Session) -> Result<(), Error> {
    let schema = &session.server().schema;
    // CREATE SCHEMA IF NOT EXISTS asks for the right to create one even where there is one.
    let question =
        format!("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {}", literal(schema));
    let create_schema = if session.rows("looking for the schema", &question).await?.is_empty() {
        format!("CREATE SCHEMA IF NOT EXISTS {};", quoted(schema))
    } else {
        String::new()
    };
    let script = format!(
        "{create_schema}
CREATE TABLE {} (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)",
        table(schema)
    );
    match session.run("creating the history table", &script).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let error = session.unless_demoted(error).await;
            Err(denied(session, error, "create").await)
        }
    }
}

/// Records a migration as applied without running it, as `resolve --applied` and a baseline do: a
/// failed row of it becomes rolled back.
pub async fn mark_applied(session: &Session, name: &str, checksum: &str) -> Result<(), Error> {
    let script = format!("BEGIN; {} COMMIT", applied(&session.server().schema, name, checksum));
    write(session, "recording a migration as applied", &script).await
}

/// The same as [`mark_applied`] within the transaction that is open, which cannot go on after an error.
pub async fn mark_applied_in_transaction(
    session: &Session,
    name: &str,
    checksum: &str,
) -> Result<(), Error> {
    let script = applied(&session.server().schema, name, checksum);
    write(session, "recording a migration as applied", &script).await
}

/// The statements that record a migration as applied without running it.
fn applied(schema: &str, name: &str, checksum: &str) -> String {
    let table = table(schema);
    format!(
        "UPDATE {table} SET rolled_back_at = {NOW}
         WHERE migration_name = {name} AND finished_at IS NULL AND rolled_back_at IS NULL;
         INSERT INTO {table} (id, checksum, finished_at, migration_name, logs, started_at,
                              applied_steps_count)
         SELECT {id}, {checksum}, moment, {name}, '', moment, 0 FROM (SELECT {NOW}) t (moment);",
        name = literal(name),
        id = literal(&new_id()),
        checksum = literal(checksum),
    )
}

/// Marks the rows of an applied migration as rolled back, within the transaction that is open: the next
/// deploy, of Prisma or undrift, applies it again. When it was applied stays in the row.
pub async fn mark_undone_in_transaction(session: &Session, name: &str) -> Result<(), Error> {
    let script = format!(
        "UPDATE {} SET rolled_back_at = {NOW} WHERE migration_name = {} AND finished_at IS NOT NULL \
         AND rolled_back_at IS NULL",
        table(&session.server().schema),
        literal(name)
    );
    match session.run("marking a migration as rolled back", &script).await {
        Ok(()) => Ok(()),
        Err(error) => Err(denied(session, error, "write").await),
    }
}

/// Records that a squashed migration is in the database, from those that it supersedes. Their rows go:
/// to Prisma they would be migrations that the folder lacks. What they said is kept in the new row, which
/// takes the place in time of the last one.
pub async fn record_squash(session: &Session, migration: &Migration) -> Result<(), Error> {
    let table = table(&session.server().schema);
    let names: Vec<String> =
        migration.superseded().into_iter().map(|it| literal(&it.name)).collect();
    let script = format!(
        "BEGIN;
         UPDATE {table} SET rolled_back_at = {NOW}
         WHERE migration_name = {name} AND finished_at IS NULL AND rolled_back_at IS NULL;
         WITH superseded AS (
             DELETE FROM {table} WHERE migration_name IN ({names}) RETURNING *
         )
         INSERT INTO {table} (id, checksum, finished_at, migration_name, logs, started_at,
                              applied_steps_count)
         SELECT {id}, {checksum}, coalesce(max(finished_at) FILTER (WHERE rolled_back_at IS NULL), {NOW}),
                {name}, {SUPERSEDES} || coalesce(string_agg(pg_catalog.concat_ws(' ', migration_name,
                    checksum, 'started ' || started_at, 'finished ' || finished_at,
                    'rolled back ' || rolled_back_at), E'\\n' ORDER BY started_at), ''),
                coalesce(max(started_at) FILTER (WHERE rolled_back_at IS NULL), {NOW}), 0
         FROM superseded;
         COMMIT",
        name = literal(&migration.name),
        names = names.join(", "),
        id = literal(&new_id()),
        checksum = literal(&migration.checksum),
        SUPERSEDES = "E'undrift: recorded in place of\\n'",
    );
    write(session, "recording a squashed migration", &script).await
}

/// Marks the failed rows of a migration as rolled back. Answers how many there were.
pub async fn mark_rolled_back(session: &Session, name: &str) -> Result<usize, Error> {
    let script = rolled_back(&session.server().schema, name);
    match session.rows("marking a migration as rolled back", &script).await {
        Ok(rows) => Ok(rows.len()),
        Err(error) => Err(denied(session, error, "write").await),
    }
}

/// Gives the row of an applied migration the checksum of the file as it is, and keeps a note.
pub async fn rehash(
    session: &Session,
    row: &HistoryRow,
    checksum: &str,
    note: &str,
) -> Result<(), Error> {
    let change = format!("checksum = {}", literal(checksum));
    amend(session, row, &change, note).await
}

/// Gives the row of an applied migration the name and checksum of the folder that it is in now, and keeps
/// a note.
pub async fn rename(
    session: &Session,
    row: &HistoryRow,
    migration: &Migration,
    note: &str,
) -> Result<(), Error> {
    let Migration { name, checksum, .. } = migration;
    let change = format!("migration_name = {}, checksum = {}", literal(name), literal(checksum));
    amend(session, row, &change, note).await
}

/// Changes a row, and adds a line with the time to its logs, which nobody reads once it is applied.
async fn amend(session: &Session, row: &HistoryRow, change: &str, note: &str) -> Result<(), Error> {
    let time = "to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')";
    let script = format!(
        "UPDATE {} SET {change}, logs = concat_ws(E'\\n', nullif(logs, ''), {time} || ' ' || {}) \
         WHERE id = {}",
        table(&session.server().schema),
        literal(note),
        literal(&row.id)
    );
    write(session, "repairing the history", &script).await
}

/// The statement that marks the failed rows of a migration as rolled back.
pub(crate) fn rolled_back(schema: &str, name: &str) -> String {
    format!(
        "UPDATE {} SET rolled_back_at = {NOW} WHERE migration_name = {} AND finished_at IS NULL \
         AND rolled_back_at IS NULL RETURNING id",
        table(schema),
        literal(name)
    )
}

/// The server's clock, in the milliseconds that Prisma keeps.
const NOW: &str = "date_trunc('milliseconds', pg_catalog.clock_timestamp())";

/// A row that is being written.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) checksum: String,
    pub(crate) name: String,
    /// Milliseconds since 1970.
    pub(crate) started_at: i64,
}

impl Entry {
    /// The statement that adds the row of a migration which is applied with this transaction.
    pub(crate) fn insert_applied(&self, schema: &str) -> String {
        let started_at = self.started_at();
        format!(
            "INSERT INTO {} (id, checksum, finished_at, migration_name, started_at, \
             applied_steps_count) VALUES ({}, {}, GREATEST({NOW}, {started_at}), {}, \
             {started_at}, 1)",
            table(schema),
            literal(&self.id),
            literal(&self.checksum),
            literal(&self.name),
        )
    }

    /// The statement that adds the row of a migration which has begun.
    pub(crate) fn insert_started(&self, schema: &str, logs: Option<&str>, steps: usize) -> String {
        format!(
            "INSERT INTO {} (id, checksum, migration_name, started_at, logs, \
             applied_steps_count) VALUES ({}, {}, {}, {}, {}, {steps})",
            table(schema),
            literal(&self.id),
            literal(&self.checksum),
            literal(&self.name),
            self.started_at(),
            logs.map_or_else(|| "NULL".to_owned(), literal),
        )
    }

    /// The statement that says how far a migration is.
    pub(crate) fn update_steps(&self, schema: &str, steps: usize, logs: &str) -> String {
        format!(
            "UPDATE {} SET applied_steps_count = {steps}, logs = {} WHERE id = {}",
            table(schema),
            literal(logs),
            literal(&self.id)
        )
    }

    /// The statement that says that a migration is applied.
    pub(crate) fn update_finished(&self, schema: &str) -> String {
        format!(
            "UPDATE {} SET applied_steps_count = 1, logs = NULL, finished_at = GREATEST({NOW}, \
             started_at) WHERE id = {}",
            table(schema),
            literal(&self.id)
        )
    }

    /// The statement that takes the row away, as if the migration had not been begun.
    pub(crate) fn delete(&self, schema: &str) -> String {
        format!("DELETE FROM {} WHERE id = {}", table(schema), literal(&self.id))
    }

    /// The statement that stores the error a migration failed with.
    pub(crate) fn update_failed(&self, schema: &str, logs: &str) -> String {
        format!(
            "UPDATE {} SET logs = {} WHERE id = {}",
            table(schema),
            literal(logs),
            literal(&self.id)
        )
    }

    fn started_at(&self) -> String {
        let (seconds, milliseconds) =
            (self.started_at.div_euclid(1000), self.started_at.rem_euclid(1000));
        format!("(pg_catalog.to_timestamp({seconds}) + interval '{milliseconds} ms')")
    }
}

/// A new primary key.
pub(crate) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The table, quoted and with its schema.
pub(crate) fn table(schema: &str) -> String {
    format!("{}.{TABLE}", quoted(schema))
}

/// Runs a script that writes to the table.
pub(crate) async fn write(session: &Session, doing: &str, script: &str) -> Result<(), Error> {
    match session.run(doing, script).await {
        Ok(()) => Ok(()),
        Err(error) => {
            session.run("rolling back", "ROLLBACK").await?;
            let error = session.unless_demoted(error).await;
            Err(denied(session, error, "write").await)
        }
    }
}

/// Turns missing rights into an error that says whose they are.
pub(crate) async fn denied(session: &Session, error: Error, verb: &str) -> Error {
    let Error::Server { cause, .. } = &error else { return error };
    if !cause.is_insufficient_privilege() {
        return error;
    }
    let server = session.server();
    let question = format!(
        "SELECT pg_catalog.pg_get_userbyid(c.relowner)
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relname = '{TABLE}' AND n.nspname = {0}
         UNION ALL
         SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace
         WHERE nspname = {0}",
        literal(&server.schema)
    );
    let owner = session.rows("looking for the history table's owner", &question).await;
    let owner = owner.ok().and_then(|rows| rows.first()?.get(0).map(str::to_owned));
    let owner = owner.map_or_else(String::new, |owner| format!(", which belongs to `{owner}`"));
    let action = format!("{verb} the history table `{}.{TABLE}`{owner}", server.schema);
    Error::HistoryDenied { user: server.user.clone(), action, cause: cause.clone() }
}
