//! Connection URLs: Prisma's and libpq's parameters in one.

use std::fmt;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A database URL, taken apart. Neither [`fmt::Display`] nor [`fmt::Debug`] shows the password.
#[derive(Clone, PartialEq, Eq)]
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

/// A connection URL that cannot be used. The text never holds the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL, or of something unheard of.
    #[error(
        "The provided database string is invalid. `<REDACTED>` is not a known connection URL scheme: \
         it must begin with postgresql:// or postgres://. Characters such as @ : / # ? in user and \
         password must be percent-encoded."
    )]
    NotAUrl,
    /// Of another database.
    #[error(
        "the URL is of {0}; undrift is for PostgreSQL, whose URLs begin with postgresql:// or \
         postgres://"
    )]
    OtherDatabase(String),
    /// Of Prisma's own service.
    #[error(
        "the URL begins with {0}://, which leads to Prisma's own proxy; migrations need the direct \
         postgresql:// URL of the database (directUrl)"
    )]
    PrismaProxy(String),
    /// The part between host and path is no port; it may be a piece of a password, so it is not shown.
    #[error(
        "The provided database string is invalid. invalid port number in database URL. Please refer \
         to the documentation in https://www.prisma.io/docs/reference/database-reference/connection-urls \
         for constructing a correct connection string. In some cases, certain characters must be \
         escaped. Please check the string for any illegal characters."
    )]
    Port,
    /// An `@` where no user and password can be: a password with a bare `/`, `?` or `#`.
    #[error(
        "The provided database string is invalid. An `@` stands behind the first `/`, `?` or `#` of \
         the database URL. Characters such as @ : / # ? in user and password must be \
         percent-encoded: / is %2F, ? is %3F, # is %23, @ is %40."
    )]
    Unescaped,
}

/// What sort of place a database is in, as far as its address tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentClass {
    /// This machine.
    Local,
    /// Anywhere else: taken for production until the project says otherwise.
    Production,
}

