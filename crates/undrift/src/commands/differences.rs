//! Objects that differ, as they are shown.

use engine::{Difference, Ignored, State};

use crate::terminal::{BAD, FAINT, GOOD, NOTICE, Terminal};

/// Shows an object that differs: what is expected of it and what it is. `nowhere` says where an
/// unexpected one is not.
pub(super) fn show(terminal: &mut Terminal, difference: &Difference, nowhere: &str) {
    let (kind, id) = (difference.kind.title(), &difference.id);
    let fields = match &difference.state {
        State::Missing => {
            terminal.line(format_args!("  {BAD}- {kind} {id}{BAD:#} is missing"));
            [].as_slice()
        }
        State::Unexpected => {
            terminal.line(format_args!("  {GOOD}+ {kind} {id}{GOOD:#} is {nowhere}"));
            [].as_slice()
        }
        State::Changed { fields } => {
            terminal.line(format_args!("  {NOTICE}~ {kind} {id}{NOTICE:#}"));
            fields.as_slice()
        }
    };
    for field in fields {
        terminal.line(format_args!("      {}", field.path));
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        terminal.line(format_args!("        {BAD}- expected {}{BAD:#}", said(&field.expected)));
        terminal.line(format_args!("        {GOOD}+ actual   {}{GOOD:#}", said(&field.actual)));
    }
}

/// Says how much differs and is meant to.
pub(super) fn show_ignored(terminal: &mut Terminal, ignored: &[Ignored]) {
    for Ignored { difference, rule, reason } in ignored {
        let reason = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let (kind, id) = (difference.kind.title(), &difference.id);
        terminal.line(format_args!("  {FAINT}ignored by {rule}: {kind} {id}{reason}{FAINT:#}"));
    }
}
