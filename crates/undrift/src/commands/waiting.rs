//! Flags about how long a deploy waits.

use std::time::Duration;

use clap::Args;
use engine::{Settings, Waiting, parse_duration};

/// What `--help` says of the defaults.
pub(crate) const DEFAULTS: &str = "\
Waiting:
  A statement that waits for a lock makes everybody queue behind it. So it gives up after a while, is
  rolled back and tried again after a pause, which doubles from 0.5 s to 15 s and is varied by chance.
  When all attempts fail, nothing of the migration is left, nothing is recorded as failed, and who is in
  the way is told. Defaults, by the environment's class in undrift.toml (remote hosts: production):
                --lock-timeout  --lock-retries  --reconnect-timeout
    production  2s              20              3min
    staging     5s              10              3min
    dev         10s             5               1min
    local       0 (for ever)                    10s
  undrift.toml: lock_timeout, lock_retries, statement_timeout, reconnect_timeout of an environment.
  What a migration sets itself counts within it. CREATE INDEX CONCURRENTLY and its like wait for ever,
  for nobody queues behind them.";

/// How long to wait.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Waiting")]
pub(crate) struct WaitingFlags {
    /// How long a statement may wait for a lock on a table; 0 for ever [500ms, 2s, 1min]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    lock_timeout: Option<Duration>,
    /// How often a transaction that could not get a lock is tried again
    #[arg(long, value_name = "N")]
    lock_retries: Option<u32>,
    /// How long a statement may run [default: as the server says]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    statement_timeout: Option<Duration>,
    /// How long a server may be away when the connection is lost; 0 ends at once
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    reconnect_timeout: Option<Duration>,
    /// How long to wait for another run, of undrift or Prisma [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    migration_lock_timeout: Option<Duration>,
}

impl WaitingFlags {
    /// The settings, with what the flags say.
    pub(crate) fn within(self, settings: Settings) -> Settings {
        let Self {
            lock_timeout,
            lock_retries,
            statement_timeout,
            reconnect_timeout,
            migration_lock_timeout,
        } = self;
        let waiting = Waiting { lock_timeout, lock_retries, statement_timeout, reconnect_timeout };
        Settings { waiting, migration_lock_timeout, ..settings }
    }
}
