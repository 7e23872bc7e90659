//! `undrift approve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use engine::{Approvable, Approval, ApproveRequest, PlanFile};

use super::{Invocation, Outcome};
use crate::prompt::Person;
use crate::terminal::{BAD, FAINT, GOOD, NOTICE, STRONG, Terminal};

/// Look at a plan and approve it, so that an agent may apply it.
///
/// The plan is shown whole. Approving takes a terminal, the name of the database, and a yes to each loss of
/// data; an agent cannot do it. An approval counts once, for a while, for this plan and the database as it
/// is. It is kept in the user's state folder, signed, and not in the project.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift approve 3f2a…               a plan that an agent proposed, by its fingerprint
  undrift approve plan.json           one of `undrift plan -o plan.json`
  undrift approve plan.json --for 8h
  undrift approve plan.json -o /secure/approval.json
                                      for `undrift mcp --approvals /secure/approval.json`

Exit codes: 0 approved; 1 it cannot be; 130 not approved.")]
pub(crate) struct Flags {
    /// The plan: its file, or its fingerprint
    #[arg(value_name = "PLAN")]
    plan: String,
    /// How long it counts: 30m, 8h, 2d
    #[arg(long = "for", value_name = "TIME", value_parser = duration, default_value = "1h")]
    lasting: Duration,
    /// Write the approval to this file instead
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { global, settings, terminal } = invocation;
    let Flags { plan, lasting, output } = flags;
    let approvable = engine::approvable(&settings, &plan)?;
    if !global.json {
        show(terminal, &approvable);
    }
    let mut person = Person::at_terminal(global.json);
    #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
    let request = ApproveRequest { now: SystemTime::now(), lasting, output };
    let approval = engine::approve(&settings, approvable, &request, &mut person)?;
    terminal.result(&approval, show_approval);
    Ok(ExitCode::SUCCESS)
}

/// Shows all of a plan: nothing that is approved is left out or shortened.
fn show(terminal: &mut Terminal, approvable: &Approvable) {
    let Approvable { fingerprint, plan } = approvable;
    let PlanFile { target, notices, scripts, losses, .. } = plan;
    let datasource = &target.datasource;
    terminal.line(format_args!("Plan {fingerprint}"));
    terminal.line(format_args!(
        "for the database {STRONG}{}{STRONG:#}, schema \"{}\", at {STRONG}{}{STRONG:#}",
        visible(&datasource.database),
        visible(&datasource.schema),
        visible(&datasource.address)
    ));
    for notice in notices {
        terminal.line(format_args!("{NOTICE}note:{NOTICE:#} {}", visible(notice)));
    }
    for script in scripts {
        let name = script.migration.as_deref().unwrap_or("in one transaction");
        terminal.line(format_args!("\n{STRONG}{}{STRONG:#}", visible(name)));
        for statement in &script.statements {
            for (at, line) in statement.sql.lines().enumerate() {
                let number = statement.line.saturating_add(at);
                terminal.line(format_args!("{FAINT}{number:>5}{FAINT:#}  {}", visible(line)));
            }
            for lock in &statement.locks {
                terminal.line(format_args!(
                    "       {FAINT}{} on {} ({} wait){FAINT:#}",
                    lock.mode,
                    visible(&lock.relation.to_string()),
                    lock.mode.blocks()
                ));
            }
            for stake in &statement.data {
                terminal.line(format_args!("       {BAD}{}{BAD:#}", visible(&stake.to_string())));
            }
        }
    }
    terminal.line("");
    for loss in losses {
        terminal.line(format_args!("{BAD}lost:{BAD:#} {}", visible(loss)));
    }
}

/// A text with what could hide some of it, or make it look otherwise, written out.
fn visible(text: &str) -> String {
    let is_hiding = |c: char| {
        c.is_control() && c != '\t'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    text.chars()
        .map(|c| if is_hiding(c) { c.escape_unicode().to_string() } else { c.to_string() })
        .collect()
}

fn show_approval(terminal: &mut Terminal, approval: &Approval) {
    let minutes = approval.seconds.div_ceil(60);
    terminal.line(format_args!(
        "{GOOD}Approved:{GOOD:#} the plan {} may be applied once, within {minutes} minutes.",
        approval.fingerprint
    ));
}

/// Reads a time as `30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as 45s, 30m, 8h or 2d".to_owned();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match text.get(number.len()..) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 60 * 60,
        Some("d") => 24 * 60 * 60,
        Some(_) | None => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(number.checked_mul(seconds).ok_or_else(wrong)?))
}

#[cfg(test)]
mod tests {
    use super::{duration, visible};

    #[test]
    fn nothing_hides_in_a_text() {
        assert_eq!(visible("DROP\r\u{1b}[2K-- ok\u{202e}"), "DROP\\u{d}\\u{1b}[2K-- ok\\u{202e}");
        assert_eq!(visible("ein\tTäßt 表"), "ein\tTäßt 表");
    }

    #[test]
    fn times_are_read() {
        assert_eq!(duration("90m").unwrap().as_secs(), 5400);
        assert_eq!(duration("2d").unwrap().as_secs(), 172_800);
        for wrong in ["", "5", "h", "-1h", "1w", "99999999999999999999d", "9999999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
