//! How sure it is that two things are one.

use serde::Serialize;

use super::Rename;

/// A rename that may be meant, with what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The rename.
    pub rename: Rename,
    /// How much speaks for it, up to 100.
    pub score: u32,
    /// How sure that makes it.
    pub certainty: Certainty,
    /// What speaks for it, the weightiest first.
    pub reasons: Vec<String>,
}

/// How sure a rename is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It may be one as well as not.
    Possible,
    /// More speaks for it than against it.
    Likely,
    /// Nothing speaks against it.
    Certain,
}

/// Weighs what speaks for and against a rename.
#[derive(Debug, Default)]
pub(super) struct Scale {
    score: i32,
    reasons: Vec<(i32, String)>,
}

impl Scale {
    /// Adds a weight with its reason, when that is so.
    pub(super) fn weigh(&mut self, weight: i32, is_so: bool, reason: impl Into<String>) {
        if is_so {
            self.score += weight;
            self.reasons.push((weight, reason.into()));
        }
    }

    /// Adds a share of a weight, which is a reason when it is more than half.
    pub(super) fn share(&mut self, weight: i32, percent: u32, reason: impl Into<String>) {
        let part = weight * i32::try_from(percent).unwrap_or(0) / 100;
        self.score += part;
        if percent > 50 {
            self.reasons.push((part, reason.into()));
        }
    }

    /// Takes a weight off.
    pub(super) fn against(&mut self, weight: i32, is_so: bool) {
        if is_so {
            self.score -= weight;
        }
    }

    /// The candidate, if enough speaks for it.
    pub(super) fn candidate(mut self, rename: Rename) -> Option<Candidate> {
        let score = u32::try_from(self.score.clamp(0, 100)).unwrap_or(0);
        let certainty = match score {
            90.. => Certainty::Certain,
            65.. => Certainty::Likely,
            45.. => Certainty::Possible,
            _ => return None,
        };
        self.reasons.sort_by_key(|(weight, _)| -weight);
        let reasons = self.reasons.into_iter().map(|(_, reason)| reason).collect();
        Some(Candidate { rename, score, certainty, reasons })
    }
}
