//! `SET NOT NULL` for which all rows are read under lock.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Work};

pub(super) const RULE: Rule = Rule {
    name: "not-null-scan",
    finds: "SET NOT NULL that reads the whole table",
    why: "Nobody can read or write the table (ACCESS EXCLUSIVE) while PostgreSQL looks for NULL in all rows. It \
          need not look when a valid CHECK (column IS NOT NULL) says that there is none: add that NOT VALID, \
          validate it in a later transaction, then SET NOT NULL and drop the check.",
    bad: "ALTER TABLE post ALTER COLUMN title SET NOT NULL;",
    good: "ALTER TABLE post VALIDATE CONSTRAINT post_title_set;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, Alteration::SetNotNull(column)) = &step.action.kind
        else {
            continue;
        };
        if step.effect.work != Work::Scan {
            continue;
        }
        let message = format!("Nobody can use {table} while all its rows are looked at for NULL");
        let advice = format!(
            "CHECK ({} IS NOT NULL) NOT VALID, validate it in the next migration, then SET NOT NULL",
            catalog::quoted(column)
        );
        findings.slow(step, table, message, advice);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::messages, RULE};
    use crate::{Context, Known, lint};
    use script::Script;

    #[test]
    fn a_valid_check_spares_the_scan() {
        let before = "CREATE TABLE a (b int, c int NOT NULL);
            ALTER TABLE a ADD CONSTRAINT x CHECK ((b IS NOT NULL)) NOT VALID;";
        let mut known = Known::default();
        known.learn(&Script::parse(before), "public");
        let count = |text: &str| {
            let context = Context { known: known.clone(), ..Context::none() };
            let findings = lint(&Script::parse(text), &context);
            findings.iter().filter(|finding| finding.rule == RULE.name).count()
        };
        let set = "ALTER TABLE a ALTER b SET NOT NULL";
        assert_eq!(count(set), 1);
        assert_eq!(count(&format!("ALTER TABLE a VALIDATE CONSTRAINT x; {set}")), 0);
        assert_eq!(count("ALTER TABLE a ALTER c SET NOT NULL"), 0);
        assert_eq!(messages(RULE, set).len(), 1);
    }
}
