//! Dumps by PostgreSQL's own programs.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use catalog::{BACKUP_SCHEMA, Name, literal, quoted};
use project::{DatabaseUrl, UNDRIFT_TOML};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::{BackupRequest, Kept, Place};
use crate::pending::Pending;
use crate::{Error, Progress, Settings, datasource};

/// Whoever wants a table behind the dump does not wait longer.
const LOCK_TIMEOUT: &str = "--lock-wait-timeout=30s";

impl Place<'_> {
    /// Dumps the whole database, the tables that were named, or those that the pending migrations touch.
    pub(super) async fn take_dump(
        &self,
        id: &str,
        request: &BackupRequest,
        touched: Option<&Pending<'_>>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Kept, Error> {
        let program =
            client_program(self.settings, "pg_dump", self.session.server().major_version())?;
        let tables = if request.tables.is_empty() {
            match touched {
                Some(pending) => self.there(pending).await?,
                None => Vec::new(),
            }
        } else {
            self.named(&request.tables, &database::introspect(self.session, None).await?)?
        };
        if tables.is_empty() && touched.is_some() {
            let reason = "the pending migrations touch no table that is there".to_owned();
            return Ok(Kept::Nothing { reason });
        }
        let folder = self.folder(request)?;
        let file = folder.join(format!("{id}.dump"));
        let part = folder.join(format!("{id}.part"));
        create_private(&part)?;
        let mut arguments: Vec<OsString> = vec![
            "--format=custom".into(),
            "--no-password".into(),
            LOCK_TIMEOUT.into(),
            format!("--exclude-schema={}", quoted(BACKUP_SCHEMA)).into(),
        ];
        for table in &tables {
            let table = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
            arguments.push(format!("--table={table}").into());
        }
        arguments.extend(["--file".into(), part.clone().into()]);
        progress.busy(&format!("dumping {} with pg_dump", self.session.server().database));
        let dumped = run(&program, &arguments, self.url, None, self).await;
        let kept = dumped.and_then(|()| {
            let (bytes, sha256) = measure(&part)?;
            fs::rename(&part, &file).map_err(error("writing", &file))?;
            let tables = tables.iter().map(ToString::to_string).collect();
            Ok(Kept::Dump { file: file.clone(), bytes, sha256, tables })
        });
        if kept.is_err() {
            // Nothing that is not whole looks as if it were.
            drop(fs::remove_file(&part));
        }
        kept
    }

    /// The tables that are touched and are there.
    async fn there(&self, pending: &Pending<'_>) -> Result<Vec<Name>, Error> {
        let tables = pending.steps.iter().flat_map(|(_, step)| &step.effect.locks);
        let mut tables: Vec<Name> = tables.map(|(table, _)| table.clone()).collect();
        tables.sort();
        tables.dedup();
        let mut there = Vec::new();
        for table in tables {
            let name = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
            let question = format!("SELECT to_regclass({}) IS NOT NULL", literal(&name));
            let rows = self.session.rows("looking for a table", &question).await?;
            if rows.first().and_then(|row| row.get(0)) == Some("t") {
                there.push(table);
            }
        }
        Ok(there)
    }

    /// Where dumps are written. The default keeps itself out of git: it holds the data of users.
    fn folder(&self, request: &BackupRequest) -> Result<PathBuf, Error> {
        let here = &self.settings.current_directory;
        let folder = match &request.folder {
            Some(folder) => here.join(folder),
            None => here.join(".undrift").join("backups"),
        };
        fs::create_dir_all(&folder).map_err(error("making", &folder))?;
        if request.folder.is_none() {
            let ignored = folder.join(".gitignore");
            if !ignored.exists() {
                fs::write(&ignored, "*\n").map_err(error("writing", &ignored))?;
            }
        }
        Ok(folder)
    }
}

