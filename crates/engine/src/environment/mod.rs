//! The environments of a project: which there are, what may be done to each, and where one leads.

mod check;
mod databases;

use project::{Action, DatabaseUrl, Environment, Environments, Project};
use serde::Serialize;

use crate::{Error, Settings};

pub use check::{EnvironmentCheck, HostView, Noticed, RdsView, SignInView, environment_check};
pub use databases::{ListedEnvironment, databases};

/// The environments of `undrift.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvironmentList {
    /// The environments, by name.
    pub environments: Vec<EnvironmentView>,
    /// What the project's own URL leads to, if there is one.
    pub project: Option<EnvironmentView>,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvironmentView {
    /// Its name; none for a database that no environment names.
    pub name: Option<String>,
    /// `local`, `dev`, `staging` or `production`.
    pub class: String,
    /// Whether nothing destructive is allowed, whatever the class.
    pub protected: bool,
    /// Its database, without password; none if that is not known.
    pub database: Option<String>,
    /// The variable that should hold the URL and does not.
    pub missing_variable: Option<String>,
    /// `password`, `iam` or `secret`.
    pub auth: &'static str,
    /// What may be done.
    pub permissions: Vec<Permission>,
    /// Where the class is said, or could be.
    pub place: String,
}

/// Whether something that destroys data may be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// `reset`, `push-with-loss`, `rollback`.
    pub action: String,
    /// Whether it may. What may be done still asks for its own word.
    pub allowed: bool,
}

/// Lists the environments.
///
/// # Errors
/// When `undrift.toml` cannot be read.
pub fn environments(
    project: Option<&Project>,
    settings: &Settings,
) -> Result<EnvironmentList, Error> {
    let all = read(settings)?;
    let environments = all
        .named()
        .map(|named| {
            let missing = named.variable.clone().filter(|_| named.url.is_none());
            view(&named.environment, named.url.as_ref(), missing)
        })
        .collect();
    let url = project.and_then(|project| project.database_url().ok());
    let project = url.map(|url| view(&all.class_of(&url), Some(&all.signed(&url)), None));
    Ok(EnvironmentList { environments, project })
}

/// Shows the environment of the project's database, which is that of `--env` or `--url` if they are given.
///
/// # Errors
/// When there is no such environment, or no database.
pub fn environment_show(project: &Project, settings: &Settings) -> Result<EnvironmentView, Error> {
    let all = read(settings)?;
    let url = project.database_url()?;
    Ok(view(&all.class_of(&url), Some(&all.signed(&url)), None))
}

/// The database of an environment.
///
/// # Errors
/// When the file does not name it, or its variable is not set.
pub(crate) fn url(name: &str, settings: &Settings) -> Result<DatabaseUrl, Error> {
    let all = read(settings)?;
    let named = all.named().find(|named| named.environment.name.as_deref() == Some(name));
    let Some(named) = named else {
        let names: Vec<&str> =
            all.named().filter_map(|named| named.environment.name.as_deref()).collect();
        let known = if names.is_empty() {
            "undrift.toml names no environments".to_owned()
        } else {
            format!("undrift.toml names {}", names.join(", "))
        };
        return Err(Error::Environment {
            problem: format!("there is no environment `{name}`: {known}"),
            next: format!(
                "undrift env list, or write into undrift.toml: [environments.{name}] url = \
                 \"postgresql://HOST:5432/DATABASE\""
            ),
        });
    };
    named.url.clone().ok_or_else(|| {
        let variable = named.variable.as_deref().unwrap_or("its variable");
        Error::Environment {
            problem: format!(
                "the environment `{name}` takes its URL from {variable}, which is not set"
            ),
            next: format!("export {variable}=\"postgresql://…\""),
        }
    })
}

fn read(settings: &Settings) -> Result<Environments, Error> {
    Ok(Environments::read(&settings.current_directory, &settings.environment)?)
}

fn view(
    environment: &Environment,
    url: Option<&DatabaseUrl>,
    missing_variable: Option<String>,
) -> EnvironmentView {
    let has = |name| url.is_some_and(|url| url.parameter(name).is_some());
    let permission = |action: &Action| Permission {
        action: action.to_string(),
        allowed: environment.allows(*action),
    };
    EnvironmentView {
        name: environment.name.clone(),
        class: environment.class.to_string(),
        protected: environment.protected,
        database: url.map(shown),
        missing_variable,
        auth: match (has("auth"), has("secret")) {
            (true, _) => "iam",
            (false, true) => "secret",
            (false, false) => "password",
        },
        permissions: Action::ALL.iter().map(permission).collect(),
        place: environment.place.clone(),
    }
}

/// A URL without password; of a secret that was not asked, its name.
fn shown(url: &DatabaseUrl) -> String {
    match url.parameter("secret").filter(|_| url.host.is_empty()) {
        Some(secret) => format!("aws-secretsmanager:{secret}"),
        None => url.to_string(),
    }
}
