//! An exclusion constraint: there is no way to add one without blocking.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Constraint, ConstraintKind};

pub(super) const RULE: Rule = Rule {
    name: "exclusion-blocks",
    finds: "ADD EXCLUDE on a table that is in use",
    why: "Nobody can read or write the table (ACCESS EXCLUSIVE) until the index is built and all rows are \
          compared, and PostgreSQL has no other way. Do it on a new table, or when nobody needs this one.",
    bad: "ALTER TABLE booking ADD CONSTRAINT one_at_a_time EXCLUDE USING gist (during WITH &&);",
    good: "CREATE TABLE booking (during tsrange, EXCLUDE USING gist (during WITH &&));",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, Alteration::AddConstraint(constraint)) =
            &step.action.kind
        else {
            continue;
        };
        let Constraint { kind: ConstraintKind::Exclude, .. } = constraint else { continue };
        if !step.effect.locks.is_empty() {
            let message = format!("Nobody can use {table} until the index is built");
            findings.slow(
                step,
                table,
                message,
                "Add it to a new table, or at a time when nobody needs this one",
            );
        }
    }
}
