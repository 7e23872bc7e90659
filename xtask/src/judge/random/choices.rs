//! Choices that are random, and yet the same whenever they are asked for again.

/// Answers to questions. A question is a path, such as `t0.c1.type`; the answer depends on nothing
/// else, so that two databases whose choices differ in a few answers differ in little more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices {
    /// Where the answers come from.
    pub(crate) seed: u64,
    /// Where others come from, and how many of a thousand do.
    pub(crate) change: Option<(u64, u64)>,
}

impl Choices {
    /// A number below the count.
    pub(crate) fn below(&self, path: &str, count: usize) -> usize {
        let seed = match self.change {
            Some((seed, per_mille)) if mixed(seed, path, 1) % 1000 < per_mille => seed,
            Some(_) | None => self.seed,
        };
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(mixed(seed, path, 0) % count).unwrap_or_default()
    }

    /// Whether it is so, as it is in so many of a hundred cases.
    pub(super) fn chance(&self, path: &str, percent: usize) -> bool {
        self.below(path, 100) < percent
    }

    /// One of them.
    pub(super) fn pick<'a, T: ?Sized>(&self, path: &str, from: &[&'a T]) -> Option<&'a T> {
        from.get(self.below(path, from.len())).copied()
    }

    /// A word that is one of them.
    pub(super) fn word(&self, path: &str, from: &[&'static str]) -> &'static str {
        self.pick(path, from).unwrap_or_default()
    }

    /// The number of one of them, if there is one.
    pub(super) fn position<T>(&self, path: &str, from: &[T]) -> Option<usize> {
        (!from.is_empty()).then(|| self.below(path, from.len()))
    }
}

/// Mixes a seed and a path to a number in which every bit depends on every bit of both.
fn mixed(seed: u64, path: &str, salt: u64) -> u64 {
    let mut state = seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in path.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        state ^= state >> 29;
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_answers_change() {
        let choices = Choices { seed: 1, change: None };
        let changed = Choices { seed: 1, change: Some((2, 100)) };
        let differ = |path: &usize| {
            let path = format!("t{path}.name");
            choices.below(&path, 1_000_000) != changed.below(&path, 1_000_000)
        };
        let count = (0..1000).filter(differ).count();
        assert!((60..140).contains(&count), "{count} of 1000");
    }
}
