//! Migrations that are cut at every statement, by every kind of accident: a killed program, an ended or
//! killed session, a stopped server, a broken connection. For tests only.
//!
//! A [`Case`] is a migration and what there is before it. Between its statements stand *gates*, calls that
//! wait while somebody holds an advisory lock, so that a run can be met behind each of its statements
//! ([`Site::cut_at_gate`]). Between the messages of the protocol a proxy cuts ([`Site::cut_at_message`]).
//! Whatever happened, the run that connected again, or one more `migrate deploy`, must make the database what
//! an undisturbed run makes it: by `pg_dump`, by undrift's catalog, by the history table and by every row
//! ([`State`]).

mod case;
mod proxy;
mod server;
mod site;
mod state;

pub use case::{Case, cases};
pub use site::{Fault, Outcome, Prepared, Site};
pub use state::State;
