//! The command line of undrift: arguments, terminals and exit codes.
//!
//! Every command is one file of [`commands`] that calls one function of the engine and shows its
//! result, as text or, with `--json`, as it is.

mod arguments;
mod commands;
mod errors;
mod links;
mod mcp;
mod output;
mod prompt;
mod settings;
mod terminal;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::errors::Speaker;
use crate::terminal::Terminal;

/// Parsing and diffing make many small values; this allocator halves what that costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return Terminal::usage(&usage),
    };
    let mut terminal = Terminal::new(&arguments.global, &settings::environment());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(cause) => {
            terminal.warn(&format!("starting the runtime: {cause}"));
            return ExitCode::FAILURE;
        }
    };
    let speaker = Speaker::of(&arguments.command);
    let outcome = runtime.block_on(commands::run(arguments, &mut terminal));
    // What still waits for standard input or for AWS is not waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => terminal.error(&error, speaker),
    }
}
