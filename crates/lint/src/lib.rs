//! What a migration does to a database that is in use, and what to write instead.
//!
//! The way of a script: its statements ([`script`]) are read as [`Action`]s; what is known of the
//! database before each ([`Known`]) gives its [`Effect`]: the locks it takes and what it does with the
//! rows meanwhile. These are facts, proved on a server. Opinions are [`Rule`]s, one file each: they look
//! at a whole [`Migration`] and give [`Finding`]s. What the author has allowed is left out at the end.
//!
//! Nothing here can fail: what is not recognised is not judged.

mod action;
mod allow;
mod context;
mod effect;
mod finding;
mod fix;
mod known;
mod loss;
mod migration;
mod read;
mod rules;

pub use action::{
    Action, ActionKind, Alteration, Column, Constraint, ConstraintKind, Filling, NewIndex,
    NewTable, Type,
};
pub use context::{Context, TableSize};
pub use effect::{Effect, Work};
pub use finding::{Finding, Severity};
pub use fix::{Fix, FixedScript, fix};
pub use known::Known;
pub use loss::{Loss, losses};
pub use migration::{Migration, Step};
pub use rules::{RULES, Rule};

use script::Script;

/// Looks for what is dangerous in a migration; findings are in the order of the text.
pub fn lint(script: &Script<'_>, context: &Context<'_>) -> Vec<Finding> {
    let migration = Migration::new(script, context);
    let mut findings = rules::findings(&migration);
    let allowances = allow::allowances(script);
    allow::apply(&allowances, &mut findings);
    findings.sort_by(|one, other| (one.span.start, one.rule).cmp(&(other.span.start, other.rule)));
    findings
}

/// Everything that a script does, with what that means for those who use the database.
pub fn steps(script: &Script<'_>, context: &Context<'_>) -> Vec<Step> {
    Migration::new(script, context).steps
}

#[cfg(test)]
mod tests {
    use super::{Context, fix, lint};
    use proptest::prelude::*;
    use script::Script;

    /// Pieces of statements, in any order.
    const PIECES: &[&str] = &[
        "ALTER TABLE",
        "CREATE TABLE",
        "CREATE INDEX",
        "DROP",
        "a",
        "\"b.\"\"c\"",
        "ONLY",
        "(",
        ")",
        ",",
        ";",
        "ADD",
        "COLUMN",
        "CONSTRAINT",
        "CHECK",
        "NOT NULL",
        "DEFAULT",
        "UNIQUE",
        "PRIMARY KEY",
        "REFERENCES",
        "FOREIGN KEY",
        "USING",
        "TYPE",
        "varchar(3)",
        "int[]",
        "ARRAY[1,2]",
        "'x;y'",
        "$$ BEGIN",
        "$$",
        "DO",
        "SET",
        "VALIDATE",
        "RENAME",
        "TO",
        "ON",
        "INTO",
        "SELECT",
        "GENERATED",
        "IDENTITY",
        "STORED",
        "é",
        "-- undrift: allow(x)\n",
        "\n",
        ".",
        "::",
        "E'\\''",
        "/*",
        "*/",
        "CONCURRENTLY",
        "EXCLUDE",
        "PARTITION",
        "CASCADE",
        "UPDATE",
        "WHERE",
        "0",
        "UNDER",
        "COMMIT",
        "ADD VALUE",
        "LIKE",
        "OF",
        "1.5e3",
    ];

    proptest! {
        #[test]
        fn any_text_is_linted(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30)) {
            let text = pieces.join(" ");
            let script = Script::parse(&text);
            for finding in lint(&script, &Context::none()) {
                prop_assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
            }
            let _fixed = fix(&script, &Context::none());
        }

        #[test]
        fn any_characters_are_linted(text in "\\PC{0,60}") {
            let script = Script::parse(&text);
            let _found = lint(&script, &Context::none());
        }
    }
}
