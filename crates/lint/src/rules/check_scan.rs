//! A check constraint for which all rows are read under lock.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Constraint, ConstraintKind};

pub(super) const RULE: Rule = Rule {
    name: "check-scan",
    finds: "ADD CHECK without NOT VALID on a table that is in use",
    why: "Nobody can read or write the table (ACCESS EXCLUSIVE) while PostgreSQL looks at all rows. With NOT \
          VALID it holds for new rows at once; VALIDATE CONSTRAINT, in a later transaction, looks at the others \
          while reads and writes go on.",
    bad: "ALTER TABLE post ADD CONSTRAINT post_price CHECK (price > 0);",
    good: "ALTER TABLE post ADD CONSTRAINT post_price CHECK (price > 0) NOT VALID;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let demands = |constraint: &Constraint| {
        !constraint.not_valid
            && matches!(constraint.kind, ConstraintKind::Check(_) | ConstraintKind::NotNull(_))
    };
    for step in &migration.steps {
        let ActionKind::AlterTable(table, alteration) = &step.action.kind else { continue };
        let scans = match alteration {
            Alteration::AddConstraint(constraint) => demands(constraint),
            Alteration::AddColumn(column) => column.constraints.iter().any(demands),
            _ => false,
        };
        if scans && !step.effect.locks.is_empty() {
            let message = format!("Nobody can use {table} while all its rows are checked");
            findings.slow(
                step,
                table,
                message,
                "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in the next migration",
            );
        }
    }
}
