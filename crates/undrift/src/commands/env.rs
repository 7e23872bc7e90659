//! `undrift env …`: which databases there are, and where one leads.

use std::process::ExitCode;

use clap::Subcommand;
use engine::{EnvironmentCheck, EnvironmentList, EnvironmentView};

use super::{Invocation, Outcome, project};
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// List the environments, show what may be done to one, connect and say where that leads.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  undrift env list
  undrift env show --env staging
  undrift env check --env production

Environments are named in undrift.toml; docs/environments.md has the table of what each allows.
Every command takes --env NAME.")]
pub(crate) enum Command {
    /// List the environments of undrift.toml, and what the project's own URL leads to
    #[command(after_help = "Examples:\n  undrift env list\n  undrift env list --json")]
    List,
    /// Show one: its class, its database, what may be done
    #[command(after_help = "Examples:\n  undrift env show\n  undrift env show --env staging")]
    Show,
    /// Connect, and say what is there: endpoint, encryption, role, pooler, RDS
    #[command(after_help = "\
Examples:
  undrift env check
  undrift env check --env production
  undrift env check --url \"$DATABASE_URL\" --json

Exit codes: 0 changes could be made here, 1 not, or no connection.")]
    Check,
}

pub(crate) async fn run(invocation: Invocation<'_>, command: Command) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    match command {
        Command::List => {
            // The list needs no project; with one, it says what its URL is.
            let project = project::open(&global, &settings, terminal).ok();
            let list = engine::environments(project.as_ref(), &settings)?;
            terminal.result(&list, show_list);
        }
        Command::Show => {
            let project = project::open(&global, &settings, terminal)?;
            let view = engine::environment_show(&project, &settings)?;
            terminal.result(&view, show);
        }
        Command::Check => {
            let project = project::open(&global, &settings, terminal)?;
            let check = engine::environment_check(&project, &settings, terminal).await?;
            terminal.result(&check, show_check);
            if !check.takes_changes() {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show_list(terminal: &mut Terminal, list: &EnvironmentList) {
    for view in &list.environments {
        show(terminal, view);
    }
    if list.environments.is_empty() {
        terminal.line("undrift.toml names no environments: the address decides.");
    }
    if let Some(view) = &list.project {
        terminal.line(format_args!("\n{STRONG}The project's own URL{STRONG:#}"));
        show(terminal, view);
    }
}

fn show(terminal: &mut Terminal, view: &EnvironmentView) {
    let name = view.name.as_deref().unwrap_or("(not named)");
    let protected = if view.protected { ", protected" } else { "" };
    terminal.line(format_args!(
        "{STRONG}{name}{STRONG:#}  {}{protected}  {FAINT}{}{FAINT:#}",
        view.class, view.place
    ));
    match (&view.database, &view.missing_variable) {
        (Some(database), _) => terminal.line(format_args!("  {database}, by {}", view.auth)),
        (None, Some(variable)) => {
            terminal.line(format_args!("  {NOTICE}{variable} is not set{NOTICE:#}"));
        }
        (None, None) => {}
    }
    let names = |allowed| {
        let of = view.permissions.iter().filter(|it| it.allowed == allowed);
        of.map(|it| it.action.as_str()).collect::<Vec<_>>().join(", ")
    };
    for (what, names) in [("allowed", names(true)), ("refused", names(false))] {
        if !names.is_empty() {
            terminal.line(format_args!("  {what}: {names}"));
        }
    }
}

fn show_check(terminal: &mut Terminal, check: &EnvironmentCheck) {
    show(terminal, &check.environment);
    let mut line = |name: &str, text: String| terminal.line(format_args!("{name:<12}{text}"));
    if let Some(host) = &check.host {
        let region = host.region.as_deref().map_or(String::new(), |it| format!(" in {it}"));
        line("endpoint", format!("{}{region}", host.kind));
        if let Some(writer) = &host.writer {
            line("writer", writer.clone());
        }
    }
    let role = match (check.in_recovery, check.read_only) {
        (true, _) => "standby, takes no changes",
        (false, true) => "writer, but sessions are read only",
        (false, false) => "writer",
    };
    line("server", format!("PostgreSQL {}, {role}", check.version));
    let by = check.sign_in.aws.as_deref().map_or(String::new(), |it| format!(" ({it})"));
    line("user", format!("{}, by {}{by}", check.user, check.sign_in.auth));
    let encryption = match &check.encryption.version {
        Some(version) => format!("{version}; checked: {}", check.encryption.checked),
        None => "none".to_owned(),
    };
    line("TLS", format!("{encryption}; authorities of RDS built in: {}", check.authorities));
    if let Some(pooler) = check.pooler {
        line("between", pooler.text());
    }
    if let Some(rds) = &check.rds {
        let product = rds.aurora.as_deref().map_or("RDS".to_owned(), |it| format!("Aurora {it}"));
        line("product", product);
        for (name, value) in &rds.settings {
            line("", format!("{name} = {value}"));
        }
    }
    for notice in &check.notices {
        let text = &notice.text;
        if notice.refuses_changes {
            terminal.line(format_args!("\n{BAD}no changes here{BAD:#}: {text}"));
        } else {
            terminal.line(format_args!("\n{NOTICE}note{NOTICE:#}: {text}"));
        }
        if let Some(next) = &notice.next {
            terminal.line(format_args!("  {next}"));
        }
    }
    if check.takes_changes() {
        terminal.line(format_args!("\n{GOOD}Changes can be made here.{GOOD:#}"));
    }
}
