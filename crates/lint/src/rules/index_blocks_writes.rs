//! An index built without `CONCURRENTLY` on a table that is in use.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "index-blocks-writes",
    finds: "CREATE INDEX without CONCURRENTLY on a table that is in use",
    why: "The build takes a SHARE lock: every INSERT, UPDATE and DELETE waits until it is done. \
          CREATE INDEX CONCURRENTLY takes longer and lets writes go on; it cannot run in a transaction.",
    bad: "CREATE INDEX post_title ON post (title);",
    good: "CREATE INDEX CONCURRENTLY post_title ON post (title);",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::CreateIndex(index) = &step.action.kind else { continue };
        if index.concurrently || step.effect.locks.is_empty() {
            continue;
        }
        let table = &index.table;
        let message = format!("Writes on {table} wait until the index is built");
        findings.slow(step, table, message, "CREATE INDEX CONCURRENTLY, in a migration of its own");
    }
}

#[cfg(test)]
mod tests {
    use super::{super::messages, RULE};

    #[test]
    fn blocks_are_looked_into() {
        let bad = "DO $$ DECLARE x int; BEGIN IF true THEN CREATE INDEX i ON a (b); END IF; END $$;
            DO $x$ BEGIN PERFORM 1; CREATE INDEX ON c (d); EXCEPTION WHEN others THEN NULL; END $x$";
        assert_eq!(messages(RULE, bad).len(), 2);
        assert!(messages(RULE, "SELECT 1 INTO TEMP a; CREATE INDEX ON a (b)").is_empty());
    }

    #[test]
    fn an_index_on_a_new_table_blocks_nobody() {
        let bad = "CREATE TABLE a (b int); CREATE INDEX i ON a (b); CREATE UNIQUE INDEX ON c (d);";
        assert_eq!(messages(RULE, bad), ["Writes on public.c wait until the index is built"]);
    }
}
