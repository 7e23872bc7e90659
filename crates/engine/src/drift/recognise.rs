//! Migrations that adopt what some databases already have.
//!
//! Such a migration begins with a line that says so. Where it is pending and the database has what it
//! makes, it is recorded and not run; elsewhere it is a migration like any other, to Prisma everywhere.

use catalog::{Pair, Selection};
use database::Session;
use project::Migration;

use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress, datasource};

/// The line that such a migration begins with.
const MARK: &str = "-- undrift: adopts drift";

/// Returns a migration's script with the line that makes it one of these.
pub(super) fn marked(script: &str) -> String {
    format!(
        "{MARK}\n-- Where a database has this already, undrift records it without running it.\n\n{script}"
    )
}

/// Whether a migration is one of these.
pub(crate) fn is_adoption(migration: &Migration) -> bool {
    migration.script.starts_with(MARK)
}

/// Records those migrations at the head of the pending ones that adopt what the database already has;
/// returns their names. The migration lock must be held.
///
/// # Errors
/// When a migration cannot be replayed, or the database not be read or written.
pub(crate) async fn recognise(
    session: &Session,
    shadow: &Shadow<'_>,
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<Vec<String>, Error> {
    let mut recognised = Vec::new();
    if !migrations.iter().any(is_adoption) {
        return Ok(recognised);
    }
    loop {
        let rows = database::history(session).await?;
        let found = Migrations::compare(migrations, rows.as_deref());
        let is_first = |migration: &Migration| found.pending.first() == Some(&migration.name);
        let Some(at) = migrations.iter().position(is_first) else { return Ok(recognised) };
        let (Some(before), Some(upto), Some(migration)) =
            (migrations.get(..at), migrations.get(..=at), migrations.get(at))
        else {
            return Ok(recognised);
        };
        if rows.is_none() || !found.failed.is_empty() || !is_adoption(migration) {
            return Ok(recognised);
        }
        let before = shadow.catalog(before, progress).await?;
        let after = shadow.catalog(upto, progress).await?;
        let made = Selection::of_all_that_differs(Pair::new(&before, &after));
        let actual = datasource::catalog(session, &shadow.schemas).await?;
        if made.is_empty() || !made.is_same_in(Pair::new(&actual, &after)) {
            return Ok(recognised);
        }
        database::mark_applied(session, &migration.name, &migration.checksum).await?;
        recognised.push(migration.name.clone());
    }
}
