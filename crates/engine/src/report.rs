//! How an error is told: one shape for text, JSON and whatever comes.

use serde::Serialize;

use crate::{Error, Question, Retry};

/// An error as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Prisma's code for it, if it has one.
    pub code: Option<&'static str>,
    /// What `undrift explain` knows it as.
    pub explain: Option<&'static str>,
    /// What is wrong; Prisma's words where Prisma has the error.
    pub message: String,
    /// Why, as far as the server or the operating system told: what Prisma keeps to itself.
    pub cause: Option<String>,
    /// The migrations that were applied before it and stay applied.
    pub applied: Vec<String>,
    /// What can be done about it, each a command or a change to make.
    pub next: Vec<String>,
    /// What the user has to decide first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
}

impl Error {
    /// Returns how the error is told.
    pub fn report(&self) -> Report {
        let cause = if let Self::UrlAbsent { variable, place } = self {
            Some(match variable {
                Some(name) => format!("environment variable {name}, named at {place}, is not set"),
                None => {
                    format!("{place} sets it from something that is absent, such as a variable")
                }
            })
        } else {
            self.database().and_then(cause)
        };
        // What is taken for a port may be the rest of a password with a slash in it.
        let is_port = matches!(self, Self::Project(project::Error::Url(project::UrlError::Port)));
        let text = if is_port {
            "The provided database string is invalid. invalid port number in database URL."
                .to_owned()
        } else {
            self.to_string()
        };
        let message = match &cause {
            Some(cause) => {
                text.strip_suffix(&format!("\n\nCause: {cause}")).unwrap_or(&text).to_owned()
            }
            None => text,
        };
        let applied =
            if let Self::Deploy { applied, .. } = self { applied.clone() } else { Vec::new() };
        let questions = if let Self::Unanswered(questions) | Self::PlanOpen(questions) = self {
            questions.clone()
        } else {
            Vec::new()
        };
        let (code, explain) = (self.code(), self.topic());
        Report { code, explain, message, cause, applied, next: self.next(), questions }
    }

    fn next(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Project(project::Error::Url(_)) => one(
                "write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE; characters such as @ : / # ? \
                 in user and password must be percent-encoded",
            ),
            Self::Project(project::Error::ScriptMissing(path)) => {
                vec![
                    "if it was applied, get it back: undrift repair".to_owned(),
                    format!("find the file: git log --all --oneline -- \"{}\"", path.display()),
                ]
            }
            Self::Project(error) => error.help().into_iter().collect(),
            Self::Database(error) => next(error),
            Self::Deploy { error, .. } => next(error),
            Self::Variable { name, .. } => {
                vec![format!("set it, or put {name}=\"postgresql://…\" into .env")]
            }
            Self::NoShadow => one(
                "install PostgreSQL's server programs, or set shadowDatabaseUrl to an empty database",
            ),
            Self::NoDatasource => one(
                "write datasource db { provider = \"postgresql\" } into the schema, or give --url",
            ),
            Self::UrlAbsent { variable, .. } => {
                let variable = variable.as_deref().unwrap_or("the variable");
                vec![format!("set {variable}, or give --url")]
            }
            Self::NotRunning => one("undrift local start"),
            Self::NothingToCompare => one("undrift migrate diff --help"),
            Self::Interrupted => one("run the command again"),
            Self::Diverged(divergence) => divergence.repairs(),
            Self::Unexecutable { retry: Retry::Dev, .. } => {
                one("write the migration without applying it, complete it by hand, and apply it: \
                 undrift migrate dev --create-only")
            }
            Self::Unexecutable { retry: Retry::Push, .. } => {
                one("fill or change the data first; or, if the data can go, all of it: \
                 undrift db push --force-reset")
            }
            Self::Unanswered(questions) => {
                questions.iter().map(|question| format!("answer with {}", question.flag)).collect()
            }
            Self::PlanOutdated(_) => {
                one("make it again, and look at it again: undrift plan -o FILE")
            }
            Self::PlanStopped(_) => {
                one("change the data or the migration, and make the plan again")
            }
            Self::PlanOpen(questions) => {
                let answer = |it: &Question| {
                    format!("undrift plan -o FILE --answer {}=…: {}", it.id, it.about.join("; "))
                };
                questions.iter().map(answer).collect()
            }
            Self::Forbidden { remedy, .. } => one(remedy),
            Self::Preflight(findings) => {
                findings.iter().map(|it| format!("{}: {}", it.code, it.command)).collect()
            }
            Self::Environment { next, .. } => one(next),
            Self::Agent { .. } => vec![format!(
                "if the user agrees, run the command again with {} set to the words they agreed with",
                crate::destruction::CONSENT
            )],
            Self::Unapproved { next, .. } => next.clone(),
            Self::Program { help, .. } => help.iter().cloned().collect(),
            Self::DatabaseEmpty => one("undrift migrate deploy, or give --url or --schemas"),
            Self::NoDatabaseToPull => one("undrift migrate deploy, or give --url"),
            Self::PreviousSchema { .. } => one("undrift db pull --force"),
            Self::Pull(_) => one("undrift db pull --schemas SCHEMA,SCHEMA"),
            Self::CurrentDirectory(_)
            | Self::Schema { .. }
            | Self::Server(_)
            | Self::Snapshot { .. }
            | Self::File { .. }
            | Self::NoMigrations(_)
            | Self::Declined(_)
            | Self::PlanFile { .. }
            | Self::Unready(_)
            | Self::Unproven(_)
            | Self::Usage(_)
            | Self::Answers(_) => Vec::new(),
        }
    }
}

