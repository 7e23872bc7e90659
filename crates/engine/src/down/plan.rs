//! The plan that takes a migration back, with what the migration renamed named as before first: a name
//! that comes back keeps its data, a column that is dropped and made again does not.

use std::collections::BTreeSet;

use catalog::{Catalog, Pair, drift};
use database::Session;
use planner::full::FullPlan;
use project::Migration;
use script::Script;

use crate::Error;
use crate::shadow::Shadow;

/// What takes a migration back, as SQL.
pub(crate) struct DownPlan {
    /// Statements that give things their earlier names.
    pub(crate) renames: Vec<String>,
    /// The rest.
    pub(crate) plan: FullPlan,
}

/// Plans how a migration is taken back, on a shadow that is as it is with it, and is left so.
///
/// # Errors
/// When the connection breaks.
pub(crate) async fn plan(
    shadow: &Shadow<'_>,
    session: &Session,
    migration: &Migration,
    catalogs: Pair<&Catalog>,
) -> Result<DownPlan, Error> {
    let names = catalogs.map(names);
    let renamings = Script::parse(&migration.script).renamings();
    let has = |names: &BTreeSet<&str>, name: &str| {
        // A name that something had in between only.
        let between = || {
            renamings.iter().any(|it| it.since == name)
                && renamings.iter().any(|it| it.before == name)
        };
        names.contains(name) || between()
    };
    let renamings = renamings
        .iter()
        .filter(|it| has(&names.actual, &it.since) && has(&names.desired, &it.before));
    let undo: Vec<String> = renamings.map(|renaming| renaming.undo.clone()).collect();
    if !undo.is_empty() {
        session.run("beginning to rename", "BEGIN").await?;
        let renamed = rename(shadow, session, undo).await;
        session.run("ending to rename", "ROLLBACK").await?;
        let (renames, renamed) = renamed?;
        let left = |from: &Catalog| drift(Pair::new(from, catalogs.desired)).len();
        if left(&renamed) < left(catalogs.actual) {
            return Ok(DownPlan {
                renames,
                plan: FullPlan::of(Pair::new(&renamed, catalogs.desired)),
            });
        }
    }
    Ok(DownPlan { renames: Vec::new(), plan: FullPlan::of(catalogs) })
}

/// Renames within the transaction that is open; what the migration has dropped since is passed over.
async fn rename(
    shadow: &Shadow<'_>,
    session: &Session,
    undo: Vec<String>,
) -> Result<(Vec<String>, Catalog), Error> {
    let mut renames = Vec::new();
    for statement in undo {
        let doing = "renaming";
        match session.run(doing, &format!("SAVEPOINT renaming; {statement}")).await {
            Ok(()) => renames.push(statement),
            Err(database::Error::Server { .. }) => {
                session.run(doing, "ROLLBACK TO SAVEPOINT renaming").await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let schemas = Some(shadow.schemas.as_slice());
    let renamed = database::introspect_fully_in_transaction(session, schemas).await?;
    Ok((renames, renamed))
}

/// The names of whatever can be renamed.
fn names(catalog: &Catalog) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for table in catalog.tables.iter() {
        names.insert(table.name.name.as_str());
        names.extend(table.columns.iter().map(|column| column.name.as_str()));
        names.extend(table.primary_key.iter().map(|key| key.name.as_str()));
        names.extend(table.foreign_keys.iter().map(|key| key.name.as_str()));
        names.extend(table.checks.iter().map(|check| check.name.as_str()));
        names.extend(table.exclusions.iter().map(|exclusion| exclusion.name.as_str()));
    }
    names.extend(catalog.indexes.iter().map(|index| index.name.name.as_str()));
    names.extend(catalog.sequences.iter().map(|sequence| sequence.name.name.as_str()));
    names.extend(catalog.views.iter().map(|view| view.name.name.as_str()));
    names.extend(catalog.domains.iter().map(|domain| domain.name.name.as_str()));
    for enum_type in catalog.enum_types.iter() {
        names.insert(enum_type.name.name.as_str());
        names.extend(enum_type.labels.iter().map(String::as_str));
    }
    for composite in catalog.composite_types.iter() {
        names.insert(composite.name.name.as_str());
        names.extend(composite.attributes.iter().map(|attribute| attribute.name.as_str()));
    }
    names
}
