//! A part of a script on its way to the server, and the way back of an error to its place.

use crate::ServerError;
use crate::deploy::FailedStatement;
use script::{Kind, Script};
use std::ops::Range;

/// A text for the server that holds some statements of a script.
pub(crate) struct Message<'a> {
    script: &'a Script<'a>,
    statements: Range<usize>,
    /// What goes to the server.
    pub(crate) text: String,
    /// How many characters and how many commands come before the script's part.
    characters_before: usize,
    commands_before: usize,
    /// The byte of the script that its part begins at.
    start: usize,
}

impl<'a> Message<'a> {
    /// Statements of a script for a transaction, between other commands. `before` must end with a
    /// semicolon and hold nothing but commands.
    pub(crate) fn new(
        script: &'a Script<'a>,
        statements: Range<usize>,
        before: &[String],
        after: &str,
    ) -> Self {
        let mut text = String::new();
        for command in before {
            text.push_str(command);
            text.push(';');
        }
        let characters_before = text.chars().count();
        text.push_str(&script.text_in_transaction(statements.clone()));
        // The line break ends a comment that the script may end with.
        text.push_str("\n;");
        text.push_str(after);
        let commands_before = before.len();
        let start = Self::start(script, &statements);
        Self { script, statements, text, characters_before, commands_before, start }
    }

    /// One statement, or a whole script, as it stands.
    pub(crate) fn verbatim(script: &'a Script<'a>, statements: Range<usize>) -> Self {
        let span = |at: usize| script.statements().get(at).map(|statement| statement.span.clone());
        let (text, start) = match span(statements.start) {
            Some(span) if statements.len() == 1 => {
                (script.text().get(span.clone()).unwrap_or_default(), span.start)
            }
            _ => (script.text(), 0),
        };
        let text = text.to_owned();
        Self { script, statements, text, characters_before: 0, commands_before: 0, start }
    }

    /// Another command in place of the statement, which stays what is complained of.
    pub(crate) fn with(&self, command: String) -> Self {
        let Self { script, statements, start, .. } = self;
        Self {
            script,
            statements: statements.clone(),
            text: command,
            characters_before: usize::MAX,
            commands_before: 0,
            start: *start,
        }
    }

    fn start(script: &Script<'_>, statements: &Range<usize>) -> usize {
        match statements.start {
            0 => 0,
            first => script.statements().get(first).map_or(0, |statement| statement.span.start),
        }
    }

    /// The number of the statement that an error stopped, and the byte of the script that it is
    /// about. `completed` is the number of commands of the message that went well.
    pub(crate) fn locate(&self, error: &ServerError, completed: usize) -> Option<Located> {
        let byte = error.position.and_then(|position| {
            let position = position.checked_sub(self.characters_before)?;
            let part = self.script.text().get(self.start..)?;
            let characters = part.chars().count();
            let byte = part.char_indices().nth(position.checked_sub(1)?).map(|(byte, _)| byte);
            // Behind its end stand our own commands.
            byte.or_else(|| (position == characters + 1).then_some(part.len()))
                .map(|byte| self.start + byte)
        });
        if let Some(byte) = byte {
            let number = self.script.statement_at(byte).unwrap_or(self.statements.end - 1);
            return Some(Located { number, byte: Some(byte) });
        }
        let completed = completed.checked_sub(self.commands_before)?;
        let number = self
            .statements
            .clone()
            .filter(|at| {
                !self.script.statements().get(*at).is_some_and(|statement| {
                    self.commands_before > 0
                        && matches!(statement.kind, Kind::Begin | Kind::Commit | Kind::Rollback)
                })
            })
            .nth(completed)?;
        Some(Located { number, byte: None })
    }
}

/// Where an error is in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Located {
    /// The statement's number, from 0.
    pub(crate) number: usize,
    /// The byte complained of.
    pub(crate) byte: Option<usize>,
}

impl Located {
    /// The statement, described for a person.
    pub(crate) fn describe(self, script: &Script<'_>) -> Option<FailedStatement> {
        FailedStatement::new(script, self.number, self.byte)
    }
}
