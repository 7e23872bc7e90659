//! `undrift local …`: PostgreSQL for the project, served to other programs.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Invocation, Outcome};

/// Run the PostgreSQL that is inside undrift for other programs.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  undrift local start                 prints the URL to put into .env
  psql \"$(undrift local url)\"
  undrift local reset                 deletes the local data of this project")]
pub(crate) enum Command {
    /// Start it in the background and print its URL
    #[command(after_help = "\
Examples:
  undrift local start
  undrift local start --port 5433")]
    Start(Start),
    /// Stop it; the data stays
    #[command(after_help = "Examples:\n  undrift local stop")]
    Stop,
    /// Print the URL of the running server
    #[command(after_help = "\
Examples:
  psql \"$(undrift local url)\"
  DATABASE_URL=\"$(undrift local url)\" npm run dev")]
    Url,
    /// Stop it and delete the data in `.undrift/`
    #[command(after_help = "Examples:\n  undrift local reset")]
    Reset,
    /// Serve in the foreground until interrupted; what `start` runs
    #[command(hide = true)]
    Serve(Start),
}

/// How to start.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// The port to listen on, loopback only [default: the one used last, or any that is free]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

pub(crate) async fn run(invocation: Invocation<'_>, command: Command) -> Outcome {
    let Invocation { settings, terminal, .. } = invocation;
    let folder = engine::local::folder(&settings);
    match command {
        Command::Start(start) => {
            let local = engine::local::start(&folder, serving(start.port)?, terminal).await?;
            terminal.result(&local, |terminal, local| terminal.line(&local.url));
        }
        Command::Stop => {
            let stopped = engine::local::stop(&folder).await?;
            terminal.result(&stopped, |terminal, stopped| {
                terminal.line(if stopped.was_running { "stopped" } else { "was not running" });
            });
        }
        Command::Url => {
            let local = engine::local::running(&folder)?;
            terminal.result(&local, |terminal, local| terminal.line(&local.url));
        }
        Command::Reset => {
            let stopped = engine::local::reset(&folder).await?;
            terminal.result(&stopped, |terminal, _| terminal.line("local data deleted"));
        }
        Command::Serve(start) => engine::local::serve(&settings, &folder, start.port).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// This program again, serving in a process group of its own: Ctrl-C at the terminal is not for it.
fn serving(port: Option<u16>) -> Result<std::process::Command, engine::Error> {
    use std::os::unix::process::CommandExt as _;
    let program = std::env::current_exe().map_err(engine::Error::CurrentDirectory)?;
    let mut command = std::process::Command::new(program);
    command.args(["local", "serve"]).process_group(0);
    if let Some(port) = port {
        command.arg("--port").arg(port.to_string());
    }
    Ok(command)
}
