//! `undrift mcp`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::Token;
use serde::Serialize;

use super::{Invocation, Outcome};
use crate::mcp::http::{self, Listening};
use crate::mcp::{Allow, Server, Start};
use crate::terminal::{NOTICE, STRONG, Terminal};

/// Serve the project to coding agents, by the Model Context Protocol.
///
/// Over standard input and output, as clients start it, or with --http on this machine. Agents get tools
/// that look: status, drift, diff, lint, validate, preflight, plan. With --allow plan, plans are kept so that a person
/// can approve them; with --allow apply there is a tool that applies what a person has approved by
/// `undrift approve`, once, if all is still as it was. What destroys is no tool. Which project, schema and
/// database it is about is said here, by the flags that every command has, and not by the agent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift mcp                         for a client that starts it; it only looks
  undrift mcp --allow apply           plans may be approved, and then applied
  undrift mcp --http 8700             http://127.0.0.1:8700/mcp, with a token that is printed
  claude mcp add undrift -- undrift mcp --allow plan

For the configuration of other clients see docs/agents.md.")]
pub(crate) struct Flags {
    /// What agents may do besides looking
    #[arg(long, value_name = "WHAT", default_value = "nothing")]
    allow: Allow,
    /// Serve over HTTP on this port of this machine; 0 takes a free one
    #[arg(long, value_name = "PORT", value_parser = http::address)]
    http: Option<SocketAddr>,
    /// A file with an approval, by `undrift approve -o`, outside the project
    #[arg(long, value_name = "FILE")]
    approvals: Option<PathBuf>,
}

/// What a client has to know.
#[derive(Serialize)]
struct Address<'a> {
    url: &'a str,
    token: &'a str,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { settings, terminal, .. } = invocation;
    let Flags { allow, http, approvals } = flags;
    // What is wrong with the project is better said now than to every call.
    engine::open(&settings)?;
    let server = Server::new(Start::new(settings, allow, approvals));
    match http {
        None => server.serve_stdio().await?,
        Some(address) => {
            let listening = Listening::on(address, Token::random()?).await?;
            let address = Address { url: &listening.url, token: listening.token.reveal() };
            terminal.result(&address, show);
            listening.serve(server).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &mut Terminal, address: &Address<'_>) {
    let Address { url, token } = address;
    terminal.line(format_args!("{STRONG}{url}{STRONG:#}"));
    terminal.line(format_args!("Authorization: Bearer {token}"));
    terminal.line(format_args!(
        "{NOTICE}note:{NOTICE:#} whoever has the token may do what the server allows; it ends with the server"
    ));
}
