//! Where a server listens, and how to say so without telling the password.

use std::fmt;
use std::path::PathBuf;

/// Where to connect, as whom, and to which database.
///
/// `Display` and `Debug` leave the password out; [`Address::to_url`] does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The machine or the socket.
    pub host: Host,
    /// The TCP port; for a socket, the number in its file name.
    pub port: u16,
    /// The role to connect as.
    pub user: String,
    /// The role's password; none where the server trusts whoever reaches it.
    pub password: Option<Password>,
    /// The database.
    pub database: String,
}

/// The machine or the socket a server listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or an IP address.
    Tcp(String),
    /// The directory that holds the socket `.s.PGSQL.<port>`.
    Socket(PathBuf),
}

/// A password that no formatting shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// Returns the password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl Address {
    /// Returns the same address for another database.
    #[must_use]
    pub fn with_database(&self, database: impl Into<String>) -> Self {
        Self { database: database.into(), ..self.clone() }
    }

    /// Returns the connection URL, password included.
    ///
    /// A socket is written as `?host=` after a placeholder host, the one spelling that both Prisma
    /// and libpq understand.
    pub fn to_url(&self) -> String {
        self.url(self.password.as_ref().map(Password::reveal))
    }

    fn url(&self, password: Option<&str>) -> String {
        let user = encode(&self.user);
        let password = password.map(|it| format!(":{}", encode(it))).unwrap_or_default();
        let database = encode(&self.database);
        let port = self.port;
        match &self.host {
            Host::Tcp(host) if host.contains(':') => {
                format!("postgresql://{user}{password}@[{host}]:{port}/{database}")
            }
            Host::Tcp(host) => format!("postgresql://{user}{password}@{host}:{port}/{database}"),
            Host::Socket(directory) => {
                let directory = encode(&directory.to_string_lossy());
                format!(
                    "postgresql://{user}{password}@localhost:{port}/{database}?host={directory}"
                )
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url(None))
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
        }
    }
    encoded
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: Host) -> Address {
        Address {
            host,
            port: 5432,
            user: "post gres".to_owned(),
            password: Some(Password::new("s:e/cret")),
            database: "app".to_owned(),
        }
    }

    #[test]
    fn a_url_has_the_password_and_display_has_not() {
        let address = address(Host::Tcp("127.0.0.1".to_owned()));
        assert_eq!(address.to_url(), "postgresql://post%20gres:s%3Ae%2Fcret@127.0.0.1:5432/app");
        assert_eq!(address.to_string(), "postgresql://post%20gres@127.0.0.1:5432/app");
        assert!(!format!("{address:?}").contains("cret"));
    }

    #[test]
    fn a_socket_is_named_by_its_directory() {
        let address = address(Host::Socket(PathBuf::from("/tmp/a b")));
        assert_eq!(
            address.to_string(),
            "postgresql://post%20gres@localhost:5432/app?host=%2Ftmp%2Fa%20b"
        );
    }
}
