//! What a database is: by `pg_dump`, by undrift's catalog, by its history and by every row.

use std::process::Command;

use anyhow::{Context as _, ensure};
use catalog::{Catalog, Pair, drift};

use crate::server::Server;

/// What a database is.
pub struct State {
    dump: String,
    /// Reading it takes longer than all the rest, so not every state has one.
    catalog: Option<Catalog>,
    invalid: Vec<String>,
    history: Vec<String>,
    rows: Vec<String>,
}

/// The history, without what is another time each time.
const HISTORY: &str = "SELECT concat_ws(' ', migration_name, checksum, applied_steps_count,
    CASE WHEN finished_at IS NULL THEN 'unfinished' END,
    CASE WHEN rolled_back_at IS NOT NULL THEN 'rolled back' END, logs)
    FROM public._prisma_migrations ORDER BY started_at";

/// Every table with a digest of its rows.
const ROWS: &str = "SELECT format('SELECT %L || coalesce(md5(string_agg(t::text, '','' ORDER BY t::text)), ''empty'') FROM %I.%I t', c.oid::regclass || ' ', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_|^information_schema$'
          AND c.relname <> '_prisma_migrations' ORDER BY c.oid::regclass::text";

/// The indexes that `pg_dump` passes over.
const INVALID: &str = "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid ORDER BY 1";

impl State {
    /// Reads it.
    pub(crate) fn of(server: &Server, database: &str, with_catalog: bool) -> anyhow::Result<Self> {
        let output = Command::new(server.programs.bin_dir.join("pg_dump"))
            .args(["--schema-only", "--dbname"])
            .arg(server.address(database).to_url())
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Every run of newer versions writes another key there.
        let text = String::from_utf8_lossy(&output.stdout);
        let is_sql =
            |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
        let dump = text.lines().filter(is_sql).collect::<Vec<_>>().join("\n");
        let session = server.connect(database)?;
        let catalog = if with_catalog {
            Some(server.wait(database::introspect(&session, None))?)
        } else {
            None
        };
        let invalid = server.ask(&session, INVALID)?;
        let history = server.ask(&session, HISTORY)?;
        let questions = server.ask(&session, ROWS)?;
        let rows = if questions.is_empty() {
            Vec::new()
        } else {
            server.ask(&session, &questions.join(" UNION ALL "))?
        };
        Ok(Self { dump, catalog, invalid, history, rows })
    }

    /// Fails, with the first difference, unless both are the same.
    pub(crate) fn ensure_is(&self, expected: &Self) -> anyhow::Result<()> {
        ensure!(
            self.history == expected.history,
            "history: {:?}, not {:?}",
            self.history,
            expected.history
        );
        ensure!(self.rows == expected.rows, "rows: {:?}, not {:?}", self.rows, expected.rows);
        ensure!(self.invalid == expected.invalid, "invalid indexes: {:?}", self.invalid);
        if let (Some(catalog), Some(expected)) = (&self.catalog, &expected.catalog) {
            let differences = drift(Pair::new(catalog, expected));
            ensure!(differences.is_empty(), "catalog: {}", differences.first().context("one")?);
        }
        let mut lines = self.dump.lines().zip(expected.dump.lines());
        let differing = lines.find(|(one, other)| one != other);
        ensure!(self.dump == expected.dump, "pg_dump: {differing:?}");
        Ok(())
    }
}
