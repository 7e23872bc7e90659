//! The cases of COMPATIBILITY.md: a command in a state of project and database, and what came of it.
//!
//! `data/cases.toml` holds the states and commands, `data/facts.json` what Prisma 6 and 7 did with them,
//! as `cargo xtask facts` records it by running both. A test of `undrift` runs the same cases, compares,
//! and keeps the table in COMPATIBILITY.md true. For tests only.

mod cases;
mod outcome;
mod render;
mod stage;

pub use cases::{Case, Cases, Deliberate};
pub use outcome::{Facts, Outcome, Release};
pub use render::{Row, render};
pub use stage::Stage;

/// What Prisma did, as recorded.
///
/// # Errors
/// When the record has a mistake.
pub fn facts() -> anyhow::Result<Facts> {
    Ok(serde_json::from_str(include_str!("../data/facts.json"))?)
}
