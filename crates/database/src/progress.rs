//! What a long run tells while it goes on.

use crate::lock::LockHolder;
use std::time::Duration;

/// Hears what a run is doing. Every method has an empty body, so that an implementation says only
/// what it cares for.
#[expect(unused_variables, reason = "the empty bodies show what can be heard")]
pub trait Progress {
    /// Somebody else holds the lock; called at once, then every second.
    fn waiting_for_lock(&mut self, waited: Duration, limit: Duration, holders: &[LockHolder]) {}

    /// A migration begins, or goes on after `statements_done` of its statements.
    fn migration_started(&mut self, name: &str, statements_done: usize) {}

    /// A statement begins that runs outside any transaction and may take long.
    fn statement_started(&mut self, name: &str, statement: &str) {}

    /// An index that an earlier run left half built is being dropped.
    fn invalid_index_dropped(&mut self, name: &str, index: &str) {}

    /// A migration is applied.
    fn migration_applied(&mut self, name: &str, took: Duration) {}
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
