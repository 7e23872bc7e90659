//! The little of the wire protocol that is needed to see that a server answers, and to create a
//! database in it.
//!
//! Only trusted connections are understood: whoever holds the socket's directory is let in.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::{Address, Error, Host};

/// How long one answer may take before the server counts as hung.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server said instead of serving us.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It cannot be reached, or hung up.
    Io(io::Error),
    /// It sent an error; the SQLSTATE and the message.
    Said { code: String, message: String },
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(source) => source.fmt(formatter),
            Self::Said { code, message } => write!(formatter, "{message} ({code})"),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(source: io::Error) -> Self {
        Self::Io(source)
    }
}

/// Connects to a socket without a password, runs `statements` one by one, and hangs up.
pub(crate) fn execute(address: &Address, statements: &[String]) -> Result<(), Trouble> {
    let Host::Socket(directory) = &address.host else {
        return Err(io::Error::from(io::ErrorKind::Unsupported).into());
    };
    let mut stream = UnixStream::connect(directory.join(format!(".s.PGSQL.{}", address.port)))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut startup = vec![0, 3, 0, 0];
    for text in ["user", &address.user, "database", &address.database] {
        startup.extend_from_slice(text.as_bytes());
        startup.push(0);
    }
    startup.push(0);
    stream.write_all(&with_length(None, &startup))?;
    await_ready(&mut stream)?;
    for statement in statements {
        let mut body = statement.clone().into_bytes();
        body.push(0);
        stream.write_all(&with_length(Some(b'Q'), &body))?;
        await_ready(&mut stream)?;
    }
    stream.write_all(&with_length(Some(b'X'), &[]))?;
    Ok(())
}

/// Creates a database unless it is there.
pub(crate) fn ensure_database(server: &Address, name: &str) -> Result<(), Error> {
    let quoted = quoted(name);
    match execute(server, &[format!("CREATE DATABASE {quoted}")]) {
        Ok(()) => Ok(()),
        // duplicate_database
        Err(Trouble::Said { code, .. }) if code == "42P04" => Ok(()),
        Err(trouble) => Err(refused(&quoted, &trouble)),
    }
}

/// Empties or creates a database.
pub(crate) fn fresh_database(server: &Address, name: &str) -> Result<(), Error> {
    let quoted = quoted(name);
    let literal = format!("'{}'", name.replace('\'', "''"));
    let statements = [
        // PostgreSQL 12 has no DROP DATABASE … WITH (FORCE); without it, it waits for those that go.
        format!(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
             WHERE datname = {literal}"
        ),
        format!("DROP DATABASE IF EXISTS {quoted}"),
        format!("CREATE DATABASE {quoted} TEMPLATE template0"),
    ];
    execute(server, &statements).map_err(|trouble| refused(&quoted, &trouble))
}

/// Quotes an identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn refused(database: &str, trouble: &Trouble) -> Error {
    Error::Refused {
        command: format!("to create the database {database}"),
        message: trouble.to_string(),
    }
}

/// Reads messages until `ReadyForQuery`; an `ErrorResponse` before it is the result.
fn await_ready(stream: &mut UnixStream) -> Result<(), Trouble> {
    let mut said = None;
    loop {
        let mut head = [0; 5];
        if let Err(source) = stream.read_exact(&mut head) {
            // A fatal error is followed by the end of the stream.
            return Err(said.unwrap_or(Trouble::Io(source)));
        }
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length).saturating_sub(4);
        let mut body = Vec::new();
        stream.take(length.into()).read_to_end(&mut body)?;
        match (kind, body.as_slice()) {
            (b'Z', _) => return said.map_or(Ok(()), Err),
            (b'E', body) => said = Some(error_fields(body)),
            (b'R', [0, 0, 0, 0]) => {}
            (b'R', _) => return Err(io::Error::from(io::ErrorKind::PermissionDenied).into()),
            _ => {}
        }
    }
}

fn error_fields(body: &[u8]) -> Trouble {
    let mut code = String::new();
    let mut message = String::new();
    for field in body.split(|byte| *byte == 0) {
        match field.split_first() {
            Some((b'C', text)) => code = String::from_utf8_lossy(text).into_owned(),
            Some((b'M', text)) => message = String::from_utf8_lossy(text).into_owned(),
            _ => {}
        }
    }
    Trouble::Said { code, message }
}

fn with_length(kind: Option<u8>, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let mut message: Vec<u8> = kind.into_iter().collect();
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(body);
    message
}
