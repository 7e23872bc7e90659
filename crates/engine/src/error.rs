//! Whatever stops a use case.

use std::path::PathBuf;

use crate::{Divergence, PreflightFinding, Question, Retry};

/// Whatever stops a use case; [`Report`](crate::Report) is how it is told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory the command was called in cannot be told.
    #[error("finding the current directory: {0}")]
    CurrentDirectory(std::io::Error),
    /// The project cannot be used as it is.
    #[error(transparent)]
    Project(#[from] project::Error),
    /// The schema is refused; the text shows every mistake with its lines.
    #[error("{excerpts}\nValidation Error Count: {count}")]
    Schema {
        /// The mistakes with their lines.
        excerpts: String,
        /// How many they are.
        count: usize,
    },
    /// The schema is refused, and was to be kept where a database is pulled.
    #[error(
        "{excerpts}\n\nIntrospection failed as your current Prisma schema file is invalid\n\nPlease fix \
         your current schema manually (using either prisma validate or the Prisma VS Code extension to \
         understand what's broken and confirm you fixed it), and then run this command again.\nOr run \
         this command with the --force flag to ignore your current schema and overwrite it. All local \
         modifications will be lost."
    )]
    PreviousSchema {
        /// The mistakes with their lines.
        excerpts: String,
    },
    /// There is nothing to pull.
    #[error(
        "The introspected database was empty:\n\nprisma db pull could not create any models in your \
         schema.prisma file and you will not be able to generate Prisma Client with the prisma generate \
         command.\n\nTo fix this, you have two options:\n\n- manually create a table in your database.\n\
         - make sure the database connection URL inside the datasource block in schema.prisma points to \
         a database that is not empty (it must contain at least one table).\n\nThen you can run prisma \
         db pull again."
    )]
    DatabaseEmpty,
    /// There is nothing to pull from.
    #[error(
        "The introspected database does not exist:\n\nprisma db pull could not create any models in your \
         schema.prisma file and you will not be able to generate Prisma Client with the prisma generate \
         command.\n\nTo fix this, you have two options:\n\n- manually create a database.\n- make sure the \
         database connection URL inside the datasource block in schema.prisma points to an existing \
         database.\n\nThen you can run prisma db pull again."
    )]
    NoDatabaseToPull,
    /// A database that a schema cannot stand for.
    #[error(
        "The schema of the introspected database was inconsistent: The schema of the introspected \
         database was inconsistent: {0}"
    )]
    Pull(#[source] pull::Error),
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
    /// A variable that the schema takes a URL from is not set; the text shows the lines.
    #[error("{excerpts}")]
    Variable {
        /// The variable.
        name: String,
        /// The mistake with its lines and their number.
        excerpts: String,
    },
    /// The config file gives the URL from something that is not there.
    #[error("The datasource.url property is required in your Prisma config file.")]
    UrlAbsent {
        /// The variable, if it is known which.
        variable: Option<String>,
        /// The config file, as the user would write it, with the line if it is known.
        place: String,
    },
    /// Nothing says that there is a database.
    #[error("A datasource block is missing in the Prisma schema file.")]
    NoDatasource,
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
    /// Folder, history and database have come apart, so that the history cannot be continued.
    #[error("{0}")]
    Diverged(Box<Divergence>),
    /// The data that is there stands in the way.
    #[error(
        "\n⚠️ We found changes that cannot be executed:\n\n  • {}\n",
        .steps.join("\n  • ")
    )]
    Unexecutable {
        /// What cannot be done, and why.
        steps: Vec<String>,
        /// For which command.
        retry: Retry,
    },
    /// Nobody was there to decide.
    #[error(
        "nobody is there to answer: {}",
        .0.iter().map(|question| question.text.as_str()).collect::<Vec<_>>().join(" ")
    )]
    Unanswered(Vec<Question>),
    /// An answer is not written as one.
    #[error("{0}")]
    Answers(String),
    /// The environment of the database does not allow it.
    #[error("{doing} is refused on {database}, which is {class}: it destroys data")]
    Forbidden {
        /// What was to be done.
        doing: &'static str,
        /// The database, without password.
        database: String,
        /// Its class, or `protected`.
        class: String,
        /// What to change, and where.
        remedy: String,
    },
    /// An agent called without the user's consent.
    #[error(
        "undrift detected that it was invoked by {agent}. {doing} destroys data, which no agent may do \
         on its own account. Stop here, tell the user which command you were about to run, why, on \
         which database, and that its data would be gone for good, and ask whether to go on."
    )]
    Agent {
        /// Who called.
        agent: String,
        /// What was to be done.
        doing: &'static str,
    },
    /// A flag is missing, or two exclude each other.
    #[error("{0}")]
    Usage(String),
    /// A program that was run failed, or could not be run.
    #[error("{message}")]
    Program {
        /// What happened.
        message: String,
        /// What can be done about it.
        help: Option<String>,
    },
    /// A file cannot be used as a plan.
    #[error("{}: {problem}", .path.display())]
    PlanFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// What a plan was made of has changed since.
    #[error(
        "the plan is not of what is there now, so nothing was changed. Since it was made:\n  {}",
        .0.join("\n  ")
    )]
    PlanOutdated(Vec<String>),
    /// A plan would fail for the data that is there.
    #[error("the plan would fail, so nothing was changed:\n  {}", .0.join("\n  "))]
    PlanStopped(Vec<String>),
    /// A plan has a question that nobody has answered with yes.
    #[error(
        "the plan does not say yes to what it asks, so nothing was changed: {}",
        .0.iter().map(|question| question.text.as_str()).collect::<Vec<_>>().join(" ")
    )]
    PlanOpen(Vec<Question>),
    /// A person has not approved, or not this.
    #[error("{problem}")]
    Unapproved {
        /// What is the matter.
        problem: String,
        /// What can be done about it.
        next: Vec<String>,
    },
    /// Something else has to be done first.
    #[error("{0}")]
    Unready(String),
    /// Something stands in the way of a deploy, and nothing was changed.
    #[error(
        "the deploy was stopped before anything was changed:\n  {}",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
    )]
    Preflight(Vec<PreflightFinding>),
    /// The migration that was found does not make the database what it is.
    #[error(
        "it cannot be proven that the outcome is what it should be, so nothing was changed. What would \
         differ:\n  {}",
        .0.join("\n  ")
    )]
    Unproven(Vec<String>),
    /// An environment of `undrift.toml` cannot be used.
    #[error("{problem}")]
    Environment {
        /// What is wrong.
        problem: String,
        /// What to do.
        next: String,
    },
    /// The user decided against it.
    #[error("{0}")]
    Declined(&'static str),
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// A local server is asked for that does not run.
    #[error("no local server is running for this project")]
    NotRunning,
}