impl DatabaseUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// When it is not a URL of PostgreSQL.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if let Some(secret) = url.trim().strip_prefix("aws-secretsmanager:") {
            return Self::of_secret(secret);
        }
        let (scheme, rest) = url.trim().split_once("://").ok_or(UrlError::NotAUrl)?;
        match scheme {
            "postgres" | "postgresql" => {}
            "prisma" | "prisma+postgres" => return Err(UrlError::PrismaProxy(scheme.to_owned())),
            "mysql" | "sqlserver" | "mongodb" | "mongodb+srv" | "sqlite" | "file"
            | "cockroachdb" | "mariadb" => return Err(UrlError::OtherDatabase(scheme.to_owned())),
            _ => return Err(UrlError::NotAUrl),
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let parameters: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        // With a bare `/` in its password, `u:12/x@host/db` would be a URL of the host `u`. An `@` in
        // the value of a parameter, such as an abstract socket's, is no sign of that.
        let is_torn = |part: &str| part.split('=').next().unwrap_or_default().contains('@');
        if database.contains('@') || fragment.contains('@') || is_torn(query) {
            return Err(UrlError::Unescaped);
        }
        let (credentials, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match credentials.split_once(':') {
            Some((user, password)) => (user, Some(decode(password))),
            None => (credentials, None),
        };
        let (host, port) = host_and_port(address)?;
        let mut url = Self {
            host: decode(host),
            port,
            user: decode(user),
            password: password.filter(|password| !password.is_empty()),
            database: decode(database),
            parameters,
        };
        for name in ["host", "socket"] {
            if let Some(host) = url.parameter(name).map(str::to_owned) {
                url.host = host;
            }
        }
        if let Some(port) = url.parameter("port").map(str::to_owned) {
            url.port = port.parse().map_err(|_| UrlError::Port)?;
        }
        if url.host.is_empty() {
            "localhost".clone_into(&mut url.host);
        }
        if url.user.is_empty() {
            "postgres".clone_into(&mut url.user);
        }
        if url.database.is_empty() {
            "postgres".clone_into(&mut url.database);
        }
        Ok(url)
    }

    /// `aws-secretsmanager:NAME`, with the name or ARN of a secret that also tells the host, and behind a
    /// question mark whatever a URL may have there.
    fn of_secret(secret: &str) -> Result<Self, UrlError> {
        let (id, query) = secret.split_once('?').unwrap_or((secret, ""));
        let mut url = Self::parse(&format!("postgresql://h/?{query}"))?;
        if url.parameter("host").is_none() {
            url.host.clear();
        }
        url.database = url.parameter("dbname").unwrap_or_default().to_owned();
        Ok(url.with_parameter("secret", &decode(id)))
    }

    /// A parameter behind the question mark, decoded.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `schema`, or `public`.
    pub fn schema(&self) -> &str {
        self.parameter("schema").filter(|schema| !schema.is_empty()).unwrap_or("public")
    }

    /// The same server, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }

    /// `connect_timeout`; zero means no limit.
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.parameter("connect_timeout")?.parse().ok().map(Duration::from_secs)
    }

    /// The same with one parameter more, unless it is there.
    #[must_use]
    pub fn with_parameter(&self, name: &str, value: &str) -> Self {
        let mut url = self.clone();
        if url.parameter(name).is_none() {
            url.parameters.push((name.to_owned(), value.to_owned()));
        }
        url
    }

    /// The server's own name and port: those of `iam_host`, which stands behind a tunnel or another name,
    /// or else of the URL. What is signed and what is certified is this name.
    ///
    /// # Errors
    /// When what stands behind the colon of `iam_host` is no port.
    pub fn endpoint(&self) -> Result<(&str, u16), UrlError> {
        match self.parameter("iam_host").filter(|host| !host.is_empty()) {
            Some(endpoint) => host_and_port(endpoint),
            None => Ok((&self.host, self.port)),
        }
    }

    /// Host and port as messages show them.
    pub fn address(&self) -> String {
        if self.is_socket() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether the host is the directory of a Unix socket.
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/') || self.host.starts_with('@')
    }

    /// What sort of place the database is in: sockets and loopback are local, all else is not. Of
    /// several hosts, and of a `hostaddr` or `iam_host` beside them, every one must be local.
    pub fn environment_class(&self) -> EnvironmentClass {
        let addresses = self.parameter("hostaddr").unwrap_or_default().split(',');
        let named = self.parameter("iam_host");
        let mut places = self
            .host
            .split(',')
            .chain(addresses.filter(|address| !address.is_empty()))
            .chain(named.filter(|host| !host.is_empty()));
        if places.all(is_local) { EnvironmentClass::Local } else { EnvironmentClass::Production }
    }

    /// The whole URL with its passwords, for passing on to another program.
    pub fn to_url(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let password = self.password.as_deref();
        let password = password.map_or(String::new(), |password| format!(":{}", encode(password)));
        if let Some(secret) = self.parameter("secret").filter(|_| self.host.is_empty()) {
            let others = self.parameters.iter().filter(|(name, _)| name != "secret");
            let others: Vec<String> =
                others.map(|(name, value)| format!("{name}={}", encode(value))).collect();
            return format!("aws-secretsmanager:{}?{}", encode(secret), others.join("&"));
        }
        let host = if self.is_socket() { String::from("localhost") } else { self.host.clone() };
        let mut parameters: Vec<String> = self
            .parameters
            .iter()
            .filter(|(name, _)| !(self.is_socket() && matches!(name.as_str(), "host" | "socket")))
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        if self.is_socket() {
            parameters.push(format!("host={}", encode(&self.host)));
        }
        let query = if parameters.is_empty() {
            String::new()
        } else {
            format!("?{}", parameters.join("&"))
        };
        format!(
            "postgresql://{}{password}@{host}:{}/{}{query}",
            encode(&self.user),
            self.port,
            encode(&self.database)
        )
    }
}

/// The URL as a person may see it: without password and parameters.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}@{}/{}", self.user, self.address(), self.database)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

fn host_and_port(address: &str) -> Result<(&str, u16), UrlError> {
    // The colons of an IPv6 address stand in brackets.
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (address, ""),
    };
    let port = match port {
        "" => 5432,
        port => port.parse().map_err(|_| UrlError::Port)?,
    };
    Ok((host.trim_start_matches('[').trim_end_matches(']'), port))
}

