//! What a long run tells while it goes on.

use crate::lock::LockHolder;
use crate::watch::Advance;
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

    /// A statement waits for locks that these sessions hold; called about every second.
    fn blocked(&mut self, name: &str, waited: Duration, by: &[LockHolder]) {}

    /// A statement goes on, this far; called about every second.
    fn advanced(&mut self, name: &str, took: Duration, advance: &Advance) {}

    /// A lock was not to be had in time. What was tried is rolled back, and tried again after a pause.
    fn lock_timed_out(&mut self, name: &str, attempt: Attempt, pause: Duration, by: &[LockHolder]) {
    }

    /// The connection is lost, for this reason.
    fn connection_lost(&mut self, cause: &str, limit: Duration) {}

    /// There is no new connection yet, for this reason.
    fn reconnecting(&mut self, waited: Duration, limit: Duration, cause: &str) {}

    /// There is a connection again; what the database tells decides how to go on.
    fn reconnected(&mut self, waited: Duration) {}

    /// An index that an earlier run left half built is being dropped.
    fn invalid_index_dropped(&mut self, name: &str, index: &str) {}

    /// The run was asked to stop, and did; so many statements of the migration took effect, and stay.
    fn interrupted(&mut self, name: &str, statements_done: usize, of: usize) {}

    /// A migration is applied.
    fn migration_applied(&mut self, name: &str, took: Duration) {}
}

/// One attempt of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
