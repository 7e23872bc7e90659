//! Commands whose purpose is to write a table anew.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
use crate::{ActionKind, Alteration, Work};

pub(super) const RULE: Rule = Rule {
    name: "table-rewrite",
    finds: "VACUUM FULL, CLUSTER, SET LOGGED, SET UNLOGGED, SET TABLESPACE, SET ACCESS METHOD",
    why: "Nobody can read or write the table (ACCESS EXCLUSIVE) while it is written anew. pg_repack, which RDS \
          offers, does what VACUUM FULL and CLUSTER do while the table is in use.",
    bad: "VACUUM FULL post;",
    good: "VACUUM post;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let (table, command) = match &step.action.kind {
            ActionKind::WriteAnew { command, table } => (table.as_ref(), *command),
            ActionKind::AlterTable(table, Alteration::WriteAnew(command)) => {
                (Some(table), *command)
            }
            _ => continue,
        };
        let advice = "pg_repack, or a time when nobody needs the table";
        match table {
            Some(table) if step.effect.work == Work::Rewrite => {
                let message = format!("Nobody can use {table} while {command} writes it anew");
                findings.slow(step, table, message, advice);
            }
            Some(_) => {}
            None => {
                let message = format!("{command} writes all tables anew, and nobody can use them");
                findings.add(step, Severity::Error, message, advice);
            }
        }
    }
}
