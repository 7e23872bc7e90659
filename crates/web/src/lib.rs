//! What the engine answers as pages and diagrams, for who would rather look than read.
//!
//! Everything here is a pure function from the engine's results to text: the report ([`report`]), the parts
//! that the local page of `undrift ui` is made of ([`page`]), and diagrams ([`erd`]). A page is one file
//! without anything from elsewhere: what it looks like and does is in `assets/`, and its content policy
//! names the hash of both.

pub mod erd;
pub mod page;
mod report;
mod sql;
mod theme;
pub mod ui;

pub use report::report;
