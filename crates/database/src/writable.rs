//! Whether this is the place for changes: a writer, reached directly, and not one whose changes are about
//! to be left behind.

use std::time::Duration;

use aws::{Client, Host, Kind};

use crate::pooler::{Pooler, direct, pooler};
use crate::{Error, Session};

/// How long AWS may take to say what the names do not.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fails unless the server takes changes.
pub(crate) fn ensure_writer(session: &Session) -> Result<(), Error> {
    let server = session.server();
    if !server.in_recovery && !server.read_only {
        return Ok(());
    }
    let url = &session.route().url;
    let host = url.endpoint().ok().and_then(|(name, _)| Host::parse(name));
    let writer = host.filter(|_| server.in_recovery).and_then(|host| host.writer());
    let (database, in_recovery) = (server.database.clone(), server.in_recovery);
    Err(Error::ReadOnly { database, in_recovery, writer })
}

/// Fails unless changes belong here.
pub(crate) async fn ensure(session: &Session) -> Result<(), Error> {
    let route = session.route();
    let name = route.url.endpoint().map_or(route.url.host.as_str(), |(name, _)| name);
    let host = Host::parse(name);
    let aws = crate::sign_in::client(&route.url, &route.options.aws);
    let aws = match host.as_ref().and_then(|host| host.region.as_deref()) {
        Some(region) if route.url.parameter("region").is_none() => aws.in_region(region),
        _ => aws,
    };
    match ensure_writer(session) {
        // What the name does not tell, AWS may.
        Err(Error::ReadOnly { database, in_recovery: true, writer: None }) => {
            let writer = match &host {
                Some(host) => writer(host, &aws).await,
                None => None,
            };
            return Err(Error::ReadOnly { database, in_recovery: true, writer });
        }
        outcome => outcome?,
    }
    let wrong = |problem: String, help: String| {
        Err(Error::WrongEndpoint { address: session.address().to_owned(), problem, help })
    };
    if host.as_ref().is_some_and(|host| host.kind == Kind::Dsql) {
        let problem =
            "is Aurora DSQL, which has neither foreign keys nor locks of sessions".to_owned();
        return wrong(problem, "use a database of RDS or Aurora PostgreSQL".to_owned());
    }
    if let Some(pooler) = pooler(session).await? {
        let target = match (&host, pooler) {
            (Some(host), Pooler::RdsProxy) => behind(host, &aws).await,
            _ => None,
        };
        let help = match target {
            Some(target) => format!("use the endpoint behind it for migrations: {target}"),
            None => direct(pooler, name),
        };
        let problem = format!(
            "leads through {pooler}: each transaction may run on another connection, so that neither the \
             migration lock nor settings last"
        );
        return wrong(problem, help);
    }
    if let Some(host) = &host
        && let Some((problem, help)) = blue(host, &aws).await
    {
        return wrong(problem, help);
    }
    Ok(())
}

/// The endpoint of the writer, by what AWS says.
async fn writer(host: &Host, aws: &Client) -> Option<String> {
    tokio::time::timeout(PATIENCE, aws.writer_of(host)).await.ok()?.ok()?
}

async fn behind(host: &Host, aws: &Client) -> Option<String> {
    tokio::time::timeout(PATIENCE, aws.behind_proxy(host)).await.ok()?.ok()?
}

/// Why changes here would be lost or break a deployment. Whoever may not ask AWS is not told.
async fn blue(host: &Host, aws: &Client) -> Option<(String, String)> {
    if !matches!(host.kind, Kind::Instance | Kind::Writer | Kind::Custom | Kind::Global) {
        return None;
    }
    let found = tokio::time::timeout(PATIENCE, aws.blue_green_of(host)).await.ok()?.ok()?;
    let deployment = found.into_iter().find(aws::BlueGreen::is_live)?;
    let problem = format!(
        "is the blue side of the blue/green deployment {} ({}), to whose green side changes of the schema \
         are not carried",
        deployment.name, deployment.status
    );
    let green = deployment.target_host.map_or_else(String::new, |green| {
        format!(
            "; or change the green side, where columns at the end and indexes are safe: {green}"
        )
    });
    let help = format!(
        "switch over first: aws rds switchover-blue-green-deployment \
         --blue-green-deployment-identifier {}{green}",
        deployment.id
    );
    Some((problem, help))
}
