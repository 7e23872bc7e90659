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
