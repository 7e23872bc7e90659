//! Where a database stands in a migration.

use std::collections::BTreeSet;

use catalog::{Catalog, Difference, Kind as ObjectKind, Name, Object, Pair, State, drift};
use script::{Kind, Script, Statement};
use serde::Serialize;

use super::footprint::{Footprint, Split};

/// Whether a statement took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// It left an index that is not valid.
    Half,
    /// It changes nothing that the catalog shows, such as rows, and nothing else tells.
    CannotBeSeen,
    /// What it changes is neither as before nor as after it.
    Other,
    /// It has none of its own: transaction control, settings.
    None,
}

/// How that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The catalog shows it.
    Catalog,
    /// A later statement took effect, or an earlier one did not: they run in their order, and end at the
    /// first error.
    Order,
    /// undrift counted the statements, in the transactions in which they ran.
    Journal,
    /// It is not known.
    Nothing,
}

/// What the statements of a migration do.
pub(super) struct Steps {
    /// What each changes in the catalog.
    pub(super) changes: Vec<Vec<Difference>>,
    /// What all of them touch.
    pub(super) footprint: Footprint,
    natures: Vec<Nature>,
    /// The numbers of statements after which a transaction of the script is open.
    in_block: BTreeSet<usize>,
}

/// What it means if a statement is run twice, or its effect not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// It has no effect of its own that lasts.
    Neutral,
    /// Doing it twice is doing it once, or an error.
    Repeatable,
    /// It may change rows: doing it twice, or not at all, may do harm.
    Once,
}

impl Steps {
    pub(super) fn of(script: &Script<'_>, states: &[Catalog]) -> Self {
        let changes = Footprint::steps(states);
        let all: Vec<Difference> = changes.iter().flatten().cloned().collect();
        let statements = script.statements().iter();
        let natures = statements.map(|statement| Nature::of(script, statement)).collect();
        Self { footprint: Footprint::of(&all), changes, natures, in_block: in_block(script) }
    }

    fn is_seen(&self, at: usize) -> bool {
        self.changes.get(at).is_some_and(|changes| !changes.is_empty())
    }

    /// The number of the statement that makes an index.
    fn maker(&self, index: &Name) -> Option<usize> {
        let id = index.to_string();
        let makes = |difference: &Difference| {
            difference.kind == ObjectKind::Index
                && difference.id == id
                && difference.state == State::Unexpected
        };
        self.changes.iter().position(|changes| changes.iter().any(makes))
    }

    fn nature(&self, at: usize) -> Nature {
        self.natures.get(at).copied().unwrap_or(Nature::Once)
    }
}

/// The states that lie inside a transaction of the script, in which nothing can have been left.
fn in_block(script: &Script<'_>) -> BTreeSet<usize> {
    let mut inside = BTreeSet::new();
    let mut open = false;
    for (at, statement) in script.statements().iter().enumerate() {
        match &statement.kind {
            Kind::Begin => open = true,
            Kind::Commit | Kind::Rollback => open = false,
            Kind::Ordinary
            | Kind::AddLabel(_)
            | Kind::Control
            | Kind::Alone(_)
            | Kind::CopyStream => {}
        }
        if open {
            inside.insert(at + 1);
        }
    }
    inside
}

impl Nature {
    fn of(script: &Script<'_>, statement: &Statement) -> Self {
        let text = script.statement_text(statement).to_ascii_uppercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let first = words.first().copied().unwrap_or_default();
        let is_control = matches!(statement.kind, Kind::Begin | Kind::Commit | Kind::Rollback);
        let neutral = ["SET", "RESET", "SHOW", "LOCK", "SAVEPOINT", "RELEASE", "DISCARD"];
        if is_control || statement.is_setting || neutral.contains(&first) {
            return Self::Neutral;
        }
        if statement.may_change_data || words.contains(&"RESTART") {
            Self::Once
        } else {
            Self::Repeatable
        }
    }
}

/// Where a database stands.
#[derive(Debug)]
pub(super) struct Position {
    /// The numbers of statements that may have taken effect, lowest first: all that agree with the
    /// database. None if it is in no state that the migration goes through.
    pub(super) candidates: Vec<usize>,
    /// Indexes that a statement left without finishing them.
    pub(super) leftovers: Vec<Name>,
    /// Of each statement that the shadow could run whether it took effect.
    pub(super) effects: Vec<(Effect, Evidence)>,
    /// How the database differs from the state it is in, or if it is in none from the one before the
    /// migration.
    pub(super) split: Split,
}

