//! Child processes that end when undrift ends, however it ends.
//!
//! `kill -9` leaves no time for destructors, so a tiny shell stands between us and the command. It
//! holds the reading end of a pipe; the kernel closes our end when we die, the shell sees the end
//! of file, stops the command and deletes what was temporary.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::account::Account;
use crate::Error;

/// The directory that a supervised command works in, and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Workspace<'path> {
    /// Deleted when the command ends.
    Delete(&'path Path),
    /// Deleted when the command fails or is cut short.
    DeleteOnFailure(&'path Path),
}

/// How a command is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// PostgreSQL: disconnect everybody and write a checkpoint.
    Fast,
    /// PostgreSQL: stop at once, recover at the next start.
    Immediate,
}

/// A command whose life is tied to ours.
#[derive(Debug)]
pub(super) struct Supervised {
    program: String,
    shell: Child,
}

impl Supervised {
    /// Starts `program` with its output going to the file `log`.
    ///
    /// A `lock` is held until the command has ended, even if we end before it: the command inherits it
    /// in place of its standard output, which servers do not use.
    pub(super) fn start(
        program: &Path,
        arguments: &[String],
        account: Option<&Account>,
        workspace: Workspace<'_>,
        signal: Signal,
        log: &Path,
        lock: Option<File>,
    ) -> Result<Self, Error> {
        let errors = File::create(log).map_err(Error::file("creating", log))?;
        let output = match lock {
            Some(lock) => lock,
            None => errors.try_clone().map_err(Error::file("opening", log))?,
        };
        let (delete, directory) = match workspace {
            Workspace::Delete(directory) => ("always", directory),
            Workspace::DeleteOnFailure(directory) => ("failed", directory),
        };
        let signal = match signal {
            Signal::Fast => "INT",
            Signal::Immediate => "QUIT",
        };
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", include_str!("supervise.sh"), "undrift-supervise", signal, delete])
            .arg(directory)
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .current_dir("/")
            // Settings of the user's own servers and clients must not leak into ours.
            .env_remove("PGDATA")
            .env_remove("PGPORT")
            .env_remove("PGHOST")
            .env_remove("PGOPTIONS")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            // Ctrl-C goes to the foreground group; it is for us to decide what stops when.
            .process_group(0);
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid).env("HOME", "/");
        }
        let program = program.display().to_string();
        let shell = match command.spawn() {
            Ok(shell) => shell,
            Err(source) => return Err(Error::Run { program, source }),
        };
        Ok(Self { program, shell })
    }

    /// Waits for a command that ends by itself; its failure is an error that quotes `log`.
    pub(super) fn finish(mut self, log: &Path) -> Result<(), Error> {
        let status = self.shell_status(Child::wait_keeping_stdin)?;
        if status.success() { Ok(()) } else { Err(self.failure(log)) }
    }

    /// Returns whether the command has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.shell.try_wait(), Ok(None))
    }

    /// Stops the command and waits until it and its temporary directory are gone.
    pub(super) fn stop(&mut self) -> Result<(), Error> {
        drop(self.shell.stdin.take());
        self.shell_status(Child::wait).map(drop)
    }

    /// Describes a command that ended when it should not have.
    pub(super) fn failure(&self, log: &Path) -> Error {
        Error::Program { program: self.program.clone(), output: tail(log) }
    }

    fn shell_status(
        &mut self,
        wait: impl FnOnce(&mut Child) -> std::io::Result<ExitStatus>,
    ) -> Result<ExitStatus, Error> {
        wait(&mut self.shell).map_err(|source| Error::Run { program: self.program.clone(), source })
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // Nobody is left to tell about a failure, and the shell works on without us.
        drop(self.stop());
    }
}

/// `Child::wait` closes stdin first, which would stop the command.
trait WaitKeepingStdin {
    fn wait_keeping_stdin(&mut self) -> std::io::Result<ExitStatus>;
}

impl WaitKeepingStdin for Child {
    fn wait_keeping_stdin(&mut self) -> std::io::Result<ExitStatus> {
        let stdin = self.stdin.take();
        let status = self.wait();
        self.stdin = stdin;
        status
    }
}

/// Returns the end of a log, short enough for an error message.
fn tail(log: &Path) -> String {
    const LINES: usize = 12;
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(log)
        && file.read_to_end(&mut text).is_err()
    {
        return String::new();
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.trim().lines().collect();
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
}
