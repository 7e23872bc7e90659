//! The forms of errors in text: Prisma's, since scripts look for its codes where it prints them.

use engine::{Error, Report};

use crate::commands::{self, Command};

/// Which part of Prisma answers to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// Its command line, which reaches the database and checks the schema before anything else.
    CommandLine,
    /// Its engine, whose words the command line passes on.
    Engine,
}

impl Speaker {
    /// Returns which part of Prisma answers to a command.
    pub(crate) fn of(command: &Command) -> Self {
        match command {
            Command::Migrate(commands::migrate::Command::Diff(_))
            | Command::Db(commands::db::Command::Pull(_)) => Self::Engine,
            Command::Migrate(
                commands::migrate::Command::Status(_)
                | commands::migrate::Command::Deploy(_)
                | commands::migrate::Command::Dev(_)
                | commands::migrate::Command::Reset(_)
                | commands::migrate::Command::Resolve(_),
            )
            | Command::Db(
                commands::db::Command::Push(_)
                | commands::db::Command::Execute(_)
                | commands::db::Command::Seed(_),
            )
            | Command::Apply(_)
            | Command::Approve(_)
            | Command::Mcp(_)
            | Command::Plan(_)
            | Command::Preflight(_)
            | Command::Backup(_)
            | Command::Baseline(_)
            | Command::Check(_)
            | Command::Explain(_)
            | Command::Drift(_)
            | Command::Env(_)
            | Command::Erd(_)
            | Command::Recover(_)
            | Command::Repair(_)
            | Command::Report(_)
            | Command::Rollback(_)
            | Command::Split(_)
            | Command::Squash(_)
            | Command::Generate(_)
            | Command::Init(_)
            | Command::Lint(_)
            | Command::Man(_)
            | Command::Status(_)
            | Command::Ui(_)
            | Command::Validate(_)
            | Command::Format(_)
            | Command::Snapshot(_)
            | Command::Local(_)
            | Command::Demo(_)
            | Command::Completions(_)
            | Command::Itself(_)
            | Command::Version(_) => Self::CommandLine,
        }
    }
}

/// What stands between `Error: ` and the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing: an error without a code.
    Plain,
    /// `P1001: `: the code on the line of the message.
    Line(&'static str),
    /// `P3005` and an empty line.
    Block(&'static str),
    /// Behind an empty line, `P4001 `: the code on the line of the message.
    LineBelow(&'static str),
    /// A schema that was refused, and in which step.
    Schema(&'static str),
}

impl Form {
    fn of(report: &Report, error: &Error, speaker: Speaker) -> Self {
        match (error, report.code, speaker) {
            (Error::Variable { .. }, _, _) => Self::Schema("get-config"),
            (Error::Schema { .. }, _, Speaker::CommandLine) => Self::Schema("validate"),
            (Error::DatabaseEmpty | Error::NoDatabaseToPull, Some(code), _) => {
                Self::LineBelow(code)
            }
            (Error::Project(engine::ProjectError::VariableMissing { .. }), _, _) | (_, None, _) => {
                Self::Plain
            }
            (
                _,
                Some(code @ ("P1000" | "P1001" | "P1003" | "P1010" | "P1011" | "P1013")),
                Speaker::CommandLine,
            ) => Self::Line(code),
            (_, Some(code), _) => Self::Block(code),
        }
    }
}

/// Returns what follows `Error: `, with an empty line at its end where Prisma has one.
pub(crate) fn text(report: &Report, error: &Error, speaker: Speaker) -> String {
    // How many mistakes there are is what Prisma's command line adds.
    let message = match (error, speaker) {
        (Error::Schema { excerpts, .. }, Speaker::Engine) => excerpts,
        _ => &report.message,
    };
    match Form::of(report, error, speaker) {
        Form::Plain => message.clone(),
        Form::Line(code) => format!("{code}: {message}\n"),
        Form::LineBelow(code) => format!("\n{code} {message}\n"),
        Form::Block(code) => format!("{code}\n\n{message}\n"),
        Form::Schema(step) => {
            format!("Prisma schema validation - ({step} wasm)\nError code: P1012\n{message}\n")
        }
    }
}
