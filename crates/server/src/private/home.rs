//! The directories of clusters: where they may be, who owns them, and `initdb`.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::USER;
use super::account::Account;
use super::supervise::{Signal, Supervised, Workspace};
use crate::programs::Programs;
use crate::{Error, Password};

/// The memory that a cluster in memory must find free: 40 MB for an empty one, the write-ahead log,
/// and what a long history of migrations puts into it.
const ROOM: u64 = 512 << 20;

/// Returns the memory file system if it has room for a cluster. In containers it often has not.
pub(crate) fn roomy_memory() -> Option<&'static Path> {
    let memory = Path::new("/dev/shm");
    let file_system = rustix::fs::statvfs(memory).ok()?;
    (file_system.f_bavail.saturating_mul(file_system.f_frsize) >= ROOM).then_some(memory)
}

/// Makes a directory of a new name that only the account may enter.
pub(super) fn temporary(parent: &Path, account: Option<&Account>) -> Result<PathBuf, Error> {
    let directory = tempfile::Builder::new()
        .prefix("undrift-")
        .tempdir_in(parent)
        .map_err(Error::file("creating a directory in", parent))?;
    if let Some(account) = account {
        account.give(directory.path())?;
    }
    Ok(directory.keep())
}

/// Makes sure that `home` is there and takes its lock, which a server that is just stopping may keep
/// for a while.
pub(super) fn open(
    home: &Path,
    account: Option<&Account>,
    patience: Duration,
) -> Result<File, Error> {
    if let Some(above) = home.parent() {
        fs::create_dir_all(above).map_err(Error::file("creating", above))?;
    }
    match DirBuilder::new().mode(0o700).create(home) {
        Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::file("creating", home)(source));
        }
        Ok(()) | Err(_) => {}
    }
    if let Some(account) = account {
        let absolute = fs::canonicalize(home).map_err(Error::file("resolving", home))?;
        account.can_enter(&absolute)?;
        account.give(home)?;
    }
    let path = home.join("lock");
    let lock = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(Error::file("opening", &path))?;
    let start = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(source)) => return Err(Error::file("locking", path)(source)),
            Err(TryLockError::WouldBlock) if start.elapsed() > patience => {
                return Err(Error::Busy { path: home.to_owned() });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Makes the data directory of a throw-away `home` from a copy kept in `template`, which is made if it
/// is not there: copying into memory takes a tenth of `initdb`'s time.
pub(super) fn initialize_from(
    template: &Path,
    programs: &Programs,
    account: Option<&Account>,
    home: &Path,
) -> Result<(), Error> {
    let data = home.join("data");
    if template.join("PG_VERSION").exists() && copy(template, &data, account).is_ok() {
        return Ok(());
    }
    if data.exists() {
        fs::remove_dir_all(&data).map_err(Error::file("deleting", &data))?;
    }
    initialize(programs, account, home, None)?;
    // The next one will do without if this fails. The copy gets its name when it is whole.
    if let Some(parent) = template.parent()
        && fs::create_dir_all(parent).is_ok()
        && let Ok(unfinished) = tempfile::Builder::new().prefix("template-").tempdir_in(parent)
    {
        let whole = unfinished.path().join("data");
        if copy(&data, &whole, None).is_ok() {
            drop(fs::rename(whole, template));
        }
    }
    Ok(())
}

/// Copies a directory for the account's eyes only.
fn copy(from: &Path, to: &Path, account: Option<&Account>) -> Result<(), Error> {
    DirBuilder::new().mode(0o700).create(to).map_err(Error::file("creating", to))?;
    for entry in fs::read_dir(from).map_err(Error::file("reading", from))? {
        let entry = entry.map_err(Error::file("reading", from))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(Error::file("inspecting", &from))?;
        if kind.is_dir() {
            copy(&from, &to, account)?;
        } else {
            fs::copy(&from, &to).map_err(Error::file("copying", from))?;
            if let Some(account) = account {
                account.give(&to)?;
            }
        }
    }
    account.map_or(Ok(()), |account| account.give(to))
}

/// Makes the data directory of `home` unless it is there already.
///
/// Without a password the cluster trusts whoever can open its socket; with one, whoever knows it
/// may also come over TCP.
pub(super) fn initialize(
    programs: &Programs,
    account: Option<&Account>,
    home: &Path,
    password: Option<&Password>,
) -> Result<(), Error> {
    let data = home.join("data");
    let version = data.join("PG_VERSION");
    if version.exists() {
        let found = fs::read_to_string(&version).map_err(Error::file("reading", &version))?;
        let (found, expected) = (found.trim().to_owned(), programs.major);
        if found != expected.to_string() {
            return Err(Error::OtherVersion { path: data, found, expected });
        }
        return Ok(());
    }
    // Made under another name, so that a half-made one is never taken for a whole one.
    let unfinished = home.join("data.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(Error::file("deleting", &unfinished))?;
    }
    let password_file = password.map(|password| write_password(home, account, password));
    let password_file = password_file.transpose()?;
    let mut result = Ok(());
    for locale in locales(programs.major) {
        result = initdb(programs, account, home, &unfinished, locale, password_file.as_deref());
        if result.is_ok() {
            break;
        }
    }
    if let Some(path) = &password_file {
        fs::remove_file(path).map_err(Error::file("deleting", path))?;
    }
    result?;
    fs::rename(&unfinished, &data).map_err(Error::file("renaming", &unfinished))
}

/// Returns the locale options to try in turn: UTF-8 aware wherever the machine knows how, and the
/// same on every machine where PostgreSQL has its own.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    if major >= 17 {
        &[&["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    }
}

fn initdb(
    programs: &Programs,
    account: Option<&Account>,
    home: &Path,
    data: &Path,
    locale: &[&str],
    password_file: Option<&Path>,
) -> Result<(), Error> {
    let mut arguments: Vec<String> = ["--encoding=UTF8", "--username", USER, "--auth-local=trust"]
        .iter()
        .chain(locale)
        .map(|it| (*it).to_owned())
        .collect();
    match password_file {
        Some(path) => arguments.extend([
            "--auth-host=scram-sha-256".to_owned(),
            format!("--pwfile={}", path.display()),
        ]),
        // Nothing listens on TCP; and no password means that the data can be lost.
        None => arguments.extend(["--auth-host=reject".to_owned(), "--no-sync".to_owned()]),
    }
    arguments.push(format!("--pgdata={}", data.display()));
    let log = home.join("log");
    let workspace = Workspace::DeleteOnFailure(data);
    let program = programs.path("initdb");
    Supervised::start(&program, &arguments, account, workspace, Signal::Fast, &log, None)?
        .finish(&log)
}

fn write_password(
    home: &Path,
    account: Option<&Account>,
    password: &Password,
) -> Result<PathBuf, Error> {
    let path = home.join("password.new");
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    let mut file = options.open(&path).map_err(Error::file("creating", &path))?;
    std::io::Write::write_all(&mut file, password.reveal().as_bytes())
        .map_err(Error::file("writing", &path))?;
    if let Some(account) = account {
        account.give(&path)?;
    }
    Ok(path)
}
