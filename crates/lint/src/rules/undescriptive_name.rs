//! A migration whose name says nothing.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "undescriptive-name",
    finds: "a migration whose name says nothing",
    why: "The name is what is seen in the history, in `undrift status` and in errors: add_post_views says what the \
          migration does, update2 does not.",
    bad: "-- migration: 20260101000000_update2\nSELECT 1;",
    good: "-- migration: 20260101000000_add_post_views\nSELECT 1;",
    check,
};

/// Words that say nothing by themselves.
const EMPTY: [&str; 28] = [
    "migration",
    "migrations",
    "migrate",
    "update",
    "updates",
    "updated",
    "change",
    "changes",
    "fix",
    "fixes",
    "fixed",
    "test",
    "testing",
    "tmp",
    "temp",
    "wip",
    "new",
    "schema",
    "db",
    "database",
    "dev",
    "stuff",
    "misc",
    "asdf",
    "the",
    "some",
    "more",
    "again",
];

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let Some(name) = migration.context.migration else { return };
    let words = name.split(|c: char| !c.is_ascii_alphabetic());
    let says = words
        .filter(|word| word.len() > 2)
        .any(|word| !EMPTY.contains(&word.to_ascii_lowercase().as_str()));
    if !says {
        let message = format!("The name {name} does not say what the migration does");
        findings.place(
            0,
            0..0,
            Severity::Note,
            message,
            "A name such as add_post_views; a folder can be renamed until it is applied",
        );
    }
}
