//! What migrations do, as far as their words tell: no database is asked, so no data is counted.

use std::collections::{BTreeMap, BTreeSet};

use lint::{Context, Known};
use project::{Migration, Project};
use script::Script;

use super::statement::{self, Action, PlannedScript};
use crate::drift::is_adoption;
use crate::{Error, Settings, schema};

/// Describes the statements of the migrations that are named.
///
/// # Errors
/// When `undrift.toml` cannot be read.
pub(crate) fn unseen(
    project: &Project,
    settings: &Settings,
    migrations: &[Migration],
    meant: &BTreeSet<String>,
) -> Result<Vec<PlannedScript>, Error> {
    let allowed = crate::lint::allowed(settings)?;
    let schema = schema::default_schema(project);
    let mut known = Known::default();
    let mut scripts = Vec::new();
    for migration in migrations {
        let script = Script::parse(&migration.script);
        if meant.contains(&migration.name) {
            let context = Context {
                migration: Some(&migration.name),
                schema: &schema,
                known: known.clone(),
                allowed: allowed.clone(),
                sizes: BTreeMap::new(),
            };
            let steps = lint::steps(&script, &context);
            let (statements, findings) =
                statement::describe(&script, &context, &steps, Vec::new(), 0);
            let action = if is_adoption(migration) { Action::Recognise } else { Action::Run };
            let migration = Some(migration.name.clone());
            scripts.push(PlannedScript { migration, action, statements, findings });
        }
        known.learn(&script, &schema);
    }
    Ok(scripts)
}
