//! Data that goes, without a word that it may.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::loss::loss;
use crate::migration::{Migration, Step};
use crate::{ActionKind, Alteration};

pub(super) const RULE: Rule = Rule {
    name: "destroys-data",
    finds: "DROP TABLE, DROP COLUMN, TRUNCATE, DELETE without WHERE, DROP SCHEMA: data that goes",
    why: "What is gone comes back from a backup only, and whoever reviews the migration should not have to guess \
          that it is meant. Say so in a comment: -- undrift: allow(destroys-data): reason",
    bad: "ALTER TABLE post DROP COLUMN views;",
    good: "-- undrift: allow(destroys-data): nothing has read it since release 12\n\
           ALTER TABLE post DROP COLUMN views;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        if let Some(what) = loss(&step.action.kind).filter(|_| is_at_stake(migration, step)) {
            findings.add(
                step,
                Severity::Warning,
                what,
                "If it is meant, say so: -- undrift: allow(destroys-data): reason",
            );
        }
    }
}

/// Whether the migration has not made itself what it takes away, and no other rule speaks of it.
fn is_at_stake(migration: &Migration<'_>, step: &Step) -> bool {
    match &step.action.kind {
        ActionKind::DropOther { kind, .. } => kind == "SCHEMA",
        ActionKind::AlterTable(table, Alteration::DropColumn { column, .. }) => {
            !step.effect.locks.is_empty() && !migration.adds_column(table, column)
        }
        _ => !step.effect.locks.is_empty(),
    }
}
