//! A change of type for which the table is written anew.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Work};

pub(super) const RULE: Rule = Rule {
    name: "type-change",
    finds: "ALTER COLUMN … TYPE that writes the table anew, or may do so",
    why: "Nobody can read or write the table (ACCESS EXCLUSIVE) while all rows and indexes are written anew, \
          unless the bytes stay what they are: a longer varchar, varchar to text, numeric with more digits and \
          the same scale. Otherwise add a column of the new type, fill it in batches, and change over.",
    bad: "ALTER TABLE post ALTER COLUMN views TYPE bigint;",
    good: "ALTER TABLE post ADD COLUMN views_new bigint;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AlterTable(table, Alteration::ChangeType { column, to, .. }) =
            &step.action.kind
        else {
            continue;
        };
        let advice = "Add a column of the new type, fill it in batches, and change over";
        match step.effect.work {
            Work::Rewrite => {
                let message = format!(
                    "Nobody can use {table} while it is written anew for the type {} of {column}",
                    to.name
                );
                findings.slow(step, table, message, advice);
            }
            Work::Unknown => {
                let message = format!(
                    "{table} may be written anew for the type {} of {column}: which type it had is not known, or \
                     it depends on the session",
                    to.name
                );
                findings.add(step, Severity::Warning, message, advice);
            }
            Work::Nothing | Work::Scan | Work::Index => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::action::Type;
    use crate::effect::{Work, change};

    #[test]
    fn what_keeps_its_bytes_is_not_written() {
        let of = |name: &str, arguments: &[u32]| Type {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            array: false,
        };
        for (from, to, expected) in [
            (of("varchar", &[5]), of("varchar", &[6]), Work::Nothing),
            (of("varchar", &[5]), of("varchar", &[]), Work::Nothing),
            (of("varchar", &[6]), of("varchar", &[5]), Work::Rewrite),
            (of("varchar", &[5]), of("text", &[]), Work::Nothing),
            (of("text", &[]), of("varchar", &[5]), Work::Rewrite),
            (of("numeric", &[5, 2]), of("numeric", &[6, 2]), Work::Nothing),
            (of("numeric", &[5, 2]), of("numeric", &[6, 3]), Work::Rewrite),
            (of("int4", &[]), of("int8", &[]), Work::Rewrite),
            (of("timestamp", &[3]), of("timestamp", &[]), Work::Nothing),
            (of("timestamp", &[]), of("timestamp", &[3]), Work::Rewrite),
        ] {
            assert_eq!(change(Some(&from), &to), expected, "{from:?} {to:?}");
        }
    }
}
