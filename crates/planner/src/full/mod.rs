//! A plan over everything a catalog can hold: the SQL that makes the one database equal to the other.
//!
//! Where [`Plan`](crate::Plan) speaks the schema language in Prisma's words, this knows every kind of
//! object. It works on the [`Element`]s of both catalogs, in three steps: `decide` says what is done
//! to each, `order` puts that into an order that PostgreSQL accepts, `batch` cuts it
//! where a transaction has to end.
//!
//! An element that is changed in a way PostgreSQL has no `ALTER` for is dropped and made again, and so
//! is all that needs it, with comments and privileges. Tables and columns are altered in place wherever
//! there is a way that keeps their data.

mod batch;
mod decide;
mod order;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use catalog::{Address, Catalog, Element, Kind, Loss, Pair, Part, Statement, drift, elements};

use serde::Serialize;

use batch::batches;
use decide::Decisions;

/// The statements that make one database equal to another, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FullPlan {
    /// The steps, in batches that are transactions.
    pub batches: Vec<Batch>,
    /// What differs but cannot be planned.
    pub unsupported: Vec<Unsupported>,
}

/// Steps that are carried out in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// The steps.
    pub steps: Vec<Step>,
}

/// What is done to one element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// To which element.
    pub address: Address,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// What is done to an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It is dropped.
    Drop,
    /// It is changed where it is.
    Alter,
    /// It is made.
    Create,
    /// The old one of a type that was made anew is dropped, since no column is of it any more.
    Finish,
}

/// As a person reads it: `alter table public.users: column email`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.verb {
            Verb::Drop => "drop",
            Verb::Alter => "alter",
            Verb::Create => "create",
            Verb::Finish => "drop the old",
        };
        write!(f, "{verb} {}", self.address)
    }
}

/// As a person reads it.
impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.reason)
    }
}

/// A difference that undrift sees but has no SQL for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unsupported {
    /// What differs.
    pub address: Address,
    /// Why there is no SQL for it.
    pub reason: String,
}

impl FullPlan {
    /// Builds the plan that makes the actual database equal to the desired one.
    ///
    /// Both catalogs should come from servers: a declared one says less than is there, and the rest
    /// would be dropped.
    pub fn of(catalogs: Pair<&Catalog>) -> Self {
        let elements = catalogs.map(elements);
        let mut anew = BTreeSet::new();
        let (decisions, steps) = loop {
            let decisions = Decisions::of(catalogs, elements.as_ref(), anew.clone());
            match order::steps(&decisions, elements.as_ref()) {
                Ok(steps) => break (decisions, steps),
                Err(order::Stuck(address)) => anew.insert(address),
            };
        };
        let mut unsupported = unsupported(&decisions, elements.as_ref());
        unsupported.extend(unseen(catalogs, &decisions, elements.as_ref()));
        Self { batches: batches(steps), unsupported: unsupported.into_iter().collect() }
    }

    /// Whether there is nothing to do and nothing that cannot be done.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.unsupported.is_empty()
    }

    /// All steps in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.batches.iter().flat_map(|batch| &batch.steps)
    }

    /// The data that the plan destroys.
    pub fn losses(&self) -> impl Iterator<Item = &Loss> {
        self.steps()
            .flat_map(|step| &step.statements)
            .filter_map(|statement| statement.loss.as_ref())
    }

    /// The whole plan as a script, each batch a transaction.
    pub fn script(&self) -> String {
        self.batches.iter().map(Batch::script).collect::<Vec<_>>().join("\n")
    }
}

/// How a session must be set for the statements: names without a schema are those of `public`, and
/// the bodies of functions may name what is made later.
pub const SETTINGS: &str =
    "SET LOCAL search_path = 'public';\nSET LOCAL check_function_bodies = off;\n";

impl Batch {
    /// The batch as a script that begins and ends a transaction.
    pub fn script(&self) -> String {
        format!("BEGIN;\n{}COMMIT;\n", self.body())
    }

    /// The batch as a script for a transaction that is open.
    pub fn body(&self) -> String {
        let mut text = SETTINGS.to_owned();
        for statement in self.steps.iter().flat_map(|step| &step.statements) {
            text.push_str(&statement.sql);
            text.push_str(";\n");
        }
        text
    }
}

/// Returns the plan as (a part of) a `migration.sql`, which brings its own transaction: batch after
/// batch, without any.
pub fn migration(plan: &FullPlan) -> String {
    let creates_routine = plan.steps().any(|step| step.address.kind == Kind::Function);
    let mut text = String::new();
    if creates_routine {
        text.push_str("-- The bodies of functions may name what is made later.\n");
        text.push_str("SET check_function_bodies = off;\n\n");
    }
    for statement in plan.steps().flat_map(|step| &step.statements) {
        text.push_str(&statement.sql);
        text.push_str(";\n");
    }
    text
}

/// What is to be made, or made anew, but cannot be.
fn unsupported(
    decisions: &Decisions,
    elements: Pair<&BTreeMap<Address, Element>>,
) -> BTreeSet<Unsupported> {
    let done = decisions.done.iter().filter_map(|(address, verbs)| {
        let made = elements.desired.get(address).filter(|_| verbs.contains(&Verb::Create))?;
        let reason = made.unsupported?.to_owned();
        Some(Unsupported { address: address.clone(), reason })
    });
    let blocked = decisions.blocked.iter().map(|(address, needed)| Unsupported {
        address: address.clone(),
        reason: format!("it holds data, and needs what has to be made again: {needed}"),
    });
    done.chain(blocked).collect()
}

/// The differences to a person's eyes that no step deals with: none is ever passed over in silence.
fn unseen(
    catalogs: Pair<&Catalog>,
    decisions: &Decisions,
    elements: Pair<&BTreeMap<Address, Element>>,
) -> BTreeSet<Unsupported> {
    let mut touched: BTreeSet<(Kind, &str)> =
        decisions.done.keys().map(|address| (address.kind, address.id.as_str())).collect();
    // The index of a partitioned table becomes valid by its parts.
    let bound = decisions.done.keys().filter_map(|address| elements.desired.get(address));
    let bound = bound.filter_map(|element| element.binds.as_ref());
    touched.extend(bound.map(|binding| (binding.parent.kind, binding.parent.id.as_str())));
    let untouched = drift(catalogs)
        .into_iter()
        .filter(|difference| !touched.contains(&(difference.kind, difference.id.as_str())));
    untouched
        .map(|difference| Unsupported {
            reason: difference.to_string(),
            address: Address { kind: difference.kind, id: difference.id, part: Part::Whole },
        })
        .collect()
}
