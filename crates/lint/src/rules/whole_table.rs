//! All rows of a table changed in one statement.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "whole-table",
    finds: "UPDATE without WHERE on a table that is in use",
    why: "Every row is locked until the end of the transaction and written a second time: programs that change one \
          of them wait, and the table is twice as large until it is vacuumed. Fill it in batches, each its own \
          transaction.",
    bad: "UPDATE post SET views = 0;",
    good: "UPDATE post SET views = 0 WHERE id BETWEEN 1 AND 1000;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::ChangeRows { verb: "UPDATE", table, some_rows: false } = &step.action.kind
        else {
            continue;
        };
        if !step.effect.locks.is_empty() {
            let message =
                format!("All rows of {table} are locked and written anew in one transaction");
            findings.slow(
                step,
                table,
                message,
                "In batches, each its own transaction, outside the migration",
            );
        }
    }
}