/// What the server or the operating system said.
fn cause(error: &database::Error) -> Option<String> {
    use database::Error as Database;
    let cause = match error {
        Database::AuthenticationFailed { cause, .. }
        | Database::Unreachable { cause, .. }
        | Database::AccessDenied { cause, .. }
        | Database::ConnectionClosed { cause } => cause.clone(),
        Database::HistoryDenied { cause, .. } => cause.to_string(),
        Database::ScriptFailed(failure) => match &failure.statement {
            Some(at) => {
                let database::FailedStatement { number, of, line, column, .. } = at;
                format!("statement {number} of {of}, line {line}, column {column}")
            }
            None => String::new(),
        },
        Database::ConnectTimeout { .. }
        | Database::Aws { .. }
        | Database::WrongEndpoint { .. }
        | Database::DatabaseMissing { .. }
        | Database::Tls { .. }
        | Database::LockTimeout { .. }
        | Database::Blocked(_)
        | Database::NotEmpty { .. }
        | Database::FailedMigrations(_)
        | Database::MigrationFailed(_)
        | Database::ReplayFailed(_)
        | Database::ShadowNotEmpty { .. }
        | Database::ReadOnly { .. }
        | Database::HistoryUnreadable { .. }
        | Database::Resolve { .. }
        | Database::Interrupted
        | Database::Server { .. }
        | Database::Driver { .. }
        | Database::File { .. } => String::new(),
    };
    Some(cause).filter(|cause| !cause.is_empty())
}

/// What can be done.
fn next(error: &database::Error) -> Vec<String> {
    use database::Error as Database;
    match error {
        Database::NotEmpty { .. } => vec![
            "undrift status".to_owned(),
            "begin the history with what the database is: undrift baseline".to_owned(),
        ],
        Database::FailedMigrations(failed) => {
            failed.iter().flat_map(|failed| resolve(&failed.name)).collect()
        }
        Database::MigrationFailed(failure) => resolve(&failure.migration).into(),
        Database::Interrupted => vec!["run the command again".to_owned()],
        Database::AuthenticationFailed { .. }
        | Database::Aws { .. }
        | Database::WrongEndpoint { .. }
        | Database::Unreachable { .. }
        | Database::ConnectTimeout { .. }
        | Database::DatabaseMissing { .. }
        | Database::AccessDenied { .. }
        | Database::Tls { .. }
        | Database::ConnectionClosed { .. }
        | Database::LockTimeout { .. }
        | Database::Blocked(_)
        | Database::ReplayFailed(_)
        | Database::ShadowNotEmpty { .. }
        | Database::ReadOnly { .. }
        | Database::HistoryDenied { .. }
        | Database::HistoryUnreadable { .. }
        | Database::Resolve { .. }
        | Database::ScriptFailed(_)
        | Database::Server { .. }
        | Database::Driver { .. }
        | Database::File { .. } => error.help().into_iter().collect(),
    }
}

/// The ways out of a failed migration: proven, or by hand.
pub(crate) fn resolve(migration: &str) -> [String; 3] {
    [
        format!("see what took effect, and get out of it: undrift recover \"{migration}\""),
        format!(
            "if nothing of it is left in the database, repair the file and \
             undrift migrate resolve --rolled-back \"{migration}\""
        ),
        format!(
            "if you completed it by hand, \
             undrift migrate resolve --applied \"{migration}\""
        ),
    ]
}
