//! Rows that migrations leave on a new database.

use catalog::{Catalog, Name};
use database::{Count, Countable, Session};
use serde::Serialize;

use crate::Error;
use crate::data::DataStatement;
use crate::loss::PATIENCE;

/// A table that has rows on a new database, by the migrations alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilledTable {
    /// The table.
    pub table: String,
    /// How many.
    pub rows: u64,
}

/// The tables of a shadow database that have rows.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn filled(
    session: &Session,
    catalog: &Catalog,
) -> Result<Vec<FilledTable>, Error> {
    let mut filled = Vec::new();
    let names = catalog.tables.iter().filter(|table| table.partition_key.is_none());
    for name in names.map(|table| &table.name) {
        let rows = Countable::Rows { table: Name::clone(name) };
        if let Some(Count { number: rows @ 1.., .. }) =
            database::count(session, &rows, PATIENCE).await?
        {
            filled.push(FilledTable { table: name.to_string(), rows });
        }
    }
    Ok(filled)
}

/// A script with statements behind it, each with where it comes from.
pub(super) fn with_statements(script: &str, statements: &[DataStatement]) -> String {
    let mut text = script.to_owned();
    for DataStatement { migration, line, sql } in statements {
        let origin = format!("\n-- From {migration}, line {line}\n");
        text.push_str(&[&origin, sql, ";\n"].concat());
    }
    text
}
