//! What is worth knowing of a server before anything is done: its encryption, and what RDS has set.

use project::DatabaseUrl;
use serde::Serialize;

use crate::{Error, Session, tls};

/// How a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Encryption {
    /// The version of TLS; none if the connection is not encrypted.
    pub version: Option<String>,
    /// How far the server's certificate was checked: `nothing`, `authority`, `authority and name`.
    pub checked: &'static str,
}

impl Encryption {
    /// What is wrong with it, on a server that is not of this machine.
    pub fn warning(&self, is_remote: bool) -> Option<String> {
        match (is_remote, &self.version, self.checked) {
            (false, ..) => None,
            (true, None, _) => Some("the connection is not encrypted".to_owned()),
            (true, Some(_), "nothing") => {
                Some("the connection is encrypted, but whoever answers is believed".to_owned())
            }
            (true, Some(_), _) => None,
        }
    }
}

/// How the connection is encrypted.
///
/// # Errors
/// When the connection breaks, or the URL's parameters make no sense.
pub async fn encryption(session: &Session, url: &DatabaseUrl) -> Result<Encryption, Error> {
    let question = "SELECT version FROM pg_catalog.pg_stat_ssl \
                    WHERE pid = pg_catalog.pg_backend_pid() AND ssl";
    let rows = session.rows("asking how the connection is encrypted", question).await?;
    let version = rows.first().map(|row| row.get(0).unwrap_or("TLS").to_owned());
    // A proxy may end it before the server; that there is TLS up to there is known.
    let is_required = tls::is_required(url)? && !url.is_socket();
    let version = version.or_else(|| is_required.then(|| "TLS, up to a proxy".to_owned()));
    let checked = if version.is_some() { tls::checked(url)? } else { "nothing" };
    Ok(Encryption { version, checked })
}

/// What a server is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerSettings {
    /// Whether it is RDS or Aurora.
    pub is_rds: bool,
    /// The version of Aurora, if it is that.
    pub aurora: Option<String>,
    /// Settings by name: those of RDS, and those that limit migrations.
    pub settings: Vec<(String, String)>,
}

/// Asks what the server is set to.
///
/// # Errors
/// When the connection breaks.
pub async fn server_settings(session: &Session) -> Result<ServerSettings, Error> {
    let doing = "asking for the server's settings";
    let question = "SELECT name, pg_catalog.current_setting(name, true)
                    FROM pg_catalog.unnest(ARRAY['idle_in_transaction_session_timeout', 'lock_timeout',
                        'max_connections', 'rds.allowed_extensions', 'rds.blue_green_replication_type',
                        'rds.extensions', 'rds.force_ssl', 'rds.logical_replication',
                        'statement_timeout']) AS name
                    WHERE coalesce(pg_catalog.current_setting(name, true), '') <> ''
                    ORDER BY name";
    let rows = session.rows(doing, question).await?;
    let pair = |row: &tokio_postgres::SimpleQueryRow| {
        let text = |column| row.get(column).unwrap_or_default().to_owned();
        (text(0), text(1))
    };
    let question = "SELECT count(*) FROM pg_catalog.pg_proc WHERE proname = 'aurora_version'";
    let rows_of_aurora = session.rows(doing, question).await?;
    let is_aurora = rows_of_aurora.first().and_then(|row| row.get(0)).is_some_and(|it| it != "0");
    let aurora = if is_aurora {
        let rows = session.rows(doing, "SELECT aurora_version()").await?;
        rows.first().and_then(|row| row.get(0)).map(str::to_owned)
    } else {
        None
    };
    let is_rds = crate::is_managed(session).await?;
    Ok(ServerSettings { is_rds, aurora, settings: rows.iter().map(pair).collect() })
}
