//! A server for development that outlives the command that starts it.
//!
//! One process calls [`serve`] and goes on until it is told to end; any other asks [`status`], has it
//! end with [`stop`], or waits for it to be ready with [`wait_until_ready`]. They meet in a *home*, a
//! directory of the project, which holds
//!
//! - `state.json`, a [`State`]: where the server is or was, for other programs to read too;
//! - `lock`, locked for as long as a process serves, which tells a running server from one that was
//!   killed, whatever process now has its id;
//! - the data of each engine in a directory of its own.

mod state;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

pub use state::State;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::programs::Programs;
use crate::{Error, Password, Server, private};

/// How long a server may take to end. It finishes what it is doing and writes a checkpoint.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// How often a change of somebody else's state is looked for.
const GLANCE: Duration = Duration::from_millis(20);

/// What a local server runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The PostgreSQL inside the binary.
    #[cfg(feature = "embedded")]
    Embedded,
    /// Programs on the machine.
    Private(Programs),
}

/// What is known of a home's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// There has never been one.
    Absent,
    /// It was ended in order; this is where it was and will be again.
    Stopped(State),
    /// A process is about to serve.
    Starting,
    /// It serves.
    Running(State),
    /// The process that served was killed. The data recovers at the next start.
    Stale(State),
}

/// Serves `database` from `home` until `until` comes about, then ends the server in order.
///
/// The port is the one given, else the one of the last time, else any that is free. `ready` is called
/// once clients can connect.
pub async fn serve(
    home: &Path,
    engine: Engine,
    port: Option<u16>,
    database: &str,
    ready: impl FnOnce(&State),
    until: impl Future<Output = ()>,
) -> Result<(), Error> {
    fs::create_dir_all(home).map_err(Error::file("creating", home))?;
    let _lock = lock(home).await?;
    keep_out_of_git(home)?;
    let before = State::read(home)?.map(|state| State { pid: None, ..state });
    if let Some(before) = &before {
        // Who was killed must not pass for us while we are starting.
        before.write(home)?;
    }
    let password = match &before {
        Some(state) => Password::new(&state.password),
        None => random_password()?,
    };
    let port = match port.or(before.map(|state| state.port)) {
        Some(port) => port,
        None => free_port()?,
    };
    let (mut server, engine) = start(home, engine, port, password.clone()).await?;
    let address = server.ensure_database(database).await?;
    let state = State {
        pid: Some(std::process::id()),
        port,
        password: password.reveal().to_owned(),
        url: address.to_url(),
        engine: engine.to_owned(),
        major: server.major(),
    };
    state.write(home)?;
    ready(&state);
    let died = async {
        while server.is_running() {
            sleep(Duration::from_millis(500)).await;
        }
    };
    let died = tokio::select! {
        () = until => false,
        () = died => true,
    };
    server.stop().await?;
    State { pid: None, ..state }.write(home)?;
    if died { Err(Error::Died) } else { Ok(()) }
}

/// Returns what is known of a home's server.
pub fn status(home: &Path) -> Result<Status, Error> {
    if !home.join(state::FILE).exists() && !home.join(LOCK).exists() {
        return Ok(Status::Absent);
    }
    let lock = open_lock(home)?;
    // Shared, so that two who ask do not take each other for a server.
    let free = match lock.try_lock_shared() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(source)) => return Err(Error::file("locking", home)(source)),
    };
    Ok(match (free, State::read(home)?) {
        (true, None) => Status::Absent,
        (true, Some(state)) if state.pid.is_none() => Status::Stopped(state),
        (true, Some(state)) => Status::Stale(state),
        // Whoever has the lock may not have got round yet to putting its own number there.
        (false, Some(state)) if state.pid.is_some_and(is_alive) => Status::Running(state),
        (false, _) => Status::Starting,
    })
}

/// Ends a home's server and returns once it is gone; returns whether there was one.
pub async fn stop(home: &Path) -> Result<bool, Error> {
    let start = Instant::now();
    let mut told = false;
    loop {
        match status(home)? {
            Status::Running(state) if !told => {
                told = state.pid.and_then(process).is_some_and(|process| {
                    rustix::process::kill_process(process, rustix::process::Signal::TERM).is_ok()
                });
            }
            Status::Running(_) | Status::Starting => {}
            Status::Absent | Status::Stopped(_) | Status::Stale(_) => return Ok(told),
        }
        if start.elapsed() > STOP_PATIENCE {
            return Err(Error::Busy { path: home.to_owned() });
        }
        sleep(GLANCE).await;
    }
}

/// Waits until another process serves, for at most `patience`.
///
/// Whoever started that process should give up as soon as it ends.
pub async fn wait_until_ready(home: &Path, patience: Duration) -> Result<State, Error> {
    let start = Instant::now();
    loop {
        if let Status::Running(state) = status(home)? {
            return Ok(state);
        }
        if start.elapsed() > patience {
            let reason = format!("it did not come up within {} s", patience.as_secs());
            return Err(Error::NotReady { reason });
        }
        sleep(GLANCE).await;
    }
}

/// Comes about when the process is told to end, by Ctrl-C or `kill`: what to [`serve`] until.
pub async fn told_to_end() {
    let listen = |kind| signal(kind).ok();
    let (mut interrupt, mut terminate) =
        (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
    let received = async |signal: &mut Option<tokio::signal::unix::Signal>| match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    };
    tokio::select! {
        () = received(&mut interrupt) => {}
        () = received(&mut terminate) => {}
    }
}

async fn start(
    home: &Path,
    engine: Engine,
    port: u16,
    password: Password,
) -> Result<(Server, &'static str), Error> {
    match engine {
        #[cfg(feature = "embedded")]
        Engine::Embedded => {
            let home = home.join("embedded");
            let server =
                crate::embedded::EmbeddedServer::start_local(&home, port, password).await?;
            Ok((Server::Embedded(server), "embedded"))
        }
        Engine::Private(programs) => {
            let home = home.join(format!("private-{}", programs.major));
            let cluster = private::Cluster::start_local(&programs, &home, port, password).await?;
            Ok((Server::Private(cluster), "private"))
        }
    }
}

const LOCK: &str = "lock";

fn open_lock(home: &Path) -> Result<File, Error> {
    let path = home.join(LOCK);
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false).mode(0o600);
    options.open(&path).map_err(Error::file("opening", path))
}

/// Takes a home's lock.
async fn lock(home: &Path) -> Result<File, Error> {
    let lock = open_lock(home)?;
    // Somebody may be asking for the status just now.
    for _ in 0..10 {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => sleep(GLANCE).await,
            Err(TryLockError::Error(source)) => return Err(Error::file("locking", home)(source)),
        }
    }
    Err(Error::Busy { path: home.to_owned() })
}

fn is_alive(id: u32) -> bool {
    process(id).is_some_and(|process| {
        // Another user's process is one, too.
        rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH)
    })
}

fn process(id: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(id).ok()?)
}

/// The home holds data and a password, and neither belongs into the project's history.
fn keep_out_of_git(home: &Path) -> Result<(), Error> {
    let path = home.join(".gitignore");
    if path.exists() {
        return Ok(());
    }
    fs::write(&path, "*\n").map_err(Error::file("writing", path))
}

fn random_password() -> Result<Password, Error> {
    let path = Path::new("/dev/urandom");
    let mut bytes = [0; 16];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(Error::file("reading", path))?;
    Ok(Password::new(format!("{:032x}", u128::from_be_bytes(bytes))))
}

fn free_port() -> Result<u16, Error> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address
        .map(|address| address.port())
        .map_err(Error::file("finding a free port on", "127.0.0.1"))
}
