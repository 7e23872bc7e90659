//! What a use case knows of the process it runs in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use project::{Project, Request, Waiting};

use crate::{Error, environment};

/// The surroundings of the process and the flags of every command.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where the command was called.
    pub current_directory: PathBuf,
    /// The process's variables.
    pub environment: BTreeMap<String, String>,
    /// `--schema`.
    pub schema: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--url`.
    pub url: Option<String>,
    /// `--env`: the environment of `undrift.toml` whose database is meant.
    pub env: Option<String>,
    /// The time, for signatures.
    pub clock: aws::Clock,
    /// How a deploy waits, as far as flags say.
    pub waiting: Waiting,
    /// `--migration-lock-timeout`: how long to wait for another run.
    pub migration_lock_timeout: Option<Duration>,
    /// A number that tells this run from others: sessions on servers are named by it.
    pub run: u64,
}

impl Settings {
    /// Who asks AWS: whom the process's variables say.
    pub fn aws(&self) -> aws::Client {
        aws::Client::new(aws::Surroundings {
            variables: self.environment.clone(),
            clock: self.clock.clone(),
            ..aws::Surroundings::default()
        })
    }

    /// Where replayed catalogs and kept clusters are stored: `$UNDRIFT_CACHE`, or `undrift` in the
    /// user's cache directory; nothing when there is none.
    pub(crate) fn cache_directory(&self) -> Option<PathBuf> {
        let variable = |name: &str| {
            self.environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        variable("UNDRIFT_CACHE")
            .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("undrift")))
            .or_else(|| Some(variable("HOME")?.join(".cache/undrift")))
    }

    /// What sessions of this run are called on servers.
    pub(crate) fn application_name(&self) -> String {
        match self.run {
            0 => "undrift".to_owned(),
            run => format!("undrift {:08x}", run & 0xffff_ffff),
        }
    }

    /// Where plans wait for approval: `$UNDRIFT_STATE`, or `undrift` in the user's state directory;
    /// nothing when there is none.
    pub(crate) fn state_directory(&self) -> Option<PathBuf> {
        let variable = |name: &str| {
            self.environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        variable("UNDRIFT_STATE")
            .or_else(|| Some(variable("XDG_STATE_HOME")?.join("undrift")))
            .or_else(|| Some(variable("HOME")?.join(".local/state/undrift")))
    }

    /// Whether the lock is not to be taken, as Prisma's variable says.
    pub(crate) fn disables_lock(&self) -> bool {
        let value = self.environment.get("PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK");
        value.is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
    }

    /// Whether nobody is at the terminal, by the variables that build machines set.
    pub(crate) fn is_on_build_machine(&self) -> bool {
        let is_set = |name: &str| {
            let value = self.environment.get(name);
            value.is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
        };
        ["CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER"].iter().any(|name| is_set(name))
    }

    /// The PostgreSQL server programs on the machine, newest first.
    pub(crate) fn server_programs(&self) -> Vec<server::programs::Programs> {
        let path = self.environment.get("PATH").map(std::ffi::OsStr::new);
        server::programs::find_programs(&server::programs::Search::standard(path))
    }
}

/// Finds the project that a command is about.
///
/// # Errors
/// When there is no schema, or a file that is needed cannot be read or understood.
pub fn open(settings: &Settings) -> Result<Project, Error> {
    let (url, url_origin) = match &settings.env {
        Some(name) => {
            let url = environment::url(name, settings)?.to_url();
            (Some(url), Some(format!("--env {name}")))
        }
        None => (settings.url.clone(), None),
    };
    Ok(project::discover(&Request {
        current_directory: settings.current_directory.clone(),
        environment: settings.environment.clone(),
        schema: settings.schema.clone(),
        config: settings.config.clone(),
        url,
        url_origin,
    })?)
}
