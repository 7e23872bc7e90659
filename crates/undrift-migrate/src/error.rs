//! What stops it.

use std::fmt;

use database::DeployError;

/// Why the database is not as the program needs it. It prints itself without any password.
#[derive(Debug)]
pub struct Error {
    message: String,
    code: Option<&'static str>,
    help: Option<String>,
    applied: Vec<String>,
}

impl Error {
    /// Prisma's code for it, such as `P3009`, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// What can be done about it: a command, or a change to make.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The migrations that were applied before it, and stay applied.
    pub fn applied(&self) -> &[String] {
        &self.applied
    }

    pub(crate) fn system(doing: &str, cause: &std::io::Error) -> Self {
        Self { message: format!("{doing}: {cause}"), code: None, help: None, applied: Vec::new() }
    }

    pub(crate) fn stopped() -> Self {
        let message = "applying migrations was stopped".to_owned();
        Self { message, code: None, help: None, applied: Vec::new() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<database::Error> for Error {
    fn from(error: database::Error) -> Self {
        Self {
            message: error.to_string(),
            code: error.code(),
            help: error.help(),
            applied: Vec::new(),
        }
    }
}

impl From<Box<DeployError>> for Error {
    fn from(failed: Box<DeployError>) -> Self {
        let applied = failed.report.applied.into_iter().map(|applied| applied.name).collect();
        Self { applied, ..failed.error.into() }
    }
}

impl From<project::Error> for Error {
    fn from(error: project::Error) -> Self {
        Self {
            message: error.to_string(),
            code: error.code(),
            help: error.help(),
            applied: Vec::new(),
        }
    }
}
