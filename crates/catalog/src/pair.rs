//! One thing on both sides of a comparison.

/// The same thing as it is and as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair<T> {
    /// What there is: the side that changes are applied to.
    pub actual: T,
    /// What there should be.
    pub desired: T,
}

impl<T> Pair<T> {
    /// Builds a pair.
    pub fn new(actual: T, desired: T) -> Self {
        Self { actual, desired }
    }

    /// Applies a function to both sides.
    pub fn map<U>(self, mut function: impl FnMut(T) -> U) -> Pair<U> {
        Pair { actual: function(self.actual), desired: function(self.desired) }
    }

    /// Borrows both sides.
    pub fn as_ref(&self) -> Pair<&T> {
        Pair { actual: &self.actual, desired: &self.desired }
    }
}

impl<T: PartialEq> Pair<T> {
    /// Whether the two sides differ.
    pub fn differs(&self) -> bool {
        self.actual != self.desired
    }
}
