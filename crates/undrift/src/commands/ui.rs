//! `undrift ui`.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{Invocation, Outcome, report};
use crate::terminal::{NOTICE, STRONG, Terminal};
use crate::ui::Ui;

/// Show the project and its databases as pages in the browser.
///
/// What `undrift report` shows, of every database that `undrift.toml` names, and as it is now. The server
/// listens on this machine only, and its address holds a random token: whoever has that may look. With
/// --allow-apply drift can be kept, taken back or declared as meant there, object by object, and pending
/// migrations be deployed: what would be done is shown first, and takes a word; what is refused on a command
/// line is refused there. It never shows a password.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift ui                      look
  undrift ui --allow-apply        look, and do what was reviewed
  undrift ui --port 4983")]
pub(crate) struct Flags {
    /// The port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Let what was reviewed be done
    #[arg(long)]
    allow_apply: bool,
}

/// Where the pages are.
#[derive(Serialize)]
struct Address {
    url: String,
    allows_apply: bool,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { settings, terminal, .. } = invocation;
    let Flags { port, allow_apply } = flags;
    // What is wrong with the project is better said now than on every page.
    let project = engine::open(&settings)?;
    engine::databases(&project, &settings)?;
    let ui = Ui::listen(settings, report::name(&project), port, allow_apply).await?;
    terminal.result(&Address { url: ui.url(), allows_apply: allow_apply }, show);
    ui.serve().await?;
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, address: &Address) {
    terminal.line(format_args!("{STRONG}{}{STRONG:#}", address.url));
    let may = if address.allows_apply {
        "look, and do what was reviewed"
    } else {
        "look; nothing can be done"
    };
    terminal.line(format_args!(
        "{NOTICE}note:{NOTICE:#} whoever has the address may {may}. Ctrl-C ends it."
    ));
}
