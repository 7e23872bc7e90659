//! A stored generated column added to a table that is in use.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Filling, Work};

pub(super) const RULE: Rule = Rule {
    name: "generated-column",
    finds: "ADD COLUMN … GENERATED … STORED on a table that is in use",
    why: "Its value is computed for each row, so that the table is written anew while nobody can use it (ACCESS \
          EXCLUSIVE). A plain column with a trigger, filled in batches, gives the same without the lock; so does \
          an index on the expression, where that is what it is for.",
    bad: "ALTER TABLE post ADD COLUMN words int GENERATED ALWAYS AS (length(body)) STORED;",
    good: "ALTER TABLE post ADD COLUMN words int;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, Alteration::AddColumn(column)) = &step.action.kind else {
            continue;
        };
        if column.filling == Filling::Generated && step.effect.work == Work::Rewrite {
            let message = format!(
                "Nobody can use {table} while it is written anew to compute {}",
                column.name
            );
            findings.slow(
                step,
                table,
                message,
                "A plain column with a trigger, filled in batches; or an index on the expression",
            );
        }
    }
}
