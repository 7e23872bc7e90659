//! The program from outside: what is typed, what comes out, and what is then in the database.
//!
//! Tests that need PostgreSQL start a private server of their own; without PostgreSQL's programs on
//! the machine they are ignored.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod agents;
mod asking;
mod backing_up;
mod baselining;
mod beginning;
mod checking;
mod comparing;
mod counting;
mod counting_odd;
mod deploying;
mod developing;
mod diffing;
mod documented;
mod drifting;
mod environments;
mod executing;
mod fake_rds;
mod gate;
mod like_rds;
mod linting;
mod looking;
mod manners;
mod planning;
mod pool;
mod preflighting;
mod projects;
mod pulling;
mod pushing;
mod readme;
mod recovering;
mod renaming;
mod repairing;
mod resetting;
mod resolving;
mod rolling_back;
mod secrets;
mod servers;
mod signing_in;
mod splitting;
mod squashing;
mod stand;
mod status;
mod surviving;
