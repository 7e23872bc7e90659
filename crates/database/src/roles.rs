//! The roles of a server: they belong to no database, and migrations name them in grants and policies.

use catalog::{literal, quoted};

use crate::{Error, Session};

/// Returns the names of the server's roles, without those that PostgreSQL brings along.
///
/// # Errors
/// When the connection breaks.
pub async fn roles(session: &Session) -> Result<Vec<String>, Error> {
    let question =
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname";
    let rows = session.rows("reading the roles", question).await?;
    Ok(rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect())
}

/// Makes the roles that the server does not have, without any right and without login. For servers that
/// are thrown away.
///
/// # Errors
/// When the server refuses, or the connection breaks.
pub async fn create_roles(session: &Session, names: &[String]) -> Result<(), Error> {
    let there = roles(session).await?;
    let missing = names.iter().filter(|name| !there.contains(name));
    let script: Vec<String> = missing
        .map(|name| {
            let (text, name) = (literal(name), quoted(name));
            // Other sessions may make the same role at the same time.
            format!(
                "DO $undrift$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text}) THEN
                        CREATE ROLE {name};
                    END IF;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $undrift$;\n"
            )
        })
        .collect();
    if script.is_empty() { Ok(()) } else { session.run("making roles", &script.concat()).await }
}
