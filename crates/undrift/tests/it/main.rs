//! The program from outside: what is typed, what comes out, and what is then in the database.
//!
//! Tests that need PostgreSQL start a private server of their own; without PostgreSQL's programs on
//! the machine they are ignored.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod agents;
mod asking;
mod baselining;
mod beginning;
mod comparing;
mod counting;
mod deploying;
mod developing;
mod diffing;
mod drifting;
mod executing;
mod linting;
mod manners;
mod planning;
mod preflighting;
mod projects;
mod pulling;
mod pushing;
mod recovering;
mod renaming;
mod repairing;
mod resetting;
mod resolving;
mod rolling_back;
mod servers;
mod squashing;
mod stand;
mod status;
mod surviving;
