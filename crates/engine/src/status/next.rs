//! What to do about what `status` found.

use serde::Serialize;

use super::{SchemaState, Status};
use crate::drift::Drift;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// What for.
    pub why: String,
    /// The command.
    pub command: String,
}

/// Says what to do, most urgent first.
pub(super) fn steps(status: &Status, schema_path: &str) -> Vec<Step> {
    let Status { migrations, drift, schema, migrations_folder, .. } = status;
    let mut steps = Vec::new();
    let mut step = |why: &str, command: String| steps.push(Step { why: why.to_owned(), command });
    let resolve = |how: &str, name: &str| format!("undrift migrate resolve --{how} \"{name}\"");

    let mut is_blocked = migrations.needs_baseline;
    for failed in &migrations.failed {
        if failed.is_resumable {
            step("go on where the migration was cut off", "undrift migrate deploy".to_owned());
            continue;
        }
        is_blocked = true;
        step(
            "see what took effect of the failed migration, and get out of it",
            format!("undrift recover \"{}\"", failed.name),
        );
        step(
            "if nothing of the failed migration is left in the database",
            resolve("rolled-back", &failed.name),
        );
        step("if you completed the failed migration by hand", resolve("applied", &failed.name));
    }
    if !migrations.edited.is_empty() || !migrations.missing.is_empty() {
        step("see what was edited, renamed or lost, and put it right", "undrift repair".to_owned());
    }
    if migrations.needs_baseline {
        if matches!(drift, Drift::None { .. }) {
            step("begin the history: mark all of them as applied", "undrift baseline".to_owned());
        } else {
            for name in &migrations.pending {
                let holds = "if the database already holds what this migration makes";
                step(holds, resolve("applied", name));
            }
            step("begin the history with what the database is", "undrift baseline".to_owned());
        }
    } else if matches!(drift, Drift::Found { .. }) {
        step("see what hangs on what differs, and the SQL", "undrift drift --sql".to_owned());
        step(
            "keep it: a migration that makes it, proven and marked as applied here",
            "undrift drift adopt --name NAME".to_owned(),
        );
        step("take it back", "undrift drift revert".to_owned());
    }
    if !migrations.pending.is_empty() && !is_blocked {
        step("apply the pending migrations", "undrift migrate deploy".to_owned());
    }
    if !migrations.has_history_table && migrations.pending.is_empty() && !is_blocked {
        step("begin the history", "undrift migrate deploy".to_owned());
    }
    if matches!(schema, SchemaState::Ahead { .. }) {
        step(
            "write and apply the migration that the schema needs",
            "undrift migrate dev --name NAME".to_owned(),
        );
        step(
            "see its SQL first",
            format!(
                "undrift migrate diff --from-migrations {migrations_folder} --to-schema \
                 {schema_path} --script"
            ),
        );
    }
    steps
}
