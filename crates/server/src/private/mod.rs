//! Private clusters: servers run from the machine's own PostgreSQL programs that only we can reach.
//!
//! A *home* is the directory of one cluster: `data` (the data directory), `log`, and nothing else.
//! The socket lives in a directory of its own, since its path must stay short.
//!
//! - [`Cluster::start_shadow`] gives a server for replaying migrations: as fast as the machine allows,
//!   with no regard for what a power failure would do to it.
//! - [`Cluster::start_local`] gives a server for development that keeps its data and can be reached
//!   over TCP with a password.

mod account;
mod home;
mod settings;
mod supervise;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use account::Account;
pub(crate) use home::roomy_memory;
use supervise::{Signal, Supervised, Workspace};

use crate::error::blocking;
use crate::handshake::{self, Trouble};
use crate::programs::Programs;
use crate::{Address, Error, Host, Password};

/// How long a server may take to come up, recovery after a crash included.
const START_PATIENCE: Duration = Duration::from_mins(1);

/// The superuser of every cluster.
const USER: &str = "postgres";

/// A running private cluster; dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    server: Supervised,
    address: Address,
    socket: Address,
    major: u32,
    home: PathBuf,
}

impl Cluster {
    /// Starts a server to replay migrations in.
    ///
    /// With room in memory the cluster lives there and is deleted with the server; `cache` has a
    /// template of it. Otherwise it is kept below `cache`, where the next run finds it, unless another undrift is using it: then a
    /// throw-away one is made on disk. In all cases use [`Cluster::fresh_database`] for an empty
    /// database.
    pub async fn start_shadow(programs: &Programs, cache: Option<&Path>) -> Result<Self, Error> {
        let (programs, cache) = (programs.clone(), cache.map(Path::to_owned));
        blocking(move || start_shadow(&programs, cache.as_deref())).await
    }

    /// Starts a server for development, whose data stays in `home`.
    ///
    /// It listens on 127.0.0.1 at `port` for the user `postgres` with `password`, which is set when
    /// the cluster is first made and must be the same ever after.
    pub async fn start_local(
        programs: &Programs,
        home: &Path,
        port: u16,
        password: Password,
    ) -> Result<Self, Error> {
        let (programs, home) = (programs.clone(), home.to_owned());
        blocking(move || start_local(&programs, &home, port, password)).await
    }

    /// Returns where to connect, naming the database `postgres`.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the server's major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Returns the directory that holds the cluster.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Creates an empty database, or empties the one of that name, and returns its address.
    ///
    /// Whoever is connected to the old one is disconnected.
    pub async fn fresh_database(&self, name: &str) -> Result<Address, Error> {
        let (socket, name) = (self.socket.clone(), name.to_owned());
        let address = self.address.with_database(&name);
        blocking(move || handshake::fresh_database(&socket, &name)).await?;
        Ok(address)
    }

    /// Creates a database unless there is one of that name, and returns its address.
    pub async fn ensure_database(&self, name: &str) -> Result<Address, Error> {
        let (socket, name) = (self.socket.clone(), name.to_owned());
        let address = self.address.with_database(&name);
        blocking(move || handshake::ensure_database(&socket, &name)).await?;
        Ok(address)
    }

    /// Returns whether the server still runs.
    pub fn is_running(&mut self) -> bool {
        !self.server.has_ended()
    }

    /// Stops the server and returns once it is gone.
    pub async fn stop(mut self) -> Result<(), Error> {
        blocking(move || self.server.stop()).await
    }
}

fn start_shadow(programs: &Programs, cache: Option<&Path>) -> Result<Cluster, Error> {
    let launch = Launch {
        programs,
        account: Account::needed()?,
        settings: settings::shadow(programs.major),
        signal: Signal::Immediate,
        patience: Duration::from_millis(300),
        tcp: None,
    };
    if let Some(memory) = roomy_memory() {
        let template = cache.map(|cache| cache.join(format!("template-{}", programs.name())));
        if let Some(template) = template {
            match launch.throw_away(memory, Some(&template)) {
                Ok(cluster) => return Ok(cluster),
                // If the template is to blame, it is made anew next time.
                Err(_) => drop(std::fs::remove_dir_all(template)),
            }
        }
        return launch.throw_away(memory, None);
    }
    // A cache is a convenience: whatever is wrong with it, a throw-away cluster will do.
    match cache.map(|cache| launch.kept(&cache.join(format!("shadow-{}", programs.name())))) {
        Some(Ok(cluster)) => Ok(cluster),
        Some(Err(_)) | None => launch.throw_away(&std::env::temp_dir(), None),
    }
}

