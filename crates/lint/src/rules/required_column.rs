//! A required column without a value for the rows that are there.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::known::is_required;
use crate::migration::Migration;
use crate::{ActionKind, Alteration};

pub(super) const RULE: Rule = Rule {
    name: "required-column",
    finds: "ADD COLUMN … NOT NULL without a default",
    why: "It fails on a table that has rows: they would have NULL there. Give it a default, which may be dropped \
          again, or add it without NOT NULL, fill it, and make it NOT NULL in a later migration.",
    bad: "ALTER TABLE post ADD COLUMN views int NOT NULL;",
    good: "ALTER TABLE post ADD COLUMN views int NOT NULL DEFAULT 0;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, Alteration::AddColumn(column)) = &step.action.kind else {
            continue;
        };
        let size = migration.context.sizes.get(table);
        let is_empty = size.is_some_and(|size| size.bytes == 0);
        let is_used = !step.effect.locks.is_empty() && !is_empty;
        if is_required(column) && is_used && !migration.empties_before(table, step.statement) {
            let message =
                format!("It fails if {table} has rows: {} has no value for them", column.name);
            findings.add(
                step,
                Severity::Error,
                message,
                "A default; or without NOT NULL, which comes in a later migration",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::messages, RULE};

    #[test]
    fn an_emptied_table_has_no_rows() {
        assert!(messages(RULE, "TRUNCATE a; ALTER TABLE a ADD b int NOT NULL").is_empty());
        assert!(messages(RULE, "DELETE FROM a; ALTER TABLE a ADD b int NOT NULL").is_empty());
        assert_eq!(
            messages(RULE, "DELETE FROM a WHERE c; ALTER TABLE a ADD b int NOT NULL").len(),
            1
        );
        assert!(messages(RULE, "ALTER TABLE a ADD id bigserial PRIMARY KEY").is_empty());
    }
}
