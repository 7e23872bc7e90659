//! What can be wrong with a project on disk.

use std::path::PathBuf;

use crate::url::UrlError;

/// A project that cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No schema in any of the places where Prisma looks.
    #[error(
        "Could not find Prisma Schema that is required for this command.\nYou can either provide it \
         with `--schema` argument,\nset it in your Prisma Config file (e.g., `prisma.config.ts`),\nset \
         it as `prisma.schema` in your package.json,\nor put it into the default location \
         (`./prisma/schema.prisma`, or `./schema.prisma`).\nChecked following paths:\n\n{}",
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
    /// A file could not be read.
    #[error("reading {}: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
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
    #[error("the config file {} does not exist", .0.display())]
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
    #[error("Environment variable not found: {name}.\n\nIt is named in {origin}.")]
    VariableMissing {
        /// The variable.
        name: String,
        /// The file that names it.
        origin: String,
    },
    /// Neither schema, config nor flag names a database.
    #[error(
        "no database URL: neither --url, nor the datasource of the schema, nor the config file names \
         one"
    )]
    NoUrl,
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
    /// Prisma's code for it, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::VariableMissing { .. } => Some("P1012"),
            Self::Url(_) => Some("P1013"),
            Self::ScriptMissing(_) => Some("P3015"),
            Self::OtherProvider(_) => Some("P3019"),
            Self::NoSchema(_)
            | Self::SchemaMissing { .. }
            | Self::Unreadable { .. }
            | Self::NotUtf8 { .. }
            | Self::ConfigMissing(_)
            | Self::Config { .. }
            | Self::NoUrl
            | Self::Malformed { .. } => None,
        }
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::VariableMissing { name, .. } => {
                Some(format!("set it, or put {name}=\"postgresql://…\" into .env"))
            }
            Self::NoUrl => Some(
                "give --url, or set datasource.url in prisma.config.ts or in the schema".to_owned(),
            ),
            Self::Config { .. } => Some(
                "undrift reads the config file without running it; write the value as a string, \
                 env(\"NAME\"), process.env.NAME or a constant of the same file, or give --schema \
                 and --url"
                    .to_owned(),
            ),
            Self::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
            Self::NoSchema(_)
            | Self::SchemaMissing { .. }
            | Self::Unreadable { .. }
            | Self::ConfigMissing(_)
            | Self::Url(_)
            | Self::ScriptMissing(_)
            | Self::OtherProvider(_)
            | Self::Malformed { .. } => None,
        }
    }
}
