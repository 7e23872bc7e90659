//! The file in which a local server tells where it is.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The file's name in the home.
pub(super) const FILE: &str = "state.json";

/// Where a local server is, or was when it last ran. Only its owner can read the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The process that serves; none when it has ended in order.
    pub pid: Option<u32>,
    /// The port on 127.0.0.1, kept from one start to the next.
    pub port: u16,
    /// The password, kept from one start to the next.
    pub password: String,
    /// The connection URL, password included.
    pub url: String,
    /// `embedded` or `private`.
    pub engine: String,
    /// The server's major version.
    pub major: u32,
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, port, password: _, url: _, engine, major } = self;
        formatter
            .debug_struct("State")
            .field("pid", pid)
            .field("port", port)
            .field("engine", engine)
            .field("major", major)
            .finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn read(home: &Path) -> Result<Option<Self>, Error> {
        let path = home.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| Error::file("reading", path)(error.into())),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::file("reading", path)(source)),
        }
    }

    /// Replaces the file, so that nobody ever reads half of one.
    pub(super) fn write(&self, home: &Path) -> Result<(), Error> {
        let path = home.join(FILE);
        let unfinished = home.join("state.json.new");
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::file("writing", &path)(error.into()))?;
        text.push(b'\n');
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true).mode(0o600);
        options
            .open(&unfinished)
            .and_then(|mut file| file.write_all(&text))
            .map_err(Error::file("writing", &unfinished))?;
        fs::rename(&unfinished, &path).map_err(Error::file("replacing", path))
    }
}
