//! Data that goes, without a word that it may.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
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
        let what = match &step.action.kind {
            ActionKind::DropTable { tables, .. } if !step.effect.locks.is_empty() => {
                format!("The rows of {} are lost", list(tables))
            }
            ActionKind::Truncate(tables) if !step.effect.locks.is_empty() => {
                format!("The rows of {} are lost", list(tables))
            }
            ActionKind::AlterTable(table, Alteration::DropColumn { column, .. })
                if !step.effect.locks.is_empty() && !migration.adds_column(table, column) =>
            {
                format!("The values of column {column} of {table} are lost")
            }
            ActionKind::ChangeRows { verb: "DELETE", table, some_rows: false }
                if !step.effect.locks.is_empty() =>
            {
                format!("The rows of {table} are lost")
            }
            ActionKind::DropOther { kind, names, cascade: true } if kind == "SCHEMA" => {
                let names: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
                format!("All that is in schema {} is lost", names.join(", "))
            }
            _ => continue,
        };
        findings.add(
            step,
            Severity::Warning,
            what,
            "If it is meant, say so: -- undrift: allow(destroys-data): reason",
        );
    }
}

fn list(names: &[catalog::Name]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