/// Puts what is in a dump into a database, all or nothing.
pub(super) async fn put_back(
    file: &Path,
    url: &DatabaseUrl,
    has_roles: bool,
    place: &Place<'_>,
) -> Result<(), Error> {
    let program =
        client_program(place.settings, "pg_restore", place.session.server().major_version())?;
    let mut arguments: Vec<OsString> = vec![
        "--single-transaction".into(),
        "--exit-on-error".into(),
        "--no-password".into(),
        "--no-owner".into(),
    ];
    if !has_roles {
        arguments.push("--no-privileges".into());
    }
    // By PGDATABASE alone it would write a script.
    arguments.push("--dbname".into());
    arguments.push(
        format!("dbname='{}'", url.database.replace('\\', "\\\\").replace('\'', "\\'")).into(),
    );
    run(&program, &arguments, url, Some(file), place).await
}

/// Fails unless a file is the one that was written.
pub(super) fn ensure_whole(file: &Path, bytes: u64, sha256: &str) -> Result<(), Error> {
    let found = measure(file)?;
    if found == (bytes, sha256.to_owned()) {
        return Ok(());
    }
    Err(Error::Unready(format!(
        "{} is not the file that was written: it has {} bytes and the SHA-256 {}, and had {bytes} and {sha256}",
        file.display(),
        found.0,
        found.1
    )))
}

fn error<'a>(doing: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Error + 'a {
    move |cause| Error::File { doing, path: path.to_owned(), cause }
}

/// Makes an empty file that nobody else may read; `pg_dump` writes into it.
fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = fs::OpenOptions::new();
    let file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(error("making", path))?;
    let private = fs::Permissions::from_mode(0o600);
    file.set_permissions(private).map_err(error("making", path))
}

fn measure(path: &Path) -> Result<(u64, String), Error> {
    let mut file = fs::File::open(path).map_err(error("reading", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer).map_err(error("reading", path))?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        length += u64::try_from(read).unwrap_or_default();
    }
    Ok((length, format!("{:x}", hash.finalize())))
}

/// The program of PostgreSQL that is as new as the server, or newer.
fn client_program(settings: &Settings, name: &str, major: u32) -> Result<PathBuf, Error> {
    let path = settings.environment.get("PATH").map(std::ffi::OsStr::new);
    let found = server::programs::find_program(&server::programs::Search::standard(path), name);
    let fitting = found.iter().filter(|(_, it)| *it >= major).min_by_key(|(_, it)| *it);
    if let Some((program, _)) = fitting {
        return Ok(program.clone());
    }
    let there = match found.iter().map(|(_, it)| *it).max() {
        Some(newest) => format!("the newest here is of version {newest}"),
        None => "there is none here".to_owned(),
    };
    Err(Error::Program {
        message: format!("{name} of version {major} or newer is needed, and {there}"),
        help: Some(format!(
            "apt-get install postgresql-client-{major}, or brew install libpq; or another kind of \
             backup: --kind rows, or backup = \"rows\" in {UNDRIFT_TOML}"
        )),
    })
}

/// What would lead libpq elsewhere, where a URL says nothing of it.
const OVERRIDING: [&str; 9] = [
    "PGSERVICE",
    "PGOPTIONS",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGHOSTADDR",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLNEGOTIATION",
];

/// Runs a program of PostgreSQL against a database. How to connect, it is told by variables: arguments
/// can be seen by everybody on the machine.
async fn run(
    program: &Path,
    arguments: &[OsString],
    url: &DatabaseUrl,
    file: Option<&Path>,
    place: &Place<'_>,
) -> Result<(), Error> {
    let name =
        program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let failed = |message: String| Error::Program { message, help: None };
    let mut command = Command::new(program);
    command.args(arguments).args(file).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::piped()).kill_on_drop(true).env("LC_ALL", "C");
    for name in OVERRIDING {
        command.env_remove(name);
    }
    let url = datasource::signed(url, place.settings).await?;
    let client =
        database::client_variables(&url, &datasource::options(&url, place.settings)).await?;
    command.current_dir(&place.settings.current_directory).envs(client.variables.iter().cloned());
    let child = command.spawn().map_err(|cause| failed(format!("running {name}: {cause}")))?;
    let output = tokio::select! {
        output = child.wait_with_output() => output,
        () = place.cancel.cancelled() => return Err(Error::Interrupted),
    };
    let output = output.map_err(|cause| failed(format!("running {name}: {cause}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = script::without_passwords(said.trim()).into_owned();
    Err(failed(format!("{name} failed: {said}")))
}
