//! The migrations that a database has not, and what their statements do.

use database::{HistoryRow, HistoryState};
use lint::{Context, Step};
use project::{Due, Migration};
use script::Script;

use crate::drift::is_adoption;

/// What would be run, in that order.
#[derive(Debug, Default)]
pub(crate) struct Pending<'a> {
    /// The migrations.
    pub(crate) migrations: Vec<&'a Migration>,
    /// What they do, each with its migration.
    pub(crate) steps: Vec<(&'a Migration, Step)>,
}

impl<'a> Pending<'a> {
    /// Finds out what of a folder would be run. Of a migration that was begun nothing is told, nor of one
    /// that adopts what the database has. Names without a schema are in `schema`.
    pub(crate) fn of(
        migrations: &'a [Migration],
        rows: Option<&[HistoryRow]>,
        schema: &str,
    ) -> Self {
        let is_begun = |name: &str| {
            let rows = rows.unwrap_or_default().iter();
            let mut rows = rows.filter(|row| row.state() != HistoryState::RolledBack);
            rows.any(|row| row.migration_name == name)
        };
        let mut context = Context { schema, ..Context::none() };
        let mut pending = Self::default();
        for due in project::unfold(migrations, &is_begun) {
            let migration = due.migration();
            let script = Script::parse(&migration.script);
            let is_run = matches!(due, Due::Run(_)) && !is_adoption(migration);
            if is_run && !is_begun(&migration.name) {
                let own = lint::steps(&script, &context).into_iter();
                pending.steps.extend(own.map(|step| (migration, step)));
                pending.migrations.push(migration);
            }
            context.known.learn(&script, schema);
        }
        pending
    }

    /// Where a step stands, as `20260101000000_init, line 3`.
    pub(crate) fn place(migration: &Migration, step: &Step) -> String {
        let place = Script::parse(&migration.script).place(step.action.span.start);
        format!("{}, line {}", migration.name, place.line)
    }

    /// What the migrations are, in one word: the same for the same scripts in the same order.
    pub(crate) fn hash(&self) -> String {
        let parts = self.migrations.iter().map(|it| format!("{} {}\n", it.name, it.checksum));
        project::checksum(parts.collect::<String>().as_bytes())
    }
}
