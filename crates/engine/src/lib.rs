//! Use cases as functions: plain data in, serialisable results out.
//!
//! The command line is one view of these functions; a web page or a protocol server would be others.
//! Nothing here knows arguments or terminals. What takes time is told to a [`Progress`].

mod datasource;
mod demo;
mod deploy;
mod dev;
mod diff;
mod error;
mod files;
mod format;
pub mod local;
mod loss;
mod progress;
mod pull;
mod questions;
mod report;
mod schema;
mod settings;
mod shadow;
mod snapshot;
mod status;
mod validate;
mod version;

pub use catalog::{Pair, State};
pub use database::{Cancel, Canceller};
pub use datasource::Described;
pub use demo::{Demo, demo};
pub use deploy::{Deployment, deploy};
pub use dev::{Created, DevRequest, Development, Divergence, dev};
pub use diff::{Diff, DiffRequest, Source, diff};
pub use error::Error;
pub use files::write_file;
pub use format::{FormatMode, Formatting, format};
pub use loss::Retry;
pub use progress::Progress;
pub use project::{Error as ProjectError, Project};
pub use pull::{Pull, PullRequest, PullWarning, PulledFile, pull};
pub use questions::{Answers, Ask, Dialogue, Nobody, Question, QuestionKind};
pub use report::Report;
pub use settings::{Settings, open};
pub use snapshot::{Snapshot, snapshot};
pub use status::{
    Cause, Drift, Drifted, Edited, Failed, Migrations, SchemaState, Status, Step, status,
};
pub use validate::{Validation, validate};
pub use version::{Version, version};
