//! `cargo xtask bench`: undrift, Prisma and psql side by side, in one run.
//!
//! Each benchmark is one function and one line in [`BENCHMARKS`]. A figure is the median of several
//! runs; what counts is the ratio within a line of the table. Needs PostgreSQL's server programs; without
//! Prisma's oracle or psql their columns are empty, and the table says so.

mod generate;
mod measure;
mod subjects;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Args;
use measure::Figures;

use crate::place::{self, Place, Program, megabytes};

/// What to measure, and with which programs.
#[derive(Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    place: place::Flags,
    /// Only benchmarks whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How often each program runs
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Write the table to this file, too
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// One thing to do, and the programs that can do it.
struct Benchmark<'a> {
    name: String,
    subjects: Vec<Subject<'a>>,
}

/// A program doing it.
struct Subject<'a> {
    program: Program,
    command: Box<dyn Fn() -> anyhow::Result<Command> + 'a>,
}

impl<'a> Subject<'a> {
    fn new(program: Program, command: impl Fn() -> anyhow::Result<Command> + 'a) -> Self {
        Self { program, command: Box::new(command) }
    }
}

/// The programs compared: a column each.
const COLUMNS: &[(Program, &str)] =
    &[(Program::Undrift, "undrift"), (Program::Prisma, "Prisma"), (Program::Psql, "psql")];

/// Prepares the benchmarks of one kind.
type Make = for<'a> fn(&'a Place) -> anyhow::Result<Vec<Benchmark<'a>>>;

const BENCHMARKS: &[(&str, Make)] = &[
    ("start-up", subjects::start_up),
    ("validate", subjects::validate),
    ("format", subjects::format),
    ("diff", subjects::diff),
    ("pull", subjects::pull),
    ("deploy", subjects::deploy),
    ("status", subjects::status),
    ("history", subjects::history),
    ("check", subjects::check),
];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let place = Place::new(&flags.place)?;
    let mut table = format!(
        "{}\n\n| what |{}\n|---|{}\n",
        place.machine(),
        COLUMNS
            .iter()
            .fold(String::new(), |row, (_, name)| row + &format!(" {name} | ratio | memory |")),
        "---:|".repeat(COLUMNS.len() * 3),
    );
    print!("{table}");
    for (kind, make) in BENCHMARKS {
        if flags.only.as_ref().is_some_and(|only| !kind.contains(only.as_str())) {
            continue;
        }
        for benchmark in make(&place)? {
            let line = line(&benchmark, flags.runs)?;
            print!("{line}");
            table.push_str(&line);
        }
    }
    for note in place.absent() {
        println!("\n{note}");
    }
    if let Some(path) = &flags.output {
        std::fs::write(path, table)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(benchmark: &Benchmark<'_>, runs: usize) -> anyhow::Result<String> {
    let mut line = format!("| {} |", benchmark.name);
    let mut ours = None;
    for (program, _) in COLUMNS {
        let Some(subject) = benchmark.subjects.iter().find(|subject| subject.program == *program)
        else {
            line.push_str(" | | |");
            continue;
        };
        let Figures { wall, memory } = measure::median(&subject.command, runs)?;
        let seconds = wall.as_secs_f64();
        let ratio = *ours.get_or_insert(seconds);
        let _ = write!(
            line,
            " {:.1} ms | {:.2} | {} MB |",
            seconds * 1e3,
            seconds / ratio,
            megabytes(memory)
        );
    }
    line.push('\n');
    Ok(line)
}
