//! `REINDEX` without `CONCURRENTLY`.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "reindex-blocks",
    finds: "REINDEX without CONCURRENTLY",
    why: "Writes of the table wait until the index is written anew, and so do the reads that would use it. \
          REINDEX CONCURRENTLY lets both go on; it cannot run in a transaction.",
    bad: "REINDEX TABLE post;",
    good: "REINDEX TABLE CONCURRENTLY post;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        if step.action.kind == (ActionKind::Reindex { concurrently: false }) {
            let message = "Writes of the table wait until the index is written anew".to_owned();
            findings.add(
                step,
                Severity::Warning,
                message,
                "REINDEX … CONCURRENTLY, in a migration of its own",
            );
        }
    }
}
