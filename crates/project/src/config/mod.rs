//! `prisma.config.*`, read without running it if that can be helped.
//!
//! A config file is a program, but in practice a small one: an object with strings, variables of the
//! environment and paths. [`evaluate`] works that out from the syntax tree. When something is left that
//! undrift uses, [`node`] runs the file, if it can; else it is an error when it is needed, with the place
//! in the file.

mod evaluate;
mod node;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::environment::Environment;
use crate::{Error, text};
use evaluate::{Absence, Entry, Evaluated, Obstacle, Outcome, Unset};

/// The names that a config file may have, in Prisma's order.
const NAMES: &[&str] = &["prisma.config", ".config/prisma"];
const EXTENSIONS: &[&str] = &["ts", "mts", "cts", "js", "mjs", "cjs", "json"];

/// What undrift uses of a config file.
const USED: &[&[&str]] = &[
    &["schema"],
    &["migrations", "path"],
    &["migrations", "seed"],
    &["migrations", "initShadowDb"],
    &["datasource", "url"],
    &["datasource", "directUrl"],
    &["datasource", "shadowDatabaseUrl"],
];

/// What a config file says, as far as undrift uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file.
    pub path: PathBuf,
    /// What its text says.
    read: Outcome,
    /// What it exported when it was run.
    ran: Option<Evaluated>,
}

/// What a config file says under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Nothing: the key is not there.
    NotConfigured,
    /// The key is there, and what it is set from is not; it is known or not which variable that is.
    Absent {
        variable: Option<String>,
        /// The line that names it, from 1, if it is known.
        line: Option<usize>,
    },
    /// A string, perhaps an empty one.
    Given(String),
}

impl Config {
    /// Finds the config file of a project: the one named, or the first that exists.
    pub(crate) fn find(root: &Path, named: Option<&Path>) -> Result<Option<PathBuf>, Error> {
        if let Some(named) = named {
            let path = root.join(named);
            return if path.is_file() { Ok(Some(path)) } else { Err(Error::ConfigMissing(path)) };
        }
        let candidates = NAMES
            .iter()
            .flat_map(|name| EXTENSIONS.iter().map(move |extension| format!("{name}.{extension}")));
        Ok(candidates.map(|name| root.join(name)).find(|path| path.is_file()))
    }

    /// Reads a config file for a command called in a folder; `.env` files that it loads are added to
    /// the environment.
    pub(crate) fn read(
        path: &Path,
        current_directory: &Path,
        environment: &mut Environment,
    ) -> Result<Self, Error> {
        let source = text::read_lossy(path)?;
        let source = source.trim_start_matches(text::BYTE_ORDER_MARK);
        let read = if path.extension().is_some_and(|extension| extension == "json") {
            let value: Value = serde_json::from_str(source).map_err(|error| Error::Config {
                path: path.to_owned(),
                line: error.line(),
                column: error.column(),
                problem: "not JSON".to_owned(),
            })?;
            Ok(Evaluated::from(value))
        } else {
            evaluate::evaluate(path, current_directory, source, environment)?
        };
        let mut config = Self { path: path.to_owned(), read, ran: None };
        if config.needs_running() {
            config.ran = node::run(path, current_directory, environment).map(Evaluated::from);
        }
        Ok(config)
    }

    /// Whether something that undrift uses can only be told by running the file.
    fn needs_running(&self) -> bool {
        USED.iter().any(|keys| matches!(self.setting(keys), Err(Error::Config { .. })))
    }

    /// Returns the string under the keys, such as `["migrations", "path"]`, if there is one.
    ///
    /// # Errors
    /// When there is a value that cannot be worked out without running the file.
    pub(crate) fn string(&self, keys: &[&str]) -> Result<Option<String>, Error> {
        match self.setting(keys)? {
            Setting::Given(text) => Ok(Some(text)),
            Setting::NotConfigured | Setting::Absent { .. } => Ok(None),
        }
    }

    /// Returns what is under the keys, such as `["datasource", "url"]`.
    ///
    /// # Errors
    /// When there is a value that cannot be worked out without running the file.
    pub(crate) fn setting(&self, keys: &[&str]) -> Result<Setting, Error> {
        let Some(ran) = &self.ran else {
            return setting(self.read.as_ref(), keys).map_err(|obstacle| self.error(obstacle));
        };
        let found = setting(Ok(ran), keys).map_err(|obstacle| self.error(obstacle))?;
        // The text may tell more about what is not there.
        match (&found, setting(self.read.as_ref(), keys)) {
            (Setting::Absent { .. }, Ok(read @ Setting::Absent { .. })) => Ok(read),
            (Setting::Absent { .. }, Err(Obstacle::Unknown { line, .. })) => {
                Ok(Setting::Absent { variable: None, line: Some(*line) })
            }
            _ => Ok(found),
        }
    }

    fn error(&self, obstacle: &Obstacle) -> Error {
        let path = self.path.clone();
        match obstacle {
            Obstacle::Unknown { line, column, problem } => {
                Error::Config { path, line: *line, column: *column, problem: problem.clone() }
            }
            Obstacle::Variable(Unset { variable, line }) => {
                Error::ConfigVariableMissing { path, name: variable.clone(), line: *line }
            }
        }
    }

    /// The folder that relative paths in the file start from.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }
}

/// Looks the keys up, one in the object under the other.
fn setting<'a>(
    read: Result<&'a Evaluated, &'a Obstacle>,
    keys: &[&str],
) -> Result<Setting, &'a Obstacle> {
    let mut value = read?;
    let mut line = None;
    for key in keys {
        let Evaluated::Object(entries) = value else { return Ok(Setting::NotConfigured) };
        let Some(Entry { line: here, value: entry }) = entries.get(*key) else {
            return Ok(Setting::NotConfigured);
        };
        line = *here;
        value = entry.as_ref()?;
    }
    Ok(match value {
        Evaluated::String(text) => Setting::Given(text.clone()),
        Evaluated::Absent(Absence::Variable(Unset { variable, line })) => {
            Setting::Absent { variable: Some(variable.clone()), line: Some(*line) }
        }
        Evaluated::Absent(Absence::Null | Absence::Undefined) => {
            Setting::Absent { variable: None, line }
        }
        Evaluated::Boolean(_)
        | Evaluated::List(_)
        | Evaluated::Object(_)
        | Evaluated::Environment
        | Evaluated::Other => Setting::NotConfigured,
    })
}
