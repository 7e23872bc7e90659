//! What can be wrong with a project on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::url::UrlError;

/// A project that cannot be used as it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No schema in any of the places where Prisma looks.
    #[error(
        "Could not find Prisma Schema that is required for this command.\nYou can either provide it \
         with `--schema` argument,\nset it in your Prisma Config file (e.g., `prisma.config.ts`),\nset \
         it as `prisma.schema` in your package.json,\nor put it into the default location \
         (`./prisma/schema.prisma`, or `./schema.prisma`).\nChecked following paths:\n\n{}\n\nSee \
         also https://pris.ly/d/prisma-schema-location",
        .0.iter().map(|path| format!("{path}: file not found")).collect::<Vec<_>>().join("\n")
    )]
    NoSchema(Vec<String>),
    /// A schema that was named is not there.
    #[error("Could not load {origin} from provided path `{path}`: file or directory not found")]
    SchemaMissing {
        /// The flag, or the file that names it.
        origin: String,
        /// What was named.
        path: String,
    },
    /// A schema that a file of the project names is not there.
    #[error("Could not load schema from `{path}` provided by {by}: file or directory not found")]
    NamedSchemaMissing {
        /// What was named.
        path: String,
        /// The file that names it.
        by: &'static str,
    },
    /// A file could not be read.
    #[error("reading {}: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: Arc<std::io::Error>,
    },
    /// A file could not be written.
    #[error("writing {}: {cause}", .path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        cause: Arc<std::io::Error>,
    },
    /// A text file is not UTF-8.
    #[error("{} is not UTF-8 text: byte {offset} (line {line}) cannot be decoded", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first byte that is wrong, from 0.
        offset: usize,
        /// The line it is in, from 1.
        line: usize,
    },
    /// A config file that was named is not there.
    #[error("Config file not found at \"{}\"", .0.display())]
    ConfigMissing(PathBuf),
    /// A config file cannot be understood without running it.
    #[error("{}:{line}:{column}: {problem}", .path.display())]
    Config {
        /// The config file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// Where, from 1, in characters.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// A variable that the project needs is not set.
    #[error("Environment variable not found: {name}.\n  -->  {origin}")]
    VariableMissing {
        /// The variable.
        name: String,
        /// The file that names it, with the line.
        origin: String,
    },
    /// A variable that should hold a URL is empty.
    #[error(
        "Error validating datasource `{datasource}`: You must provide a nonempty URL. The environment \
         variable `{name}` resolved to an empty string.\n  -->  {origin}"
    )]
    VariableEmpty {
        /// The variable.
        name: String,
        /// The datasource block.
        datasource: String,
        /// The file that names it, with the line.
        origin: String,
    },
    /// A variable that the config file asks for with `env()` is not set.
    #[error(
        "Failed to load config file \"{}\" as a TypeScript/JavaScript module. Error: \
         PrismaConfigEnvError: Cannot resolve environment variable: {name}.", .path.display()
    )]
    ConfigVariableMissing {
        /// The config file.
        path: PathBuf,
        /// The variable.
        name: String,
        /// The line that asks for it, from 1.
        line: usize,
    },
    /// Prisma 6 refuses two `.env` files that give variables the same value.
    #[error(
        "There is a conflict between env var{} in {first} and {second}\nConflicting env vars:\n{}\n\n\
         We suggest to move the contents of {second} to {first} to consolidate your env vars.\n",
        if names.len() > 1 { "s" } else { "" },
        .names.iter().map(|name| format!("  {name}")).collect::<Vec<_>>().join("\n")
    )]
    EnvFilesConflict {
        /// The file that would win.
        first: String,
        /// The file beside the schema.
        second: String,
        /// The variables in both.
        names: Vec<String>,
    },
    /// The config file gives an empty URL.
    #[error("Connection url is empty. See https://pris.ly/d/config-url")]
    EmptyUrl,
    /// Neither config nor flag names a database.
    #[error(
        "The datasource.url property is required in your Prisma config file when using this command."
    )]
    NoUrl,
    /// The schema of a project without config file names no database.
    #[error("Argument \"url\" is missing in data source block \"{0}\".")]
    NoUrlArgument(String),
    /// The database URL cannot be used.
    #[error("{0}")]
    Url(#[from] UrlError),
    /// A migration folder has no script.
    #[error(
        "Could not find the migration file at {}. Please delete the directory or restore the \
         migration file.", .0.display()
    )]
    ScriptMissing(PathBuf),
    /// The migrations were made for another database.
    #[error(
        "The datasource provider `postgresql` specified in your schema does not match the one \
         specified in the migration_lock.toml, `{0}`. Please remove your current migration directory \
         and start a new migration history with prisma migrate dev. Read more: \
         https://pris.ly/d/migrate-provider-switch"
    )]
    OtherProvider(String),
    /// A file is not of the form it should have.
    #[error("{}: {problem}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl Error {
    /// The file or folder could not be read.
    pub(crate) fn unwritable(path: &Path, cause: std::io::Error) -> Self {
        Self::Unwritable { path: path.to_owned(), cause: Arc::new(cause) }
    }

    pub(crate) fn unreadable(path: &Path, cause: std::io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), cause: Arc::new(cause) }
    }

    /// Prisma's code for it, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::VariableMissing { .. } | Self::VariableEmpty { .. } | Self::NoUrlArgument(_) => {
                Some("P1012")
            }
            Self::Url(_) => Some("P1013"),
            Self::ScriptMissing(_) => Some("P3015"),
            Self::OtherProvider(_) => Some("P3019"),
            Self::NoSchema(_)
            | Self::SchemaMissing { .. }
            | Self::NamedSchemaMissing { .. }
            | Self::ConfigVariableMissing { .. }
            | Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::NotUtf8 { .. }
            | Self::ConfigMissing(_)
            | Self::Config { .. }
            | Self::EnvFilesConflict { .. }
            | Self::EmptyUrl
            | Self::NoUrl
            | Self::Malformed { .. } => None,
        }
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::VariableMissing { name, .. }
            | Self::VariableEmpty { name, .. }
            | Self::ConfigVariableMissing { name, .. } => {
                Some(format!("set it, or put {name}=\"postgresql://…\" into .env"))
            }
            Self::NoUrl | Self::EmptyUrl | Self::NoUrlArgument(_) => Some(
                "give --url, or set datasource.url in prisma.config.ts or in the schema".to_owned(),
            ),
            Self::Config { .. } => Some(
                "undrift reads the config file without running it; write the value as a string, \
                 env(\"NAME\"), process.env.NAME or a constant of the same file, or give --schema \
                 and --url"
                    .to_owned(),
            ),
            Self::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
            Self::EnvFilesConflict { names, second, .. } => {
                Some(format!("take {} out of {second}", names.join(", ")))
            }
            Self::NoSchema(_)
            | Self::SchemaMissing { .. }
            | Self::NamedSchemaMissing { .. }
            | Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::ConfigMissing(_)
            | Self::Url(_)
            | Self::ScriptMissing(_)
            | Self::OtherProvider(_)
            | Self::Malformed { .. } => None,
        }
    }
}
