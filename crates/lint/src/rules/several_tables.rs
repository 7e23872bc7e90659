//! Strong locks on several tables in one transaction.

use std::collections::BTreeSet;

use catalog::LockMode;

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "several-tables",
    finds: "ACCESS EXCLUSIVE locks on more than two tables in one migration",
    why: "All locks are held to the end of the transaction: the first table waits for the last one, and a program \
          that uses them in another order is in a deadlock with it. One change in a migration; it is also easier \
          to review, and to take back.",
    bad: "ALTER TABLE a ADD COLUMN x int; ALTER TABLE b ADD COLUMN x int; ALTER TABLE c ADD COLUMN x int;",
    good: "ALTER TABLE a ADD COLUMN x int; ALTER TABLE b ADD COLUMN x int;",
    check,
};

/// How many are too many.
const MANY: usize = 3;

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let mut tables = BTreeSet::new();
    let mut last = None;
    for step in &migration.steps {
        let exclusive =
            step.effect.locks.iter().filter(|(_, mode)| *mode == LockMode::AccessExclusive);
        for (table, _) in exclusive {
            tables.insert(table);
            if tables.len() == MANY {
                last.get_or_insert(step);
            }
        }
    }
    if let Some(step) = last {
        let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
        let message =
            format!("It locks {} tables until its end: {}", names.len(), names.join(", "));
        findings.add(step, Severity::Note, message, "One change in a migration");
    }
}
