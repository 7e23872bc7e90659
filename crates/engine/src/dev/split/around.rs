//! The one migration that the others must equal, where views stand in its way.

use catalog::{Catalog, Kind, Pair, Selection, every_difference, quoted};
use database::Session;
use planner::full::{FullPlan, migration};
use project::Migration;

use super::ending::DOING;
use super::{Change, Cut};
use crate::author::unwritten;
use crate::shadow::Shadow;
use crate::{Error, Progress};

/// Returns the migration, with the views dropped before and made again behind it that need a column which
/// PostgreSQL does not change under them: with their indexes, privileges, owners and comments.
///
/// # Errors
/// When the shadow database fails, or it cannot be carried out even so.
pub(super) async fn views_around(
    shadow: &Shadow<'_>,
    earlier: &[Migration],
    written: &Migration,
    change: Change<'_>,
    cut: &Cut,
    progress: &mut (dyn Progress + '_),
) -> Result<Migration, Error> {
    let with = |script: &str| -> Vec<Migration> {
        earlier.iter().cloned().chain([unwritten(script)]).collect()
    };
    let refusal = match shadow.catalog(&with(&written.script), progress).await {
        Ok(_) => return Ok(written.clone()),
        Err(error @ Error::Database(database::Error::ReplayFailed(_))) => error,
        Err(error) => return Err(error),
    };
    let shadow = shadow.fully();
    let cascade: Vec<String> = cut
        .besides
        .iter()
        .filter_map(|it| Some((change.renames.table_before(&it.table), it.leaves()?)))
        .map(|(table, column)| {
            let table = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
            format!("ALTER TABLE {table} DROP COLUMN {} CASCADE", quoted(column))
        })
        .collect();
    let cascade = cascade.join(";\n");
    let work = async |session: &Session| {
        database::replay(session, earlier).await?;
        let with: Catalog = shadow.read(session).await?;
        session.run(DOING, &cascade).await?;
        Ok((with, shadow.read(session).await?))
    };
    let (history, without_columns) = shadow.on_empty(progress, work).await?;
    let differences = every_difference(Pair::new(&history, &without_columns));
    let views: Selection = differences.iter().filter(|it| it.kind == Kind::View).collect();
    if views.is_empty() {
        return Err(refusal);
    }
    let without = history.with_objects_of(&without_columns, &views);
    let dropped = migration(&FullPlan::of(Pair::new(&history, &without)));
    let changed = format!("{dropped}\n{}", written.script);
    let made = shadow.catalog(&with(&changed), progress).await?;
    let desired = made.with_objects_of(&history, &views);
    let remade = migration(&FullPlan::of(Pair::new(&made, &desired)));
    Ok(unwritten(&format!("{changed}\n{remade}")))
}