impl Error {
    /// Prisma's code for it, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Project(error) => error.code(),
            Self::Schema { .. } | Self::PreviousSchema { .. } | Self::Variable { .. } => {
                Some("P1012")
            }
            Self::DatabaseEmpty => Some("P4001"),
            Self::Pull(_) => Some("P4002"),
            Self::NoDatabaseToPull => Some("P1003"),
            Self::Database(error) => error.code(),
            Self::Deploy { error, .. } => error.code(),
            Self::CurrentDirectory(_)
            | Self::Server(_)
            | Self::NoShadow
            | Self::Snapshot { .. }
            | Self::File { .. }
            | Self::NothingToCompare
            | Self::NoMigrations(_)
            | Self::Diverged(_)
            | Self::Unexecutable { .. }
            | Self::Unanswered(_)
            | Self::Declined(_)
            | Self::PlanFile { .. }
            | Self::PlanOutdated(_)
            | Self::PlanStopped(_)
            | Self::PlanOpen(_)
            | Self::Unapproved { .. }
            | Self::Unready(_)
            | Self::Preflight(_)
            | Self::Unproven(_)
            | Self::Environment { .. }
            | Self::Forbidden { .. }
            | Self::Agent { .. }
            | Self::Usage(_)
            | Self::Program { .. }
            | Self::Answers(_)
            | Self::Interrupted
            | Self::UrlAbsent { .. }
            | Self::NoDatasource
            | Self::NotRunning => None,
        }
    }

    /// What `undrift explain` knows it as: Prisma's code, or a name of undrift's own.
    pub fn topic(&self) -> Option<&'static str> {
        if let Some(code) = self.code() {
            return Some(code);
        }
        match self {
            Self::Database(error) => database_topic(error),
            Self::Deploy { error, .. } => database_topic(error),
            Self::Server(_) => Some("server-failed"), // topic
            Self::NoShadow => Some("no-shadow"),      // topic
            Self::Snapshot { .. } => Some("snapshot-unusable"), // topic
            Self::NothingToCompare => Some("nothing-to-compare"), // topic
            Self::NoMigrations(_) => Some("no-migrations"), // topic
            Self::Diverged(_) => Some("diverged"),    // topic
            Self::Unexecutable { .. } => Some("unexecutable"), // topic
            Self::Unanswered(_) => Some("unanswered"), // topic
            Self::PlanFile { .. } => Some("plan-unusable"), // topic
            Self::PlanOutdated(_) => Some("plan-outdated"), // topic
            Self::PlanStopped(_) => Some("plan-stopped"), // topic
            Self::Preflight(_) => Some("preflight"),  // topic
            Self::PlanOpen(_) => Some("plan-open"),   // topic
            Self::Unapproved { .. } => Some("unapproved"), // topic
            Self::Unproven(_) => Some("unproven"),    // topic
            Self::Forbidden { .. } => Some("forbidden"), // topic
            Self::Agent { .. } => Some("agent"),      // topic
            Self::Program { .. } => Some("program-failed"), // topic
            Self::Interrupted => Some("interrupted"), // topic
            Self::UrlAbsent { .. } => Some("url-absent"), // topic
            Self::NoDatasource => Some("no-datasource"), // topic
            Self::NotRunning => Some("not-running"),  // topic
            // These say all there is to say.
            Self::CurrentDirectory(_)
            | Self::Project(_)
            | Self::Schema { .. }
            | Self::PreviousSchema { .. }
            | Self::DatabaseEmpty
            | Self::NoDatabaseToPull
            | Self::Pull(_)
            | Self::Variable { .. }
            | Self::File { .. }
            | Self::Answers(_)
            | Self::Usage(_)
            | Self::Environment { .. }
            | Self::Unready(_)
            | Self::Declined(_) => None,
        }
    }

    /// The exit code it means: 130 where the user interrupted or has to decide first, 1 otherwise.
    pub fn exit_code(&self) -> u8 {
        let is_stopped = matches!(
            self,
            Self::Interrupted
                | Self::Diverged(_)
                | Self::Unanswered(_)
                | Self::PlanOpen(_)
                | Self::Declined(_)
        );
        let is_interrupted = matches!(self.database(), Some(database::Error::Interrupted));
        if is_stopped || is_interrupted { 130 } else { 1 }
    }

    /// What went wrong with the database, if that is it.
    pub(crate) fn database(&self) -> Option<&database::Error> {
        match self {
            Self::Database(error) => Some(error),
            Self::Deploy { error, .. } => Some(error),
            Self::CurrentDirectory(_)
            | Self::Project(_)
            | Self::PreviousSchema { .. }
            | Self::DatabaseEmpty
            | Self::NoDatabaseToPull
            | Self::Pull(_)
            | Self::Schema { .. }
            | Self::Variable { .. }
            | Self::Server(_)
            | Self::NoShadow
            | Self::Snapshot { .. }
            | Self::File { .. }
            | Self::NothingToCompare
            | Self::NoMigrations(_)
            | Self::Diverged(_)
            | Self::Unexecutable { .. }
            | Self::Unanswered(_)
            | Self::Declined(_)
            | Self::PlanFile { .. }
            | Self::PlanOutdated(_)
            | Self::PlanStopped(_)
            | Self::PlanOpen(_)
            | Self::Unapproved { .. }
            | Self::Unready(_)
            | Self::Preflight(_)
            | Self::Unproven(_)
            | Self::Environment { .. }
            | Self::Forbidden { .. }
            | Self::Agent { .. }
            | Self::Usage(_)
            | Self::Program { .. }
            | Self::Answers(_)
            | Self::Interrupted
            | Self::UrlAbsent { .. }
            | Self::NoDatasource
            | Self::NotRunning => None,
        }
    }
}

