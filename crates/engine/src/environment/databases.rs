//! The databases of a project: its own, and those that `undrift.toml` names.

use project::{Class, DatabaseUrl, Environments, Project, is_same_database};
use serde::Serialize;

use crate::{Described, Error, Settings, datasource};

/// A database of the project.
#[derive(Debug, Clone, Serialize)]
pub struct ListedEnvironment {
    /// The name in `undrift.toml`; `default` for the project's own database where that is not in it.
    pub name: String,
    /// `local`, `dev`, `staging` or `production`.
    pub class: String,
    /// Whether data may not be destroyed there: in production, and where the file protects it.
    pub is_guarded: bool,
    /// Whether it is the database that commands work on.
    pub is_default: bool,
    /// The database; none if the variable that should hold its URL is not set.
    pub datasource: Option<Described>,
    #[serde(skip)]
    url: Option<DatabaseUrl>,
}

impl ListedEnvironment {
    /// The settings for commands on this database; none if it has no URL.
    pub fn settings(&self, settings: &Settings) -> Option<Settings> {
        if self.is_default {
            return Some(settings.clone());
        }
        let url = Some(self.url.as_ref()?.to_url());
        Some(Settings { url, ..settings.clone() })
    }
}

/// Lists the databases of a project, its own first. Asks none of them.
///
/// # Errors
/// When `undrift.toml` has a mistake.
pub fn databases(project: &Project, settings: &Settings) -> Result<Vec<ListedEnvironment>, Error> {
    let file = Environments::read(&settings.current_directory, &settings.environment)?;
    let own = project.database_url().ok();
    let is_own = |url: &DatabaseUrl| own.as_ref().is_some_and(|own| is_same_database(own, url));
    let mut listed: Vec<ListedEnvironment> = Vec::new();
    for (environment, url) in file.all() {
        listed.push(ListedEnvironment {
            name: environment.name.clone().unwrap_or_default(),
            class: environment.class.to_string(),
            is_guarded: environment.protected || environment.class == Class::Production,
            is_default: url.is_some_and(is_own),
            datasource: url.map(|url| datasource::describe(project, url)),
            url: url.cloned(),
        });
    }
    let mut has_default = false;
    for environment in &mut listed {
        // Of two names of one database the first is it.
        environment.is_default &= !has_default;
        has_default |= environment.is_default;
    }
    if !has_default {
        let known = own.as_ref().map(|url| file.class_of(url));
        let class = known.as_ref().map_or(Class::Local, |known| known.class);
        listed.push(ListedEnvironment {
            name: "default".to_owned(),
            class: class.to_string(),
            is_guarded: class == Class::Production || known.is_some_and(|known| known.protected),
            is_default: true,
            datasource: own.as_ref().map(|url| datasource::describe(project, url)),
            url: own,
        });
    }
    listed.sort_by_key(|environment| !environment.is_default);
    Ok(listed)
}
