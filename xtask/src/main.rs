//! Developer commands for the undrift workspace: `cargo xtask <command>`.
#![expect(clippy::print_stdout, reason = "a developer command talks to its terminal")]

mod alternate;
mod aws;
mod bench;
mod conformance;
mod counts;
mod destruction;
mod drift;
mod facts;
mod faults;
mod fuzz;
mod installs;
mod judge;
mod language;
mod lint;
mod load;
mod mcp;
mod package;
mod pages;
mod place;
mod recover;
mod regress;
mod reports;
mod rollback;
mod squash;
mod tidy;
mod versions;
mod walk;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Developer commands for undrift.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Let undrift and Prisma work on one database in turn, over the corpus's histories
    Alternate(alternate::Flags),
    /// Compare with botocore, moto, PgBouncer and a failover what is built for AWS
    Aws(aws::Flags),
    /// Measure undrift, Prisma and psql side by side
    Bench(bench::Flags),
    /// Compare with Prisma's output over the unpacked corpus
    Conformance(conformance::Flags),
    /// Measure how long it takes to find out what is at stake on a large table
    Counts(counts::Flags),
    /// Let every command that can destroy data try it on every class of environment
    Destruction(destruction::Flags),
    /// Record what Prisma does in the cases of COMPATIBILITY.md
    Facts(facts::Flags),
    /// Cut migrations at every statement by every kind of accident, and deploy again
    Faults(faults::Flags),
    /// Look for texts that break a law of the parser, the formatter or the splitter of scripts
    Fuzz(fuzz::Flags),
    /// Change databases by hand, and let undrift find, adopt and revert that
    Drift(drift::Flags),
    /// Install every package that `package` has made, as its users would, and use it
    Installs(installs::Flags),
    /// Carry out full plans between pairs of databases, and compare their dumps
    Judge(judge::Flags),
    /// Compare checks and formatting with Prisma's own parser, on schemas as they are and with mistakes
    Language(language::Flags),
    /// Lint real histories, compare what is claimed with what a server does, and prove every fix
    Lint(lint::Flags),
    /// Measure how long queries wait while a table in use is changed, as Prisma does it and online
    Load(load::Flags),
    /// Let a client of another maker do a whole job with `undrift mcp`
    Mcp(mcp::Flags),
    /// Make everything that a release consists of, as far as this machine can
    Package(package::Flags),
    /// Open the report, the diagrams and the local page in a real browser, and take pictures
    Pages(pages::Flags),
    /// Break and kill migrations, by Prisma and by undrift, and recover from each
    Recover(recover::Flags),
    /// Deploy the last migrations of real histories and take them back, and compare dumps
    Rollback(rollback::Flags),
    /// Squash real histories, and deploy to databases that stand anywhere in them
    Squash(squash::Flags),
    /// Look at databases made by PostgreSQL's own regression tests
    Regress(regress::Flags),
    /// Check what `undrift check` writes for other programs, by validators of other makers
    Reports(reports::Flags),
    /// Check that the crate graph is the one that ARCHITECTURE.md draws
    Tidy,
    /// Run the tests that need a server on PostgreSQL 12 to 18
    Versions(versions::Flags),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Alternate(flags) => alternate::run(&flags),
        Command::Aws(flags) => Ok(aws::run(&flags)),
        Command::Bench(flags) => bench::run(&flags),
        Command::Conformance(flags) => conformance::run(&flags),
        Command::Counts(flags) => counts::run(&flags),
        Command::Destruction(flags) => destruction::run(&flags),
        Command::Facts(flags) => facts::run(&flags),
        Command::Faults(flags) => faults::run(&flags),
        Command::Fuzz(flags) => fuzz::run(&flags),
        Command::Drift(flags) => drift::run(&flags),
        Command::Installs(flags) => installs::run(&flags),
        Command::Judge(flags) => judge::run(&flags),
        Command::Language(flags) => language::run(&flags),
        Command::Lint(flags) => lint::run(&flags),
        Command::Load(flags) => load::run(&flags),
        Command::Mcp(flags) => mcp::run(&flags),
        Command::Package(flags) => package::run(&flags),
        Command::Pages(flags) => pages::run(&flags),
        Command::Recover(flags) => recover::run(&flags),
        Command::Rollback(flags) => rollback::run(&flags),
        Command::Squash(flags) => squash::run(&flags),
        Command::Regress(flags) => regress::run(&flags),
        Command::Reports(flags) => reports::run(&flags),
        Command::Versions(flags) => versions::run(&flags),
        Command::Tidy => {
            tidy::run(std::path::Path::new("."))?;
            println!("tidy: {} crates as drawn", tidy::COUNT);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The machine's PostgreSQL server programs, or those of the directory in `UNDRIFT_TEST_PROGRAMS`.
fn server_programs() -> anyhow::Result<server::programs::Programs> {
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS");
    server::programs::for_tests(named.as_deref()).context("no PostgreSQL server programs here")
}
