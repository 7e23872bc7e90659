//! The candidates as questions: what each new thing may have been.

use std::collections::BTreeSet;

use super::{Candidate, Target, candidates};
use crate::{Catalog, Pair};

/// Something new, and what it may have been before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is new.
    pub target: Target,
    /// What it may have been, the likeliest first; never empty.
    pub candidates: Vec<Candidate>,
}

/// Returns the choices there are, but for what is known to be new. Of two new things that may have been
/// the same one, the likelier is in front and the other waits: the answer to the first may settle it.
pub fn choices(catalogs: Pair<&Catalog>, new: &BTreeSet<Target>) -> Vec<Choice> {
    let all: Vec<(Target, Candidate)> = candidates(catalogs)
        .into_iter()
        .filter_map(|candidate| Some((candidate.rename.target()?, candidate)))
        .filter(|(target, _)| !new.contains(target))
        .collect();
    let mut choices: Vec<Choice> = Vec::new();
    let mut promised: BTreeSet<Target> = BTreeSet::new();
    for (target, _) in &all {
        if choices.iter().any(|choice| choice.target == *target) {
            continue;
        }
        let own = all.iter().filter(|(other, candidate)| {
            other == target
                && candidate.rename.source().is_none_or(|source| !promised.contains(&source))
        });
        let candidates: Vec<Candidate> = own.map(|(_, candidate)| candidate.clone()).collect();
        if let Some(first) = candidates.first() {
            promised.extend(first.rename.source());
            choices.push(Choice { target: target.clone(), candidates });
        }
    }
    choices
}
