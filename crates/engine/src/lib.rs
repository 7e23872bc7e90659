//! Use cases as functions: plain data in, serialisable results out.
//!
//! The command line is one view of these functions; a web page or a protocol server would be others.
//! Nothing here knows arguments or terminals. What takes time is told to a [`Progress`].

mod author;
mod backup;
mod baseline;
mod carry;
mod data;
mod datasource;
mod demo;
mod deploy;
mod destruction;
mod dev;
mod diff;
mod down;
mod drift;
mod environment;
mod error;
mod execute;
mod files;
mod format;
mod heard;
mod init;
mod lint;
pub mod local;
mod loss;
mod pending;
mod plan;
mod preflight;
mod programs;
mod progress;
mod pull;
mod push;
mod questions;
mod rds;
mod recover;
mod rename;
mod repair;
mod report;
mod reset;
mod resolve;
mod rollback;
mod schema;
mod settings;
mod shadow;
mod snapshot;
mod squash;
mod stake;
mod status;
mod validate;
mod version;
mod waiting;

pub use ::lint::Work;
pub use backup::{
    BackedUp, Backup, BackupRequest, Backups, CopiedTable, Kept, Made, PruneRequest, Pruned,
    RestoreRequest, RestoreTo, Restored, RestoredTable, Source as BackupSource, backup, backups,
    prune, restore,
};
pub use baseline::{Baseline, BaselineRequest, baseline};
pub use catalog::beside::Pace;
pub use catalog::{Difference, Pair, State};
pub use data::DataStatement;
pub use database::{BackupState, Cancel, Canceller, Count, Executed, Precision, ResultSet};
pub use datasource::Described;
pub use demo::{Demo, demo};
pub use deploy::{DeployRequest, Deployment, deploy};
pub use dev::{Created, DevRequest, Development, Divergence, Splitting, dev};
pub use diff::{Diff, DiffRequest, Source, diff};
pub use drift::{
    AdoptRequest, Adoption, Against, Cause, Drift, DriftRequest, Drifted, Explained, Explanation,
    Ignored, Ignoring, Reversion, RevertRequest, SchemaAfter, Scripts, adopt, explain, ignore,
    revert,
};
pub use environment::{
    EnvironmentCheck, EnvironmentList, EnvironmentView, HostView, Noticed, Permission, RdsView,
    SignInView, environment_check, environment_show, environments,
};
pub use error::Error;
pub use execute::execute;
pub use files::write_file;
pub use format::{FormatMode, Formatting, format};
pub use init::{Init, InitRequest, init};
pub use lint::{
    Finding, Fixed, Lint, LintRequest, LintTarget, LintedFile, Rule, Severity, lint, lint_rules,
};
pub use loss::Retry;
pub use plan::{
    Action, AppliedPlan, Files, PlanFile, PlanOf, PlannedChange, PlannedScript, PlannedStatement,
    Recorded, Target, Verb, apply, plan,
};
pub use preflight::{Preflight, PreflightFinding, Unknown, preflight};
pub use programs::{
    Output, Program, generate_program, generates_by_itself, seed_program, seeds_by_itself,
};
pub use progress::Progress;
pub use project::{BackupKind, Error as ProjectError, Project, Waiting, parse_duration};
pub use pull::{Pull, PullRequest, PullWarning, PulledFile, pull};
pub use push::{Push, PushRequest, push};
pub use questions::{Answers, Ask, Dialogue, Nobody, Question, QuestionKind};
pub use recover::{
    Diagnosis, Effect, Evidence, RecoverRequest, Recovery, StatementState, TrueError, Way, WayOut,
    Witness, recover,
};
pub use rename::Renamed;
pub use repair::{Meaning, Origin, Problem, Remedy, Repair, RepairRequest, repair};
pub use report::Report;
pub use reset::{Reset, reset};
pub use resolve::{Mark, Resolution, Resolved, resolve};
pub use rollback::{
    DownSource, Extent, LostData, Rollback, RollbackRequest, RolledBack, SavedData, rollback,
};
pub use settings::{Settings, open};
pub use snapshot::{Snapshot, snapshot};
pub use squash::{FilledTable, Squash, SquashRequest, squash};
pub use stake::{Fate, Stake};
pub use status::{Edited, Failed, Migrations, SchemaState, Status, Step, status};
pub use validate::{Validation, validate};
pub use version::{Version, version};
