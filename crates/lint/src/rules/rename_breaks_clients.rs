//! A rename while programs use the old name.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
use crate::{ActionKind, Alteration};

pub(super) const RULE: Rule = Rule {
    name: "rename-breaks-clients",
    finds: "a table or column renamed that is in use",
    why: "Programs that run while the migration is deployed use the old name, and fail. With `@map` or `@@map` \
          the name changes in Prisma only. Otherwise make the new one beside the old one, write both, change the \
          programs, and drop the old one.",
    bad: "ALTER TABLE post RENAME COLUMN title TO headline;",
    good: "ALTER TABLE post ADD COLUMN headline text;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, alteration) = &step.action.kind else { continue };
        let old = match alteration {
            Alteration::RenameColumn { from, .. } if !migration.adds_column(table, from) => {
                format!("column {from} of {table}")
            }
            Alteration::Rename(_) | Alteration::SetSchema(_) => table.to_string(),
            _ => continue,
        };
        if !step.effect.locks.is_empty() {
            let message = format!("Programs that use {old} fail from this moment");
            findings.add(
                step,
                Severity::Warning,
                message,
                "@map in the schema; or both names for a while",
            );
        }
    }
}
