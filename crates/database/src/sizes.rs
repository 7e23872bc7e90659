//! How large tables are, without counting.

use catalog::Name;

use crate::{Error, Session};

/// How large a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// The table or materialized view.
    pub table: Name,
    /// Its rows as the statistics have them; where there are none yet, guessed from its bytes.
    pub rows: u64,
    /// Its bytes on disk, indexes not counted.
    pub bytes: u64,
}

/// A table that was never analysed has no statistics: its file is looked at, and rows of 64 bytes are
/// taken to be in it.
const QUERY: &str = "
    SELECT nspname, relname, bytes::text,
        (CASE WHEN reltuples > 0 THEN reltuples::bigint ELSE bytes / 64 END)::text
    FROM (SELECT n.nspname, c.relname, c.reltuples,
              CASE WHEN c.relpages > 0 THEN c.relpages::bigint * current_setting('block_size')::bigint
                   ELSE coalesce(pg_relation_size(c.oid), 0) END AS bytes
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AS sizes
    ORDER BY 1, 2";

/// Asks how large all tables are.
///
/// # Errors
/// When the server fails.
pub async fn table_sizes(session: &Session) -> Result<Vec<TableSize>, Error> {
    let rows = session.rows("asking how large the tables are", QUERY).await?;
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
    let size = |row: &tokio_postgres::SimpleQueryRow| TableSize {
        table: Name::new(row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default()),
        bytes: number(row.get(2)),
        rows: number(row.get(3)),
    };
    Ok(rows.iter().map(size).collect())
}
