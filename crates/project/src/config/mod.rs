//! `prisma.config.*`, read without running it.
//!
//! A config file is a program, but in practice a small one: an object with strings, variables of the
//! environment and paths. [`evaluate`] works that out from the syntax tree; what it cannot work out
//! is an error only when it is needed, with the place in the file.

mod evaluate;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::environment::Environment;
use crate::{Error, text};
use evaluate::Evaluated;

/// The names that a config file may have, in Prisma's order.
const NAMES: &[&str] = &["prisma.config", ".config/prisma"];
const EXTENSIONS: &[&str] = &["ts", "mts", "cts", "js", "mjs", "cjs", "json"];

/// What a config file says, as far as undrift uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file.
    pub path: PathBuf,
    value: Evaluated,
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

    /// Reads a config file; `.env` files that it loads are added to the environment.
    pub(crate) fn read(path: &Path, environment: &mut Environment) -> Result<Self, Error> {
        let source = text::read(path)?;
        let value = if path.extension().is_some_and(|extension| extension == "json") {
            let value: Value = serde_json::from_str(&source).map_err(|error| Error::Config {
                path: path.to_owned(),
                line: error.line(),
                column: error.column(),
                problem: "not JSON".to_owned(),
            })?;
            Evaluated::from(value)
        } else {
            evaluate::evaluate(path, &source, environment)?
        };
        Ok(Self { path: path.to_owned(), value })
    }

    /// Returns the string under the keys, such as `["datasource", "url"]`.
    ///
    /// # Errors
    /// When there is a value that cannot be worked out without running the file.
    pub(crate) fn string(&self, keys: &[&str]) -> Result<Option<String>, Error> {
        let mut value = &self.value;
        for key in keys {
            let Evaluated::Object(entries) = value else { break };
            match entries.get(*key) {
                Some(entry) => value = entry,
                None => return Ok(None),
            }
        }
        match value {
            Evaluated::String(text) => Ok(Some(text.clone())),
            Evaluated::Unknown { line, column, problem } => Err(Error::Config {
                path: self.path.clone(),
                line: *line,
                column: *column,
                problem: problem.clone(),
            }),
            Evaluated::Absent | Evaluated::Other | Evaluated::Boolean(_) | Evaluated::Object(_) => {
                Ok(None)
            }
        }
    }

    /// The folder that relative paths in the file start from.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }
}
