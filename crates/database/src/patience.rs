//! How long to wait, and how often to try again.
//!
//! Pauses double up to a limit, and differ from run to run, so that those who were refused at the same
//! moment do not all come back at the same moment. Where the difference comes from is an argument.

use std::time::Duration;

/// How to wait for locks on tables without making everybody else queue behind us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableLocks {
    /// `lock_timeout` of each attempt.
    pub wait: Duration,
    /// How many attempts there are before the migration is given up.
    pub attempts: u32,
    /// The pause after the first attempt, to be doubled after each.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

/// How to get back to a database to which the connection was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconnection {
    /// How long a server that takes changes may be away.
    pub within: Duration,
    /// How often the connection may be lost at the same place.
    pub attempts: u32,
}

/// Pauses, each about twice as long as the one before.
#[derive(Debug, Clone)]
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
    state: u64,
}

impl Pauses {
    /// `seed` is what tells this run from others.
    pub(crate) fn new(first: Duration, longest: Duration, seed: u64) -> Self {
        Self { next: first.min(longest), longest, state: seed }
    }

    /// A number of 32 bits from the seed, by Steele, Lea and Flood's `SplitMix64`.
    fn random(&mut self) -> u32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default()
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    /// Between half of the pause and all of it.
    fn next(&mut self) -> Option<Duration> {
        let whole = self.next;
        self.next = whole.saturating_mul(2).min(self.longest);
        let share = f64::from(self.random()) / f64::from(u32::MAX);
        Some(whole.mul_f64(0.5 + share / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Pauses;
    use std::time::Duration;

    fn pauses(seed: u64) -> Vec<u128> {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(4));
        Pauses::new(first, longest, seed).take(6).map(|pause| pause.as_millis()).collect()
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_differ_from_run_to_run() {
        for seed in 0..100 {
            for (pause, whole) in pauses(seed).into_iter().zip([500, 1000, 2000, 4000, 4000, 4000])
            {
                assert!((whole / 2..=whole).contains(&pause), "{seed}: {pause} of {whole}");
            }
        }
        assert_eq!(pauses(7), pauses(7));
        let distinct: std::collections::BTreeSet<_> = (0..100).map(pauses).collect();
        assert_eq!(distinct.len(), 100);
    }
}
