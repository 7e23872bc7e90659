//! A new column whose default is another value for each row.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Filling, Work};

pub(super) const RULE: Rule = Rule {
    name: "volatile-default",
    finds: "ADD COLUMN with a volatile default on a table that is in use",
    why: "A constant, and now(), are kept once for all rows. gen_random_uuid(), random(), nextval() and the like \
          give each row its own value, so that the table is written anew while nobody can use it (ACCESS \
          EXCLUSIVE). Add the column without a default, set the default, and fill it in batches.",
    bad: "ALTER TABLE post ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    good: "ALTER TABLE post ADD COLUMN token uuid; ALTER TABLE post ALTER COLUMN token SET DEFAULT gen_random_uuid();",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, Alteration::AddColumn(column)) = &step.action.kind else {
            continue;
        };
        if step.effect.work == Work::Nothing {
            continue;
        }
        let advice = "Add the column without it, then SET DEFAULT, then fill it in batches";
        match &column.filling {
            Filling::PerRow(default) => {
                let message = format!(
                    "Nobody can use {table} while it is written anew: {default} is another value for each row"
                );
                findings.slow(step, table, message, advice);
            }
            Filling::Unknown(default) => {
                let message = format!("If {default} is volatile, {table} is written anew");
                findings.add(step, Severity::Note, message, advice);
            }
            Filling::Null | Filling::Constant | Filling::Generated => {}
        }
    }
}
