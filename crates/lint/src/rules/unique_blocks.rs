//! A unique constraint or primary key whose index is built under the strongest lock.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Constraint, ConstraintKind};

pub(super) const RULE: Rule = Rule {
    name: "unique-blocks",
    finds: "ADD UNIQUE or PRIMARY KEY that builds its index on a table that is in use",
    why: "Nobody can read or write the table (ACCESS EXCLUSIVE) until the index is built. Build the index with \
          CREATE UNIQUE INDEX CONCURRENTLY, and add the constraint USING INDEX, which takes no time.",
    bad: "ALTER TABLE post ADD CONSTRAINT post_slug UNIQUE (slug);",
    good: "ALTER TABLE post ADD CONSTRAINT post_slug UNIQUE USING INDEX post_slug;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let builds = |constraint: &Constraint| {
        matches!(constraint.kind, ConstraintKind::Key { using_index: None, .. })
    };
    for step in &migration.steps {
        let ActionKind::AlterTable(table, alteration) = &step.action.kind else { continue };
        let is_key = match alteration {
            Alteration::AddConstraint(constraint) => builds(constraint),
            Alteration::AddColumn(column) => column.constraints.iter().any(builds),
            _ => false,
        };
        if is_key && !step.effect.locks.is_empty() {
            let message = format!("Nobody can use {table} until the index is built");
            findings.slow(
                step,
                table,
                message,
                "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX in the next migration",
            );
        }
    }
}
