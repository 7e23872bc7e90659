//! Stand-in for `project::DatabaseUrl` until that lands.

use std::fmt;
use std::time::Duration;

/// A database URL, taken apart.
#[derive(Clone)]
pub struct DatabaseUrl {
    /// Host name, address, or directory of the socket.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: Option<String>,
    /// Database.
    pub database: String,
    parameters: Vec<(String, String)>,
}

impl DatabaseUrl {
    /// Takes a URL apart; none if it is not one.
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match credentials.split_once(':') {
            Some((user, password)) => (user, Some(decode(password))),
            None => (credentials, None),
        };
        let (host, port) = address.rsplit_once(':').unwrap_or((address, "5432"));
        let parameters: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        let host = parameters
            .iter()
            .find(|(name, _)| name == "host")
            .map_or_else(|| decode(host), |(_, value)| value.clone());
        Some(Self {
            host: if host.is_empty() { "localhost".to_owned() } else { host },
            port: port.parse().ok()?,
            user: decode(user),
            password,
            database: if database.is_empty() { "postgres".to_owned() } else { decode(database) },
            parameters,
        })
    }

    /// A parameter behind the question mark.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same server, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }

    /// `connect_timeout`.
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.parameter("connect_timeout")?.parse().ok().map(Duration::from_secs)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b'%'));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
