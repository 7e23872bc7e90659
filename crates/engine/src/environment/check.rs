//! `env check`: connects, and says where that leads and what is odd about it.

use aws::{Host, Kind};
use database::{Encryption, Pooler, ServerSettings, Session};
use project::{Class, DatabaseUrl, EnvironmentClass, Environments, Project};
use serde::Serialize;

use super::{EnvironmentView, view};
use crate::{Error, Progress, Settings, datasource};

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvironmentCheck {
    /// The environment of the database.
    pub environment: EnvironmentView,
    /// What the host's name tells; none where it is not one of AWS.
    pub host: Option<HostView>,
    /// How whoever connected signed in.
    pub sign_in: SignInView,
    /// The server's version, as it words it.
    pub version: String,
    /// Whether it is a standby.
    pub in_recovery: bool,
    /// Whether transactions are read only.
    pub read_only: bool,
    /// The current user.
    pub user: String,
    /// The connection's encryption.
    pub encryption: Encryption,
    /// When the built-in authorities of RDS were published.
    pub authorities: &'static str,
    /// What stands between.
    pub pooler: Option<Pooler>,
    /// What RDS is set to; none elsewhere.
    pub rds: Option<RdsView>,
    /// What to mind.
    pub notices: Vec<Noticed>,
}

/// What the name of a host tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostView {
    /// What is behind it, in words.
    pub kind: String,
    /// The region.
    pub region: Option<String>,
    /// The endpoint of the writer, as far as the name tells.
    pub writer: Option<String>,
}

/// How whoever connected signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignInView {
    /// `password`, `iam`, `secret`.
    pub auth: &'static str,
    /// Where the credentials of AWS are from, if they were needed.
    pub aws: Option<String>,
}

/// What RDS is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RdsView {
    /// The version of Aurora, if it is that.
    pub aurora: Option<String>,
    /// Settings by name.
    pub settings: Vec<(String, String)>,
}

/// Something to mind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Noticed {
    /// Whether changes are refused for it.
    pub refuses_changes: bool,
    /// What it is.
    pub text: String,
    /// What to do.
    pub next: Option<String>,
}

impl EnvironmentCheck {
    /// Whether changes could be made here.
    pub fn takes_changes(&self) -> bool {
        !self.notices.iter().any(|notice| notice.refuses_changes)
    }
}

/// Connects to the project's database and says where that leads.
///
/// # Errors
/// When no connection comes about, with why and what to do.
pub async fn environment_check<P: Progress + ?Sized>(
    project: &Project,
    settings: &Settings,
    progress: &mut P,
) -> Result<EnvironmentCheck, Error> {
    let check = async |url: DatabaseUrl, progress: &mut P| {
        progress.busy("connecting");
        let session = datasource::connect(&url, settings).await?;
        progress.busy("looking around");
        look(&url, &session, settings).await
    };
    datasource::with_url(project, settings, progress, check).await
}

async fn look(
    url: &DatabaseUrl,
    session: &Session,
    settings: &Settings,
) -> Result<EnvironmentCheck, Error> {
    let all = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = all.class_of(url);
    let name = url.endpoint().map_or(url.host.as_str(), |(name, _)| name);
    let host = Host::parse(name);
    let server = session.server();
    let encryption = database::encryption(session, url).await?;
    let ServerSettings { aurora, settings: set, is_rds } =
        database::server_settings(session).await?;
    let mut notices = Vec::new();
    let mut notice = |refuses_changes, text: String, next: Option<String>| {
        notices.push(Noticed { refuses_changes, text, next });
    };
    match session.ensure_writable().await {
        Ok(()) => {}
        Err(error @ (database::Error::ReadOnly { .. } | database::Error::WrongEndpoint { .. })) => {
            notice(true, error.to_string(), error.help());
        }
        Err(error) => return Err(error.into()),
    }
    if environment.name.is_none() && environment.class == Class::Local && is_rds {
        notice(
            false,
            "the address is of this machine, but a tunnel leads to RDS: taken for production"
                .to_owned(),
            Some("name the database in undrift.toml, with its class".to_owned()),
        );
    }
    if let Some(text) = encryption.warning(url.environment_class() == EnvironmentClass::Production)
    {
        notice(
            false,
            text,
            Some(
                "leave sslmode and sslaccept out of the URL, or write sslmode=verify-full"
                    .to_owned(),
            ),
        );
    }
    if let Some(host) = &host {
        for (text, next) in told_by(host) {
            notice(false, text, next);
        }
    }
    if url.parameter("pgbouncer") == Some("true") {
        notice(
            false,
            "pgbouncer=true makes Prisma's client do without prepared statements; migrations need the \
             server itself"
                .to_owned(),
            Some("give the server's own address as directUrl beside url".to_owned()),
        );
    }
    let view = view(&environment, Some(url), None);
    let identity = match view.auth {
        "password" => None,
        _ => settings.aws().credentials().await.ok().map(|found| found.source().to_owned()),
    };
    Ok(EnvironmentCheck {
        sign_in: SignInView { auth: view.auth, aws: identity },
        environment: view,
        version: server.version.clone(),
        in_recovery: server.in_recovery,
        read_only: server.read_only,
        user: server.user.clone(),
        encryption,
        authorities: aws::authorities::DATE,
        pooler: database::pooler(session).await?,
        rds: is_rds.then_some(RdsView { aurora, settings: set }),
        host: host.map(|host| HostView {
            kind: host.kind.to_string(),
            writer: host.writer(),
            region: host.region,
        }),
        notices,
    })
}

/// What the name alone tells to mind.
fn told_by(host: &Host) -> Vec<(String, Option<String>)> {
    let mut told = Vec::new();
    match host.deployment {
        Some(aws::Deployment::Green) => told.push((
            "this is the green side of a blue/green deployment: columns at the end, indexes and checks are \
             safe here; renames, dropped columns and new types break replication"
                .to_owned(),
            Some("switch over at once after other changes".to_owned()),
        )),
        Some(aws::Deployment::Old) => told.push((
            "this is what a blue/green deployment has replaced: nobody uses what is changed here".to_owned(),
            Some("use the name without -old".to_owned()),
        )),
        None => {}
    }
    if host.kind == Kind::Custom {
        told.push((
            "a custom endpoint leads to any of its members, which may be readers".to_owned(),
            Some("use the endpoint of the writer for migrations".to_owned()),
        ));
    }
    if let Some(region) = host.region.as_deref().filter(|region| !aws::authorities::covers(region))
    {
        told.push((
            format!("the authorities of {region} are not built in"),
            Some(format!("curl -O {}, and sslrootcert", aws::authorities::source(region))),
        ));
    }
    told
}