/// What `undrift explain` knows an error of the database as that has no code of Prisma's.
fn database_topic(error: &database::Error) -> Option<&'static str> {
    use database::Error as Database;
    match error {
        Database::ShadowNotEmpty { .. } => Some("shadow-not-empty"), // topic
        Database::ReadOnly { .. } => Some("read-only"),              // topic
        Database::WrongEndpoint { .. } => Some("wrong-endpoint"),    // topic
        Database::HistoryDenied { .. } => Some("history-denied"),    // topic
        Database::HistoryUnreadable { .. } => Some("history-unreadable"), // topic
        Database::ScriptFailed(_) => Some("script-failed"),          // topic
        Database::Server { .. } => Some("database-error"),           // topic
        Database::Interrupted => Some("interrupted"),                // topic
        Database::AuthenticationFailed { .. }
        | Database::Aws { .. }
        | Database::Unreachable { .. }
        | Database::ConnectTimeout { .. }
        | Database::DatabaseMissing { .. }
        | Database::AccessDenied { .. }
        | Database::Tls { .. }
        | Database::ConnectionClosed { .. }
        | Database::LockTimeout { .. }
        | Database::NotEmpty { .. }
        | Database::FailedMigrations(_)
        | Database::MigrationFailed(_)
        | Database::Blocked(_)
        | Database::ReplayFailed(_)
        | Database::Resolve { .. }
        | Database::Driver { .. }
        | Database::File { .. } => None,
    }
}