fn start_local(
    programs: &Programs,
    home: &Path,
    port: u16,
    password: Password,
) -> Result<Cluster, Error> {
    let launch = Launch {
        programs,
        account: Account::needed()?,
        settings: settings::local(programs.major, port),
        signal: Signal::Fast,
        patience: Duration::from_secs(3),
        tcp: Some((port, password)),
    };
    launch.kept(home)
}

/// All that is known of a cluster before it has a home.
struct Launch<'programs> {
    programs: &'programs Programs,
    account: Option<Account>,
    settings: Vec<String>,
    signal: Signal,
    /// How long to wait for a home that is in use.
    patience: Duration,
    tcp: Option<(u16, Password)>,
}

impl Launch<'_> {
    /// Runs a new cluster below `parent` that is deleted with the server.
    fn throw_away(&self, parent: &Path, template: Option<&Path>) -> Result<Cluster, Error> {
        let account = self.account.as_ref();
        let home = home::temporary(parent, account)?;
        let initialized = match template {
            Some(template) => home::initialize_from(template, self.programs, account, &home),
            None => home::initialize(self.programs, account, &home, None),
        };
        initialized.and_then(|()| self.run(&home, &home, None)).inspect_err(|_| {
            // What went wrong before matters more than what is left of it.
            drop(std::fs::remove_dir_all(&home));
        })
    }

    /// Runs the cluster in `home`, which is made if need be and stays.
    fn kept(&self, home: &Path) -> Result<Cluster, Error> {
        let lock = home::open(home, self.account.as_ref(), self.patience)?;
        let password = self.tcp.as_ref().map(|(_, password)| password);
        home::initialize(self.programs, self.account.as_ref(), home, password)?;
        let socket = home::temporary(&std::env::temp_dir(), self.account.as_ref())?;
        self.run(home, &socket, Some(lock))
    }

    /// Runs the cluster in `home`; the directory of its socket is deleted when it ends.
    fn run(&self, home: &Path, socket: &Path, lock: Option<File>) -> Result<Cluster, Error> {
        let log = home.join("log");
        let mut arguments = vec![
            "-D".to_owned(),
            home.join("data").display().to_string(),
            "-k".to_owned(),
            socket.display().to_string(),
        ];
        for setting in &self.settings {
            arguments.extend(["-c".to_owned(), setting.clone()]);
        }
        let server = Supervised::start(
            &self.programs.path("postgres"),
            &arguments,
            self.account.as_ref(),
            Workspace::Delete(socket),
            self.signal,
            &log,
            lock,
        )?;
        let port = self.tcp.as_ref().map_or(5432, |(port, _)| *port);
        let socket = Address {
            host: Host::Socket(socket.to_owned()),
            port,
            user: USER.to_owned(),
            password: None,
            database: USER.to_owned(),
        };
        let address = match &self.tcp {
            Some((port, password)) => Address {
                host: Host::Tcp("127.0.0.1".to_owned()),
                port: *port,
                password: Some(password.clone()),
                ..socket.clone()
            },
            None => socket.clone(),
        };
        let mut cluster =
            Cluster { server, address, socket, major: self.programs.major, home: home.to_owned() };
        cluster.await_ready(&log)?;
        Ok(cluster)
    }
}

impl Cluster {
    fn await_ready(&mut self, log: &Path) -> Result<(), Error> {
        let start = Instant::now();
        loop {
            let trouble = match handshake::execute(&self.socket, &[]) {
                Ok(()) => return Ok(()),
                Err(trouble) => trouble,
            };
            if self.server.has_ended() {
                return Err(self.server.failure(log));
            }
            let starting = match &trouble {
                Trouble::Io(_) => true,
                // cannot_connect_now: it is still recovering.
                Trouble::Said { code, .. } => code == "57P03",
            };
            if !starting || start.elapsed() > START_PATIENCE {
                return Err(Error::NotReady { reason: trouble.to_string() });
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}
