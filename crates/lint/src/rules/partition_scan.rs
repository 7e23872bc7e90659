//! A table attached as a partition, all rows of which are read.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Work};

pub(super) const RULE: Rule = Rule {
    name: "partition-scan",
    finds: "ATTACH PARTITION of a table that is in use",
    why: "The table that is attached is locked (ACCESS EXCLUSIVE) while all its rows are compared with the bounds. \
          That is spared when a valid CHECK constraint says that they are within; add it NOT VALID and validate \
          it before.",
    bad: "ALTER TABLE event ATTACH PARTITION event_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
    good: "CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(_, Alteration::Attach(partition)) = &step.action.kind else {
            continue;
        };
        if step.effect.work == Work::Scan {
            let message = format!(
                "Nobody can use {partition} while all its rows are compared with the bounds"
            );
            findings.slow(
                step,
                partition,
                message,
                "First a CHECK constraint that says the bounds, NOT VALID, and validated",
            );
        }
    }
}
