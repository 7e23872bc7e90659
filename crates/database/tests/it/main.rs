//! Everything that needs a server: a private cluster from the machine's PostgreSQL programs, one
//! for all tests. Skipped, loudly, where there are none.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod connecting;
mod cutting;
mod deploying;
mod introspecting;
mod locking;
mod pairs;
mod permissions;
mod proving_lint;
mod repairing;
mod replaying;
mod stand;
mod writing;
