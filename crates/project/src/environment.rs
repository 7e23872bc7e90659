//! Variables: those of the process, and those of `.env` files below them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Error;

/// The variables that a project sees; what the process has wins over what files say.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    process: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

impl Environment {
    pub(crate) fn new(process: BTreeMap<String, String>) -> Self {
        Self { process, files: BTreeMap::new() }
    }

    /// Returns a variable; one that is empty counts as set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.process.get(name).or_else(|| self.files.get(name)).map(String::as_str)
    }

    /// Reads a `.env` file, if there is one; what an earlier file said stays. Returns whether there
    /// was one.
    pub(crate) fn load(&mut self, path: &Path) -> Result<bool, Error> {
        if !path.is_file() {
            return Ok(false);
        }
        let broken = |problem: String| Error::Malformed { path: path.to_owned(), problem };
        for entry in dotenvy::from_path_iter(path).map_err(|error| broken(error.to_string()))? {
            // The parser's own message would quote the line, and with it maybe a password.
            let (name, value) =
                entry.map_err(|_| broken("a line is not of the form NAME=value".to_owned()))?;
            self.files.entry(name).or_insert(value);
        }
        Ok(true)
    }
}
