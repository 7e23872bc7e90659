//! Whether data may be destroyed: by the environment that the database belongs to, and by whoever
//! called.

use std::collections::BTreeMap;
use std::path::Path;

use database::Session;
use project::{Action, DatabaseUrl, Environments};

use crate::{Error, Settings};

/// The variable by which a user consents to what an agent does; Prisma's.
pub(crate) const CONSENT: &str = "PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION";

/// Fails unless the environment of the database allows the action, and, if an agent called, the user
/// has consented.
///
/// # Errors
/// [`Error::Forbidden`] with the line to change, [`Error::Agent`], or a mistake in `undrift.toml`.
pub(crate) fn permit(
    url: &DatabaseUrl,
    action: Action,
    doing: &'static str,
    settings: &Settings,
) -> Result<(), Error> {
    permit_anybody(url, action, doing, settings)?;
    permit_agent(doing, settings)
}

/// Fails if an agent called without the user's consent.
fn permit_agent(doing: &'static str, settings: &Settings) -> Result<(), Error> {
    match calling_agent(settings) {
        Some(agent) if !has_consent(&settings.environment) => Err(Error::Agent { agent, doing }),
        Some(_) | None => Ok(()),
    }
}

/// The agent that called, if one did.
pub(crate) fn calling_agent(settings: &Settings) -> Option<String> {
    let is_devin = Path::new("/opt/.devin").exists();
    agent(&settings.environment, is_devin)
}

/// Fails if the environment of the database is protected, or an agent called without the user's consent.
/// Otherwise what was looked at and agreed to may be done, on production, too: migrations are the way in
/// which data goes there.
///
/// # Errors
/// [`Error::Forbidden`] with the line to change, [`Error::Agent`], or a mistake in `undrift.toml`.
pub(crate) fn permit_reviewed(
    url: &DatabaseUrl,
    doing: &'static str,
    settings: &Settings,
) -> Result<(), Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = environments.class_of(url);
    if environment.protected {
        let remedy =
            format!("if that is meant, change {}; there is no flag for it", environment.place);
        let class = "protected".to_owned();
        return Err(Error::Forbidden { doing, database: url.to_string(), class, remedy });
    }
    permit_agent(doing, settings)
}

/// Fails unless the environment of the database allows the action, whoever called.
///
/// # Errors
/// [`Error::Forbidden`] with the line to change, or a mistake in `undrift.toml`.
pub(crate) fn permit_anybody(
    url: &DatabaseUrl,
    action: Action,
    doing: &'static str,
    settings: &Settings,
) -> Result<(), Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = environments.class_of(url);
    if environment.allows(action) {
        return Ok(());
    }
    let class =
        if environment.protected { "protected".to_owned() } else { environment.class.to_string() };
    let is_named = environment.name.is_some();
    let remedy = remedy(is_named, &environment.place, url, environment.class, action);
    Err(Error::Forbidden { doing, database: url.to_string(), class, remedy })
}

/// Fails if the database only looks as if it were on this machine: a tunnel leads to RDS or Aurora, and
/// no environment says that it may be thrown away.
///
/// # Errors
/// [`Error::Forbidden`] with what to write, or when the server cannot be asked.
pub(crate) async fn permit_on(
    session: &Session,
    url: &DatabaseUrl,
    action: Action,
    doing: &'static str,
    settings: &Settings,
) -> Result<(), Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = environments.class_of(url);
    if environment.name.is_some() || !database::is_managed(session).await? {
        return Ok(());
    }
    Err(Error::Forbidden {
        doing,
        database: url.to_string(),
        class: "on Amazon RDS and therefore production".to_owned(),
        remedy: remedy(false, &environment.place, url, environment.class, action),
    })
}

fn has_consent(environment: &BTreeMap<String, String>) -> bool {
    environment.get(CONSENT).is_some_and(|consent| !consent.is_empty())
}

