//! A migration that begins and ends transactions itself.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "transaction-control",
    finds: "BEGIN, COMMIT or ROLLBACK in a migration",
    why: "A migration is one transaction with its row of the history; one that ends transactions itself can be \
          applied in part.",
    bad: "BEGIN; ALTER TABLE post ADD COLUMN views int; COMMIT;",
    good: "ALTER TABLE post ADD COLUMN views int;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let control = |kind: &ActionKind| matches!(kind, ActionKind::TransactionControl);
    if let Some(step) = migration.steps.iter().find(|step| control(&step.action.kind)) {
        let message = "The migration begins and ends transactions itself".to_owned();
        findings.add(
            step,
            Severity::Note,
            message,
            "Leave it out: undrift runs a migration in one transaction",
        );
    }
}
