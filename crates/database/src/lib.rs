//! The only crate that opens a connection: introspection, replay, history table, lock, deployment.
//!
//! [`connect`] opens a [`Session`]; everything else takes one. [`deploy()`] applies pending
//! migrations under the [lock], each with its row of the [history] in one transaction.
//! [`replay()`] runs them on an empty shadow database. The crate knows nothing of terminals: what
//! is worth telling meanwhile goes to a [`Progress`], what went wrong is an [`Error`] with Prisma's
//! code and the next command.
//!
//! Scripts and the questions around them go over the simple query protocol: one message, one round
//! trip, however many statements. What a script means for transactions is [`script`]'s knowledge.

mod backups;
pub mod cache;
mod cancel;
mod client;
mod connect;
mod deploy;
mod error;
mod examine;
mod execute;
mod history;
mod introspect;
mod lock;
mod loss;
mod owners;
mod patience;
mod pooler;
mod progress;
mod reconnect;
mod replay;
mod reset;
mod roles;
mod server_error;
mod session;
mod sign_in;
mod sizes;
mod surroundings;
mod tls;
mod transact;
mod trial;
mod watch;
mod writable;

pub use backups::{
    BackupRow, BackupState, backups, begin_backup, finishing_backup, forgetting_backup,
};
pub use cancel::{Cancel, Canceller};
pub use client::{ClientVariables, client_variables};
pub use connect::{ConnectOptions, connect, connect_or_create};
pub use deploy::{
    Applied, Blocked, DeployError, DeployOptions, DeployReport, FailedMigration, FailedStatement,
    MigrationFailure, Resumption, deploy, resume,
};
pub use error::Error;
pub use examine::{Found, LIMITS, Limits, Precision, examine};
pub use execute::{Executed, ResultSet, ScriptFailure, carry_out, execute};
pub use history::{
    HistoryRow, HistoryState, TABLE as HISTORY_TABLE, create_history, history, mark_applied,
    mark_applied_in_transaction, mark_rolled_back, mark_undone_in_transaction, record_squash,
    rehash, rename,
};
pub use introspect::{
    introspect, introspect_as_printed, introspect_fully, introspect_fully_in_transaction,
    introspect_in_transaction, mark,
};
pub use lock::{KEY as LOCK_KEY, LockHolder, LockOptions, holders, lock, unlock};
pub use loss::{Conversion, Count, Countable, count};
pub use owners::{Owners, owners};
pub use patience::{Reconnection, TableLocks};
pub use pooler::{Pooler, pooler};
pub use progress::{Attempt, Progress, Silent};
pub use replay::{ensure_empty, replay, replay_statement};
pub use reset::reset_schemas;
pub use roles::{create_roles, roles};
pub use server_error::ServerError;
pub use session::{ServerInfo, Session, is_managed};
pub use sign_in::located;
pub use sizes::{TableSize, table_sizes};
pub use surroundings::{Encryption, ServerSettings, encryption, server_settings};
pub use transact::transact;
pub use trial::{Trial, trial};
pub use watch::Advance;
