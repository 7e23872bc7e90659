//! `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "blocking-refresh",
    finds: "REFRESH MATERIALIZED VIEW without CONCURRENTLY",
    why: "Nobody can read the view until its query is done (ACCESS EXCLUSIVE). With CONCURRENTLY reads go on; \
          that needs a unique index on the view.",
    bad: "REFRESH MATERIALIZED VIEW totals;",
    good: "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::Refresh { view, concurrently: false } = &step.action.kind else { continue };
        if migration.makes_user(&format!("materialized view {view}")) {
            continue;
        }
        let message = format!("Nobody can read {view} until its query is done");
        findings.slow(
            step,
            view,
            message,
            "REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index",
        );
    }
}
