//! The statements of a plan, and what is known about each.

use std::collections::BTreeSet;

use catalog::{Lock, Name};
use lint::{Context, Step, Work};
use script::{Batch, Boundaries, Script};
use serde::{Deserialize, Serialize};

use crate::Finding;
use crate::stake::Stake;

/// Statements that are run together: a migration, or a transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PlannedScript {
    /// The migration.
    pub migration: Option<String>,
    /// What is done with it.
    pub action: Action,
    /// The statements, in order.
    pub statements: Vec<PlannedStatement>,
    /// What `undrift lint` finds in it as a whole.
    #[serde(skip_deserializing)]
    pub findings: Vec<Finding>,
}

/// What is done with a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is run.
    Run,
    /// An interrupted run goes on.
    Resume,
    /// It is recorded: the database has what it makes from those that it supersedes.
    Record,
    /// It is recorded if the database has what it makes, and otherwise run: it adopts drift.
    Recognise,
}

/// One statement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PlannedStatement {
    /// The line of the script that it begins in, from 1.
    pub line: usize,
    /// The statement, passwords blanked out.
    pub sql: String,
    /// Whether it was done by an earlier run that was interrupted.
    pub is_done: bool,
    /// Whether it runs in a transaction; otherwise it takes effect by itself.
    pub in_transaction: bool,
    /// The locks that it takes on what was there before.
    pub locks: Vec<Lock>,
    /// What it does with the rows under them.
    pub work: Option<Work>,
    /// The data that it meets.
    pub data: Vec<Stake>,
    /// What `undrift lint` finds.
    #[serde(skip_deserializing)]
    pub findings: Vec<Finding>,
}

/// Describes the statements of a script, and returns the findings that are about none of them.
/// `stakes` are the data they meet, `done` how many are done.
pub(super) fn describe(
    script: &Script<'_>,
    context: &Context<'_>,
    steps: &[Step],
    stakes: Vec<(usize, Stake)>,
    done: usize,
) -> (Vec<PlannedStatement>, Vec<Finding>) {
    let alone = alone(script);
    let mut statements: Vec<PlannedStatement> = Vec::new();
    for (at, statement) in script.statements().iter().enumerate() {
        let own: Vec<&Step> = steps.iter().filter(|step| step.statement == at).collect();
        let sql = script::without_passwords(script.statement_text(statement)).into_owned();
        statements.push(PlannedStatement {
            line: script.place(statement.span.start).line,
            sql,
            is_done: at < done,
            in_transaction: !alone.contains(&at),
            locks: locks(&own),
            work: own.iter().map(|step| step.effect.work).max(),
            data: Vec::new(),
            findings: Vec::new(),
        });
    }
    for (at, stake) in stakes {
        if let Some(statement) = statements.get_mut(at) {
            statement.data.push(stake);
        }
    }
    let mut others = Vec::new();
    for finding in crate::lint::findings(script, context) {
        // A finding stands in the lines of a statement, or at the head of the text.
        let is_within = |it: &&mut PlannedStatement| {
            let end = it.line + it.sql.lines().count();
            (it.line..end).contains(&finding.line)
        };
        match statements.iter_mut().find(is_within).filter(|_| !finding.source.is_empty()) {
            Some(statement) => statement.findings.push(finding),
            None => others.push(finding),
        }
    }
    (statements, others)
}

/// The numbers of the statements that run outside any transaction.
fn alone(script: &Script<'_>) -> BTreeSet<usize> {
    let batches = script.batches(Boundaries::Absorbed, &BTreeSet::new()).unwrap_or_default();
    let alone = batches.iter().filter(|batch| matches!(batch, Batch::Alone(_)));
    alone.flat_map(Batch::statements).collect()
}

/// The strongest lock on each table, in the order in which they are taken.
fn locks(steps: &[&Step]) -> Vec<Lock> {
    let mut locks: Vec<Lock> = Vec::new();
    for (relation, mode) in steps.iter().flat_map(|step| &step.effect.locks) {
        let is_on = |lock: &&mut Lock| lock.relation == *relation;
        match locks.iter_mut().find(is_on) {
            Some(lock) => lock.mode = lock.mode.max(*mode),
            None => locks.push(Lock { mode: *mode, relation: Name::clone(relation) }),
        }
    }
    locks
}
