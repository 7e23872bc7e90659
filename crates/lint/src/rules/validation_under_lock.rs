//! `VALIDATE CONSTRAINT` in the transaction that added the constraint.

use std::collections::BTreeSet;

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration};

pub(super) const RULE: Rule = Rule {
    name: "validation-under-lock",
    finds: "ADD CONSTRAINT … NOT VALID and VALIDATE CONSTRAINT in one migration",
    why: "A migration is one transaction, and a lock is held until its end: the rows are read under the strong \
          lock that ADD CONSTRAINT took, which NOT VALID was to avoid. Validate in the next migration.",
    bad: "ALTER TABLE post ADD CONSTRAINT c CHECK (price > 0) NOT VALID; ALTER TABLE post VALIDATE CONSTRAINT c;",
    good: "ALTER TABLE post VALIDATE CONSTRAINT c;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let mut added = BTreeSet::new();
    for step in &migration.steps {
        match &step.action.kind {
            // The transaction ends.
            ActionKind::TransactionControl => added.clear(),
            ActionKind::AlterTable(table, Alteration::AddConstraint(constraint))
                if constraint.not_valid && !step.effect.locks.is_empty() =>
            {
                added.insert((table, constraint.name.as_deref()));
            }
            ActionKind::AlterTable(table, Alteration::Validate(name))
                if added.contains(&(table, Some(name.as_str()))) =>
            {
                let message = format!(
                    "The rows of {table} are checked under the lock that adding {name} took"
                );
                findings.slow(step, table, message, "VALIDATE CONSTRAINT in the next migration");
            }
            _ => {}
        }
    }
}
