//! What `package.json` says about Prisma: its way of configuration before the config file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Error, text};

/// The nearest `package.json`, here or above.
pub(crate) struct PackageJson {
    path: PathBuf,
    content: Content,
}

#[derive(Default, Deserialize)]
struct Content {
    prisma: Option<Prisma>,
}

/// The key `prisma`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Prisma {
    /// The schema, from the folder of the file.
    pub(crate) schema: Option<PathBuf>,
    /// The command that fills the database with data.
    pub(crate) seed: Option<String>,
}

impl PackageJson {
    /// Finds the file for a command that was called in a folder.
    pub(crate) fn find(current_directory: &Path) -> Result<Option<Self>, Error> {
        let mut paths = current_directory.ancestors().map(|folder| folder.join("package.json"));
        let Some(path) = paths.find(|path| path.is_file()) else { return Ok(None) };
        // A package.json that cannot be parsed says nothing about Prisma.
        let content = serde_json::from_str(&text::read_lossy(&path)?).unwrap_or_default();
        Ok(Some(Self { path, content }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }

    pub(crate) fn prisma(&self) -> Option<&Prisma> {
        self.content.prisma.as_ref()
    }

    /// That the key is out of date, when it is there.
    pub(crate) fn warning(&self) -> Option<String> {
        self.prisma()?;
        Some(
            "The configuration property `package.json#prisma` is deprecated and will be removed in \
             Prisma 7. Please migrate to a Prisma config file (e.g., `prisma.config.ts`).\nFor more \
             information, see: https://pris.ly/prisma-config"
                .to_owned(),
        )
    }
}
