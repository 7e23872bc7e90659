//! Whatever stops a use case.

use std::path::PathBuf;

/// Whatever stops a use case; the message is for a person, the help is the next thing to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory the command was called in cannot be told.
    #[error("finding the current directory: {0}")]
    CurrentDirectory(std::io::Error),
    /// The project cannot be used as it is.
    #[error(transparent)]
    Project(#[from] project::Error),
    /// The schema is refused; the text shows every mistake with its lines.
    #[error("Prisma schema validation\n{excerpts}")]
    Schema {
        /// The mistakes with their lines and their number.
        excerpts: String,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// A deploy that did not reach its end.
    #[error("{error}")]
    Deploy {
        /// Why.
        error: Box<database::Error>,
        /// What was applied before it.
        applied: Vec<String>,
    },
    /// A server that undrift runs itself.
    #[error(transparent)]
    Server(#[from] server::Error),
    /// There is nothing to replay migrations on.
    #[error(
        "there is no database to replay the migrations on: no shadow database URL, no PostgreSQL \
         programs on this machine, and this build has no PostgreSQL inside"
    )]
    NoShadow,
    /// A snapshot file cannot be used.
    #[error("{}: {problem}", .path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file could not be read or written.
    #[error("{doing} {}: {cause}", .path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// Both sides of a comparison are nothing.
    #[error("Could not determine the connector to use for diffing.")]
    NothingToCompare,
    /// A migrations folder that was named does not exist.
    #[error(
        "Could not determine the connector from the migrations directory (missing \
         migration_lock.toml): {} does not exist.", .0.display()
    )]
    NoMigrations(PathBuf),
    /// A local server is asked for that does not run.
    #[error("no local server is running for this project")]
    NotRunning,
}

impl Error {
    /// Prisma's code for it, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Project(error) => error.code(),
            Self::Schema { .. } => Some("P1012"),
            Self::Database(error) => error.code(),
            Self::Deploy { error, .. } => error.code(),
            Self::CurrentDirectory(_)
            | Self::Server(_)
            | Self::NoShadow
            | Self::Snapshot { .. }
            | Self::File { .. }
            | Self::NothingToCompare
            | Self::NoMigrations(_)
            | Self::NotRunning => None,
        }
    }

    /// What the user can do about it, a line each.
    pub fn help(&self) -> Vec<String> {
        match self {
            Self::Project(error) => error.help().into_iter().collect(),
            Self::Database(error) => error.help().into_iter().collect(),
            Self::Deploy { error, applied } => {
                let mut help: Vec<String> = error.help().into_iter().collect();
                if !applied.is_empty() {
                    help.push(format!(
                        "{} applied before that and stay applied: {}",
                        applied.len(),
                        applied.join(", ")
                    ));
                }
                help
            }
            Self::NoShadow => vec![
                "install PostgreSQL's server programs, or set shadowDatabaseUrl to an empty database"
                    .to_owned(),
            ],
            Self::NotRunning => vec!["undrift local start".to_owned()],
            Self::CurrentDirectory(_)
            | Self::Schema { .. }
            | Self::Server(_)
            | Self::Snapshot { .. }
            | Self::File { .. }
            | Self::NothingToCompare
            | Self::NoMigrations(_) => Vec::new(),
        }
    }

    /// The exit code it means: 130 for an interruption, 1 otherwise.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Database(database::Error::Interrupted) => 130,
            Self::Deploy { error, .. } if matches!(**error, database::Error::Interrupted) => 130,
            _ => 1,
        }
    }

    /// Whether the connection prefix of Prisma's one-line form belongs before the message.
    pub fn is_connection_error(&self) -> bool {
        self.code()
            .is_some_and(|code| matches!(code, "P1000" | "P1001" | "P1003" | "P1010" | "P1013"))
    }
}
