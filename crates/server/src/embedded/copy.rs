//! `COPY … FROM STDIN` through an engine that wants the whole conversation at once.
//!
//! A server answers such a command with an invitation to send data, and only then gets it. The engine
//! must be given command and data in one block. So the invitation comes from us, the data is
//! collected, and the engine's own invitation is left out of its answer. Which commands need this is
//! read off their text.

use std::collections::BTreeSet;

use super::wire::{self, Frame};

/// Which of the protocol's two ways a command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As a `Query`.
    Simple,
    /// As a prepared statement.
    Extended,
}

/// Knows which prepared statements of a client copy from standard input.
#[derive(Debug, Default)]
pub(super) struct CopyIn {
    statements: BTreeSet<Vec<u8>>,
}

impl CopyIn {
    /// Returns how a block starts a copy, if it does. Blocks must be shown in order.
    pub(super) fn starts(&mut self, block: &[Frame]) -> Option<Way> {
        let mut way = None;
        for frame in block {
            match frame.kind {
                b'Q' if copies_in(frame.body.strip_suffix(b"\0").unwrap_or(&frame.body)) => {
                    way = Some(Way::Simple);
                }
                b'P' => {
                    let Some((name, rest)) = wire::split_c_string(&frame.body) else { continue };
                    self.statements.remove(name);
                    if wire::split_c_string(rest).is_some_and(|(sql, _)| copies_in(sql)) {
                        self.statements.insert(name.to_owned());
                    }
                }
                b'B' => {
                    let statement = wire::split_c_string(&frame.body)
                        .and_then(|(_portal, rest)| wire::split_c_string(rest));
                    if statement.is_some_and(|(name, _)| self.statements.contains(name)) {
                        way = Some(Way::Extended);
                    }
                }
                _ => {}
            }
        }
        way
    }
}

impl Way {
    /// Invites the client to send data. What is said of columns and formats is not true, but no client
    /// is known to look at it.
    pub(super) fn invitation(self) -> Vec<Frame> {
        let mut frames = self.complete_bind();
        frames.push(Frame::new(b'G', [0, 0, 0]));
        frames
    }

    /// Removes from the engine's answer what the invitation said already.
    pub(super) fn without_invitation(self, answer: &[u8]) -> Vec<u8> {
        let mut said: Vec<u8> = self.invitation().iter().map(|frame| frame.kind).collect();
        let mut rest = Vec::with_capacity(answer.len());
        for frame in wire::frames(answer) {
            match said.iter().position(|kind| *kind == frame.kind) {
                Some(position) => drop(said.remove(position)),
                None => frame.write(&mut rest),
            }
        }
        rest
    }

    fn complete_bind(self) -> Vec<Frame> {
        match self {
            Self::Simple => Vec::new(),
            Self::Extended => vec![Frame::new(b'2', [])],
        }
    }
}

/// Returns whether a statement is `COPY … FROM STDIN`.
fn copies_in(sql: &[u8]) -> bool {
    let sql = String::from_utf8_lossy(sql);
    let words = bare_words(&sql);
    words.first().is_some_and(|word| word == "copy")
        && words
            .windows(2)
            .any(|pair| matches!(pair, [from, stdin] if from == "from" && stdin == "stdin"))
}

/// Returns the words of the first statement in lower case, without what is quoted or a comment.
fn bare_words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let end = rest.get(1..).and_then(|rest| rest.find(first));
                end.map_or(rest.len(), |end| end + 2)
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            ';' => break,
            it if it.is_alphabetic() || it == '_' => {
                let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_' && it != '$');
                let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
                words.push(word.to_ascii_lowercase());
                word.len()
            }
            other => other.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_from_standard_input_is_told_by_its_words() {
        for yes in [
            "COPY t FROM STDIN",
            " /* c */ copy public.\"from\" (a, b) from stdin with (format csv);",
            "-- x\nCOPY t FROM\n STDIN",
        ] {
            assert!(copies_in(yes.as_bytes()), "{yes}");
        }
        for no in [
            "COPY t TO STDOUT",
            "COPY t FROM '/tmp/stdin'",
            "COPY \"from stdin\" TO STDOUT",
            "SELECT 1; COPY t FROM STDIN",
            "COPY t TO STDOUT; COPY t FROM STDIN",
            "",
            "'",
        ] {
            assert!(!copies_in(no.as_bytes()), "{no}");
        }
    }
}