/// Whether a host name, an address or the directory of a socket is on this machine.
pub(crate) fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.starts_with('@')
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, EnvironmentClass, UrlError};

    #[test]
    fn the_password_is_in_no_text_but_the_url() {
        let url =
            DatabaseUrl::parse("postgresql://me:s%40cret@db.example:6543/app?schema=x").unwrap();
        assert_eq!(url.password.as_deref(), Some("s@cret"));
        assert_eq!((url.port, url.schema()), (6543, "x"));
        for text in [format!("{url}"), format!("{url:?}")] {
            assert!(!text.contains("cret"), "{text}");
        }
        assert_eq!(DatabaseUrl::parse(&url.to_url()).unwrap(), url);
    }

    #[test]
    fn a_socket_is_local_and_an_unknown_host_is_production() {
        let class = |url| DatabaseUrl::parse(url).unwrap().environment_class();
        assert_eq!(class("postgres://u@localhost/d?host=/tmp"), EnvironmentClass::Local);
        assert_eq!(class("postgres://u@[::1]:1/d"), EnvironmentClass::Local);
        assert_eq!(class("postgres://u@10.0.0.1/d"), EnvironmentClass::Production);
        assert_eq!(
            class("postgres://u@x.eu-west-1.rds.amazonaws.com/d"),
            EnvironmentClass::Production
        );
    }

    #[test]
    fn a_secret_stands_for_a_server_that_nothing_is_known_of() {
        let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:app-Ab12";
        let url =
            DatabaseUrl::parse(&format!("aws-secretsmanager:{arn}?schema=x&dbname=d")).unwrap();
        assert_eq!(url.parameter("secret"), Some(arn));
        assert_eq!((url.host.as_str(), url.database.as_str(), url.schema()), ("", "d", "x"));
        assert_eq!(url.environment_class(), EnvironmentClass::Production);
        assert_eq!(DatabaseUrl::parse(&url.to_url()), Ok(url));
    }

    #[test]
    fn what_is_no_postgresql_url_is_named() {
        assert_eq!(DatabaseUrl::parse("not-a-url"), Err(UrlError::NotAUrl));
        assert_eq!(
            DatabaseUrl::parse("mysql://root@127.0.0.1:3306/x"),
            Err(UrlError::OtherDatabase("mysql".to_owned()))
        );
        assert_eq!(DatabaseUrl::parse("postgres://h:port/x"), Err(UrlError::Port));
    }

    #[test]
    fn a_password_that_is_not_encoded_is_refused_and_not_shown() {
        for url in [
            "postgresql://u:12/cret@h/db",
            "postgresql://u:12?cret@h/db",
            "postgresql://u:12#cret@h/db",
            "postgresql://u:a@12/cret@h/db",
        ] {
            assert_eq!(DatabaseUrl::parse(url), Err(UrlError::Unescaped), "{url}");
        }
        let error = DatabaseUrl::parse("postgresql://u:se/cret").unwrap_err();
        assert_eq!(error, UrlError::Port);
        assert!(!error.to_string().contains("`se`"));
        // A bare `@` can be told from the one before the host.
        let url = DatabaseUrl::parse("postgresql://u:p@ss@h/db?host=@abstract").unwrap();
        assert_eq!((url.password.as_deref(), url.host.as_str()), (Some("p@ss"), "@abstract"));
    }

    #[test]
    fn every_host_must_be_local() {
        let class = |url| DatabaseUrl::parse(url).unwrap().environment_class();
        for url in [
            "postgres://u@localhost/d?host=/tmp,prod.example",
            "postgres://u@localhost,prod.example/d",
            "postgres://u@localhost/d?hostaddr=10.0.0.1",
        ] {
            assert_eq!(class(url), EnvironmentClass::Production, "{url}");
        }
        assert_eq!(class("postgres://u@localhost/d?hostaddr=127.0.0.1"), EnvironmentClass::Local);
        let tunnel =
            "postgres://u@localhost:6000/d?auth=iam&iam_host=app.c1.eu-west-1.rds.amazonaws.com";
        assert_eq!(class(tunnel), EnvironmentClass::Production);
        let tunnel = DatabaseUrl::parse(tunnel).unwrap();
        assert_eq!(tunnel.endpoint(), Ok(("app.c1.eu-west-1.rds.amazonaws.com", 5432)));
    }

    #[test]
    fn the_password_of_a_key_is_passed_on_and_never_shown() {
        let url = DatabaseUrl::parse("postgresql://u:p@h/db?sslpassword=cret").unwrap();
        assert!(url.to_url().contains("sslpassword=cret"));
        assert!(!format!("{url} {url:?}").contains("cret"));
    }
}
