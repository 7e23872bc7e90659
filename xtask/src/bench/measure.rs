//! Runs a command several times: how long it takes, how much memory it needs.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use wait4::Wait4 as _;

/// What the runs of one program came to.
pub(super) struct Figures {
    /// The median of the wall time.
    pub(super) wall: Duration,
    /// The largest resident set, in bytes.
    pub(super) memory: u64,
}

/// Runs what `command` makes, once for warmth and then `runs` times. Each command is made just before it
/// runs, which is not timed. A command that fails is an error: a failure has no speed.
pub(super) fn median(
    command: &dyn Fn() -> anyhow::Result<Command>,
    runs: usize,
) -> anyhow::Result<Figures> {
    once(command()?)?;
    let mut walls = Vec::new();
    let mut memory = 0;
    for _ in 0..runs.max(1) {
        let figures = once(command()?)?;
        walls.push(figures.wall);
        memory = memory.max(figures.memory);
    }
    walls.sort();
    let wall = walls.get(walls.len() / 2).copied().unwrap_or_default();
    Ok(Figures { wall, memory })
}

fn once(mut command: Command) -> anyhow::Result<Figures> {
    let mut said = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone()?);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("running {command:?}"))?;
    let used = child.wait4()?;
    let wall = start.elapsed();
    if !used.status.success() {
        let mut text = String::new();
        said.seek(SeekFrom::Start(0))?;
        said.read_to_string(&mut text)?;
        bail!("{command:?} ended with {}: {text}", used.status);
    }
    Ok(Figures { wall, memory: used.rusage.maxrss })
}
