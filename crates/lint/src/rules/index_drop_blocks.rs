//! An index dropped without `CONCURRENTLY`.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "index-drop-blocks",
    finds: "DROP INDEX without CONCURRENTLY",
    why: "It takes an ACCESS EXCLUSIVE lock on the table. It is soon done, but waits for every query that \
          runs there, and all that come later wait behind it. DROP INDEX CONCURRENTLY waits alone.",
    bad: "DROP INDEX post_title;",
    good: "DROP INDEX CONCURRENTLY post_title;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::DropIndex { indexes, concurrently: false } = &step.action.kind else {
            continue;
        };
        // What is known to be on a new table has no lock; what is not known has none either.
        let names: Vec<String> = indexes
            .iter()
            .filter(|index| !migration.is_on_new_table(index))
            .map(ToString::to_string)
            .collect();
        if names.is_empty() {
            continue;
        }
        let message = format!(
            "Dropping {} waits for all queries on its table, and others wait behind it",
            names.join(", ")
        );
        findings.add(
            step,
            Severity::Note,
            message,
            "DROP INDEX CONCURRENTLY, in a migration of its own",
        );
    }
}
