//! A foreign key for which all rows are read under lock.

use super::{Findings, Rule};
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Constraint, ConstraintKind, Filling};

pub(super) const RULE: Rule = Rule {
    name: "foreign-key-scan",
    finds: "ADD FOREIGN KEY without NOT VALID on a table that is in use",
    why: "Writes of both tables wait (SHARE ROW EXCLUSIVE) while every row is looked up in the other table. With \
          NOT VALID it holds for new rows at once; VALIDATE CONSTRAINT, in a later transaction, looks at the \
          others while reads and writes go on.",
    bad: "ALTER TABLE post ADD CONSTRAINT post_author FOREIGN KEY (author) REFERENCES author (id);",
    good: "ALTER TABLE post ADD CONSTRAINT post_author FOREIGN KEY (author) REFERENCES author (id) NOT VALID;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    fn reference(constraint: &Constraint) -> Option<&catalog::Name> {
        match &constraint.kind {
            ConstraintKind::ForeignKey { references, .. } if !constraint.not_valid => {
                Some(references)
            }
            _ => None,
        }
    }
    for step in &migration.steps {
        let ActionKind::AlterTable(table, alteration) = &step.action.kind else { continue };
        let references = match alteration {
            Alteration::AddConstraint(constraint) => reference(constraint),
            // Nothing is looked up for a new column without values.
            Alteration::AddColumn(column) if column.filling != Filling::Null => {
                column.constraints.iter().find_map(reference)
            }
            _ => None,
        };
        let Some(references) = references else { continue };
        if step.effect.work == crate::Work::Nothing {
            continue;
        }
        let message = format!(
            "Writes of {table} and {references} wait while all rows of {table} are checked"
        );
        findings.slow(
            step,
            table,
            message,
            "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in the next migration",
        );
    }
}
