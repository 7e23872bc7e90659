//! Who owns the objects of a database.

use std::collections::BTreeMap;

use crate::{Error, Session};

/// The owners of a database's objects, by the objects' ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners(BTreeMap<String, String>);

impl Owners {
    /// Who owns the object with that id, or the relation that the object is on.
    pub fn of(&self, id: &str) -> Option<&str> {
        let relation = || self.0.get(id.rsplit_once(" on ")?.1);
        self.0.get(id).or_else(relation).map(String::as_str)
    }
}

/// Asks who owns schemas, relations, types and functions.
///
/// # Errors
/// When the connection breaks or the server refuses the query.
pub async fn owners(session: &Session) -> Result<Owners, Error> {
    let question = "
        BEGIN READ ONLY; SET LOCAL search_path = '';
        SELECT o.id, pg_catalog.pg_get_userbyid(o.owner) FROM (
            SELECT nspname::text AS id, nspowner AS owner FROM pg_catalog.pg_namespace
            UNION ALL
            SELECT n.nspname || '.' || c.relname, c.relowner
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            UNION ALL
            SELECT n.nspname || '.' || t.typname, t.typowner
            FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typrelid = 0
            UNION ALL
            SELECT n.nspname || '.' || p.proname || '('
                   || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', p.proowner
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
        ) AS o;
        COMMIT";
    let rows = session.rows("asking who owns what", question).await?;
    let text =
        |row: &tokio_postgres::SimpleQueryRow, at| row.get(at).unwrap_or_default().to_owned();
    Ok(Owners(rows.iter().map(|row| (text(row, 0), text(row, 1))).collect()))
}
