//! `undrift.toml`: what undrift has to be told about a project that Prisma's files do not say.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::Error;
use crate::text::{place, read};

/// The name of the file.
pub const FILE: &str = "undrift.toml";

/// The file as text, and how to tell where in it something is.
pub(crate) struct UndriftToml {
    pub(crate) path: PathBuf,
    /// The path as the user would write it.
    pub(crate) shown: String,
    text: String,
}

impl UndriftToml {
    /// Finds the file in this folder or the nearest one above.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn find(current_directory: &Path) -> Result<Option<Self>, Error> {
        let mut candidates = current_directory.ancestors().map(|folder| folder.join(FILE));
        let Some(path) = candidates.find(|path| path.is_file()) else { return Ok(None) };
        let shown = crate::schema_files::display(&path, current_directory);
        let text = read(&path)?;
        Ok(Some(Self { path, shown, text }))
    }

    /// Reads one of the file's tables; the other ones are passed over.
    ///
    /// # Errors
    /// When it says something that it cannot say: what protects a database must not be passed over.
    pub(crate) fn parse<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Error> {
        toml::from_str(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.malformed(offset, error.message())
        })
    }

    /// A mistake at a place.
    pub(crate) fn malformed(&self, offset: usize, problem: &str) -> Error {
        let problem = format!("line {}: {problem}", place(&self.text, offset).0);
        Error::Malformed { path: self.path.clone(), problem }
    }

    /// A place as `undrift.toml:3`.
    pub(crate) fn line(&self, offset: usize) -> String {
        format!("{}:{}", self.shown, place(&self.text, offset).0)
    }
}

/// All tables that the file may have; each part of undrift reads its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tables<E, D, L = IgnoredAny> {
    #[serde(default = "Option::default")]
    pub(crate) environments: Option<E>,
    #[serde(default = "Option::default")]
    pub(crate) drift: Option<D>,
    #[serde(default = "Option::default")]
    pub(crate) lint: Option<L>,
}