/// What to change, and where.
fn remedy(
    named: bool,
    place: &str,
    url: &DatabaseUrl,
    class: project::Class,
    action: Action,
) -> String {
    if !named {
        let (when, entry) = match action {
            Action::Rollback => ("that is meant", "class = \"production\" allow = [\"rollback\"]"),
            Action::Reset | Action::PushWithLoss => {
                ("this database may be thrown away", "class = \"dev\"")
            }
        };
        return format!(
            "if {when}, say so in {place}: [environments.NAME] url = \"postgresql://{}/{}\" {entry}",
            url.address(),
            url.database
        );
    }
    match (action, class) {
        (Action::Rollback, _) | (_, project::Class::Staging) => {
            format!("if that is meant, add \"{action}\" to allow in the environment at {place}")
        }
        (_, project::Class::Local | project::Class::Dev | project::Class::Production) => {
            format!("if this database may be thrown away, change {place}; there is no flag for it")
        }
    }
}

/// The agents that say so, and the variables they say it by; as Prisma 7 knows them.
const AGENTS: &[(&str, &[&str])] = &[
    ("Claude Code", &["CLAUDECODE"]),
    (
        "Codex CLI",
        &["CODEX_THREAD_ID", "CODEX_CI", "CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED"],
    ),
    ("Gemini CLI", &["GEMINI_CLI"]),
    ("Qwen Code", &["QWEN_CODE"]),
    ("Cursor", &["CURSOR_AGENT"]),
    ("GitHub Copilot CLI", &["COPILOT_CLI"]),
    ("OpenCode", &["OPENCODE", "OPENCODE_CLIENT"]),
    ("Cline", &["CLINE_ACTIVE"]),
    ("Crush", &["CRUSH"]),
    ("Augment Code", &["AUGMENT_AGENT"]),
    ("Antigravity", &["ANTIGRAVITY_AGENT"]),
    ("Replit", &["REPLIT_CLI"]),
];

/// Those that put their name into a variable of many.
const NAMED: &[(&str, &str, &str)] =
    &[("Goose", "AGENT", "goose"), ("Amp", "AGENT", "amp"), ("Aider", "OR_APP_NAME", "Aider")];

/// The agent that called, if one did.
fn agent(environment: &BTreeMap<String, String>, is_devin: bool) -> Option<String> {
    let value = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    let by_variable = AGENTS
        .iter()
        .find(|(_, variables)| variables.iter().any(|variable| value(variable).is_some()))
        .map(|(agent, _)| *agent);
    let by_name = || {
        let is_named = |variable: &str, name: &str| value(variable).is_some_and(|it| it == name);
        NAMED
            .iter()
            .find(|(_, variable, name)| is_named(variable, name))
            .map(|(agent, _, _)| *agent)
    };
    let is_replit = || value("REPLIT_SESSION").is_some_and(|it| it.starts_with("agent-"));
    if let Some(agent) = by_variable.or_else(by_name) {
        return Some(agent.to_owned());
    }
    if is_replit() {
        return Some("Replit Agent".to_owned());
    }
    if is_devin {
        return Some("Devin".to_owned());
    }
    let unknown = value("AI_AGENT").or_else(|| value("AGENT"))?;
    let shown: String =
        unknown.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(64).collect();
    Some(match shown.trim() {
        "" | "1" => "an unidentified AI agent".to_owned(),
        name => format!("an AI agent that calls itself \"{name}\""),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::agent;

    #[test]
    fn agents_are_known_by_their_variables() {
        let found = |name: &str, value: &str| {
            agent(&BTreeMap::from([(name.to_owned(), value.to_owned())]), false)
        };
        assert_eq!(found("CLAUDECODE", "1").as_deref(), Some("Claude Code"));
        assert_eq!(found("AGENT", "goose").as_deref(), Some("Goose"));
        assert_eq!(found("REPLIT_SESSION", "agent-7").as_deref(), Some("Replit Agent"));
        assert_eq!(found("AI_AGENT", "1").as_deref(), Some("an unidentified AI agent"));
        assert_eq!(found("CLAUDECODE", ""), None);
        assert_eq!(found("OR_APP_NAME", "other"), None);
        assert_eq!(agent(&BTreeMap::new(), true).as_deref(), Some("Devin"));
    }
}
