//! Opening a connection.

use crate::session::{Link, Route, Session};
use crate::{Error, ServerError, sign_in, tls};
use project::DatabaseUrl;
use std::error::Error as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::{Config, NoTls};

/// How to connect, besides what the URL says.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// What `pg_stat_activity` shows, unless the URL names something.
    pub application_name: String,
    /// The folder that certificate paths in the URL are relative to.
    pub base: PathBuf,
    /// How long to wait for the connection, unless the URL says.
    pub timeout: Duration,
    /// Who signs in where the URL asks for IAM or a secret.
    pub aws: aws::Client,
}

impl Default for ConnectOptions {
    /// `undrift`, the current folder, 5 seconds.
    fn default() -> Self {
        Self {
            application_name: "undrift".to_owned(),
            base: PathBuf::from("."),
            timeout: Duration::from_secs(5),
            aws: aws::Client::default(),
        }
    }
}

/// Connects to the database of a URL.
pub async fn connect(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Session, Error> {
    // Boxed, since what asks AWS is large and seldom there.
    let url = &Box::pin(sign_in::located(url, &options.aws)).await?;
    let signed = Box::pin(sign_in::complete(url, &options.aws)).await?;
    let target = Target::new(&signed, options).await?;
    let waited = target.timeout;
    let attempt = target.connect(&signed, url, options);
    // The driver's own limit is for each address, and not for the handshake behind it.
    match tokio::time::timeout(waited, attempt).await {
        Ok(session) => session,
        Err(_) => Err(Error::ConnectTimeout { address: target.address.clone(), waited }),
    }
}

/// The same, for a connection beside another one: it may fail, and soon.
pub(crate) async fn connect_silently(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<Session, Error> {
    let timeout = options.timeout.min(Duration::from_secs(5));
    connect(url, &ConnectOptions { timeout, ..options.clone() }).await
}

/// Connects to the database of a URL, and creates it if it is missing. Answers whether it was
/// created.
///
/// As Prisma does, it connects to `postgres`, `template1` or `defaultdb` for that.
pub async fn connect_or_create(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<(Session, bool), Error> {
    match connect(url, options).await {
        Ok(session) => Ok((session, false)),
        Err(Error::DatabaseMissing { .. }) => {
            let created = create_database(url, options).await?;
            Ok((connect(url, options).await?, created))
        }
        Err(error) => Err(error),
    }
}

/// Creates the database of a URL; false if somebody else was faster.
async fn create_database(url: &DatabaseUrl, options: &ConnectOptions) -> Result<bool, Error> {
    let mut last = Error::DatabaseMissing { database: url.database.clone() };
    for maintenance in ["postgres", "template1", "defaultdb"] {
        match connect(&url.with_database(maintenance), options).await {
            Ok(session) => {
                let create = format!("CREATE DATABASE {}", catalog::quoted(&url.database));
                return match session.run("creating the database", &create).await {
                    Ok(()) => Ok(true),
                    // Somebody else was faster.
                    Err(Error::Server { cause, .. })
                        if matches!(cause.sqlstate.as_str(), "42P04" | "23505") =>
                    {
                        Ok(false)
                    }
                    Err(error) => Err(error),
                };
            }
            Err(error @ (Error::DatabaseMissing { .. } | Error::AccessDenied { .. })) => {
                last = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// What is connected to, for messages and for the driver.
struct Target {
    address: String,
    timeout: Duration,
    config: Config,
}

impl Target {
    async fn new(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Self, Error> {
        let timeout = match url.connect_timeout() {
            // Zero means for ever; a day is that.
            Some(Duration::ZERO) => Duration::from_hours(24),
            Some(timeout) => timeout,
            None => options.timeout,
        };
        let mut config = Config::new();
        for (name, address) in addresses(url).await? {
            if url.is_socket() {
                config.host_path(&url.host);
            } else {
                config.host(name);
            }
            if let Some(address) = address {
                config.hostaddr(address);
            }
        }
        config
            .port(url.port)
            .user(&url.user)
            .dbname(&url.database)
            .application_name(
                url.parameter("application_name").unwrap_or(&options.application_name),
            )
            .keepalives(true)
            .keepalives_idle(Duration::from_secs(30))
            .keepalives_interval(Duration::from_secs(10))
            .keepalives_retries(3);
        if let Some(password) = &url.password {
            config.password(password);
        }
        if let Some(settings) = url.parameter("options") {
            config.options(settings);
        }
        Ok(Self { address: url.address(), timeout, config })
    }

    /// Connects as `url` says. `asked` is the URL without what was fetched for this connection only.
    async fn connect(
        &self,
        url: &DatabaseUrl,
        asked: &DatabaseUrl,
        options: &ConnectOptions,
    ) -> Result<Session, Error> {
        let tls = tls::from_url(url, &options.base)?;
        let mut config = self.config.clone();
        if url.parameter("sslnegotiation") == Some("direct") {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        let link = if tls.mode == SslMode::Disable || url.is_socket() {
            config.ssl_mode(SslMode::Disable);
            let (client, connection) =
                config.connect(NoTls).await.map_err(|error| self.error(url, &error))?;
            Link::start(client, connection, None)
        } else {
            config.ssl_mode(tls.mode);
            let (client, connection) = config
                .connect(tls.connector.clone())
                .await
                .map_err(|error| self.error(url, &error))?;
            Link::start(client, connection, Some(tls.connector))
        };
        let (url, options) = (asked.clone(), options.clone());
        let route = Route { url, options, address: self.address.clone() };
        Session::open(link, route).await
    }

    /// Says with Prisma's codes why a connection did not come about.
    fn error(&self, url: &DatabaseUrl, error: &tokio_postgres::Error) -> Error {
        let (user, database) = (url.user.clone(), url.database.clone());
        if let Some(reported) = error.as_db_error() {
            let reported = ServerError::new(reported);
            let cause = reported.to_string();
            let help = sign_in::advice(url, &reported.message);
            return match reported.sqlstate.as_str() {
                "28P01" => Error::AuthenticationFailed { user, cause, help },
                // "password authentication failed", that of PAM and "role does not exist" come with
                // 28000 from some servers, "no pg_hba.conf entry" with it from all.
                "28000"
                    if reported.message.contains("password")
                        || reported.message.contains("PAM authentication") =>
                {
                    Error::AuthenticationFailed { user, cause, help }
                }
                "28000" | "42501" => Error::AccessDenied { user, database, cause, help },
                "3D000" => Error::DatabaseMissing { database },
                _ => Error::Unreachable { address: self.address.clone(), cause },
            };
        }
        let cause = chain(error);
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        let description = error.to_string();
        if description.starts_with("error performing TLS") || cause.contains("certificate") {
            let help = tls::advice(url, &cause);
            return Error::Tls { cause, help };
        }
        if description.starts_with("authentication error")
            || description.starts_with("invalid configuration") && source.contains("password")
        {
            let help = sign_in::without_password(url);
            return Error::AuthenticationFailed { user, cause, help };
        }
        Error::Unreachable { address: self.address.clone(), cause }
    }
}

/// The names that the certificate must have, each with where it is, if that is not what the name says:
/// `hostaddr`, or the tunnel that leads to `iam_host`.
pub(crate) async fn addresses(url: &DatabaseUrl) -> Result<Vec<(String, Option<IpAddr>)>, Error> {
    let refused = |cause: String| Error::Unreachable { address: url.address(), cause };
    let (name, _) = url.endpoint().map_err(|error| refused(error.to_string()))?;
    let named = |address| (name.to_owned(), address);
    if let Some(addresses) = url.parameter("hostaddr").filter(|it| !it.is_empty()) {
        let address = |text: &str| {
            let parsed =
                text.parse().map_err(|_| refused(format!("hostaddr {text} is no address")));
            parsed.map(|address| named(Some(address)))
        };
        return addresses.split(',').map(address).collect();
    }
    if name == url.host {
        return Ok(vec![named(None)]);
    }
    let found = tokio::net::lookup_host((url.host.as_str(), url.port)).await;
    let found: Vec<_> = found.map_err(|error| refused(error.to_string()))?.collect();
    Ok(found.into_iter().map(|address| named(Some(address.ip()))).collect())
}

/// An error's text with those of its sources.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}