impl Position {
    /// Compares a database with the states; `counted` is the number of statements that undrift knows to
    /// have taken effect.
    pub(super) fn of(
        live: &Catalog,
        states: &[Catalog],
        steps: &Steps,
        script: &Script<'_>,
        counted: Option<usize>,
    ) -> Self {
        let leftovers = leftovers(live, states, steps);
        let mut finished = live.clone();
        finished.indexes.retain(|index| !leftovers.contains(&index.id()));
        let splits: Vec<Split> = states
            .iter()
            .map(|state| steps.footprint.split(drift(Pair::new(&finished, state))))
            .collect();
        let fits = |at: &usize| splits.get(*at).is_some_and(|split| split.inside.is_empty());
        let mut candidates: Vec<usize> = (0..states.len()).filter(fits).collect();
        let outside: Vec<usize> =
            candidates.iter().copied().filter(|at| !steps.in_block.contains(at)).collect();
        if !outside.is_empty() {
            candidates = outside;
        }
        let half = leftovers.iter().filter_map(|index| steps.maker(index)).min();
        if let Some(at) = half.filter(|at| candidates.contains(at)) {
            candidates = vec![at];
        }
        let journal = counted.filter(|done| {
            // Such a statement and its mark are not one transaction.
            let next = script.statements().get(*done).map(|statement| &statement.kind);
            candidates.contains(done) && !matches!(next, Some(Kind::Alone(_)))
        });
        if let Some(done) = journal {
            candidates = vec![done];
        }
        let mut effects = effects(&finished, states, steps, &candidates, journal.is_some());
        if let Some(effect) = half.and_then(|at| effects.get_mut(at)) {
            *effect = (Effect::Half, Evidence::Catalog);
        }
        let nearest = candidates.first().copied().unwrap_or(0);
        let split = splits.into_iter().nth(nearest).unwrap_or_default();
        Self { candidates, leftovers, effects, split }
    }

    /// The statements that may change rows, and of which it is not known whether they took effect.
    pub(super) fn unseen(&self, steps: &Steps) -> Vec<usize> {
        self.changing_rows(steps, |effect| effect == Effect::CannotBeSeen)
    }

    /// The statements that may have changed rows without a trace in the catalog, by which it could be
    /// undone.
    pub(super) fn without_trace(&self, steps: &Steps) -> Vec<usize> {
        self.changing_rows(steps, |effect| matches!(effect, Effect::CannotBeSeen | Effect::Yes))
    }

    fn changing_rows(&self, steps: &Steps, counts: impl Fn(Effect) -> bool) -> Vec<usize> {
        let effects = self.effects.iter().enumerate();
        let counted = effects.filter(|(at, (effect, _))| {
            counts(*effect) && steps.nature(*at) == Nature::Once && !steps.is_seen(*at)
        });
        counted.map(|(at, _)| at).collect()
    }
}

/// The invalid indexes of the database that the migration was making: in no state are they there and not
/// valid.
fn leftovers(live: &Catalog, states: &[Catalog], steps: &Steps) -> Vec<Name> {
    let invalid = live.indexes.iter().filter(|index| !index.valid);
    let ours = invalid.filter(|index| {
        let id = index.id();
        steps.footprint.contains(ObjectKind::Index, &id.to_string())
            && states.iter().all(|state| state.indexes.get(&id).is_none_or(|index| index.valid))
    });
    ours.map(Object::id).collect()
}

fn effects(
    live: &Catalog,
    states: &[Catalog],
    steps: &Steps,
    candidates: &[usize],
    is_counted: bool,
) -> Vec<(Effect, Evidence)> {
    let between = candidates.first().zip(candidates.last());
    let effect = |at: usize| {
        if steps.nature(at) == Nature::Neutral {
            return (Effect::None, Evidence::Nothing);
        }
        let evidence = match (steps.is_seen(at), is_counted) {
            (true, _) => Evidence::Catalog,
            (false, true) => Evidence::Journal,
            (false, false) => Evidence::Order,
        };
        match between {
            Some((first, _)) if at < *first => (Effect::Yes, evidence),
            Some((_, last)) if at >= *last => (Effect::No, evidence),
            Some(_) => (Effect::CannotBeSeen, Evidence::Nothing),
            None if !steps.is_seen(at) => (Effect::CannotBeSeen, Evidence::Nothing),
            None => (by_itself(live, states, steps, at), Evidence::Catalog),
        }
    };
    (0..steps.changes.len()).map(effect).collect()
}

/// Whether a statement took effect, by what it changes alone.
fn by_itself(live: &Catalog, states: &[Catalog], steps: &Steps, at: usize) -> Effect {
    let footprint = Footprint::of(steps.changes.get(at).map(Vec::as_slice).unwrap_or_default());
    let agrees = |state: &Catalog| footprint.split(drift(Pair::new(live, state))).inside.is_empty();
    let (before, after) = states.split_at((at + 1).min(states.len()));
    match (before.iter().any(agrees), after.iter().any(agrees)) {
        (true, false) => Effect::No,
        (false, true) => Effect::Yes,
        (true, true) => Effect::CannotBeSeen,
        (false, false) => Effect::Other,
    }
}
