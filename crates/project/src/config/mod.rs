//! `prisma.config.*`, read without running it if that can be helped.
//!
//! A config file is a program, but in practice a small one: an object with strings, variables of the
//! environment and paths. [`evaluate`] works that out from the syntax tree. When something is left that
//! undrift uses, [`node`] runs the file, if it can; else it is an error when it is needed, with the place
//! in the file.

mod bindings;
mod evaluate;
mod files;
mod node;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::environment::Environment;
use crate::{Error, text};
use evaluate::{Evaluated, Obstacle};

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
    value: Result<Evaluated, Obstacle>,
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
        let source = text::read(path)?;
        let value = if path.extension().is_some_and(|extension| extension == "json") {
            let value: Value = serde_json::from_str(&source).map_err(|error| Error::Config {
                path: path.to_owned(),
                line: error.line(),
                column: error.column(),
                problem: "not JSON".to_owned(),
            })?;
            Ok(Evaluated::from(value))
        } else {
            evaluate::evaluate(path, current_directory, &source, environment)?
        };
        let mut config = Self { path: path.to_owned(), value };
        if config.needs_running()
            && let Some(value) = node::run(path, current_directory, environment)
        {
            config.value = Ok(Evaluated::from(value));
        }
        Ok(config)
    }

    /// Whether something that undrift uses can only be told by running the file.
    fn needs_running(&self) -> bool {
        USED.iter().any(|keys| matches!(self.string(keys), Err(Error::Config { .. })))
    }

    /// Returns the string under the keys, such as `["datasource", "url"]`.
    ///
    /// # Errors
    /// When there is a value that cannot be worked out without running the file.
    pub(crate) fn string(&self, keys: &[&str]) -> Result<Option<String>, Error> {
        let mut value = self.value.as_ref();
        for key in keys {
            value = match value {
                Ok(Evaluated::Object(entries)) => match entries.get(*key) {
                    Some(entry) => entry.as_ref(),
                    None => return Ok(None),
                },
                Ok(_) => return Ok(None),
                Err(_) => break,
            };
        }
        match value {
            Ok(Evaluated::String(text)) => Ok(Some(text.clone())),
            Ok(_) => Ok(None),
            Err(Obstacle::Unknown { line, column, problem }) => Err(Error::Config {
                path: self.path.clone(),
                line: *line,
                column: *column,
                problem: problem.clone(),
            }),
            Err(Obstacle::Variable(name)) => {
                Err(Error::ConfigVariableMissing { path: self.path.clone(), name: name.clone() })
            }
        }
    }

    /// The folder that relative paths in the file start from.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }
}
