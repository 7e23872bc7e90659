//! Strong locks without a limit to the wait for them.

use catalog::LockMode;

use super::{Findings, Rule};
use crate::ActionKind;
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "no-lock-timeout",
    finds: "locks that stop reads or writes, without lock_timeout",
    why: "A statement that waits for its lock makes everybody wait who comes after it, behind one long query. With \
          lock_timeout it gives up and can be tried again.",
    bad: "ALTER TABLE post ADD COLUMN views int;",
    good: "SET LOCAL lock_timeout = '2s'; ALTER TABLE post ADD COLUMN views int;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        if matches!(&step.action.kind, ActionKind::SetTimeout(name) if name == "lock_timeout") {
            return;
        }
        let Some((table, mode)) = step.lock() else { continue };
        if *mode >= LockMode::Share {
            let message = format!(
                "It waits for a lock on {table} ({mode}) without limit, and all {} of the table wait behind it",
                mode.blocks()
            );
            findings.add(
                step,
                Severity::Note,
                message,
                "SET LOCAL lock_timeout = '2s' before it, and deploy again if it gives up",
            );
            return;
        }
    }
}
