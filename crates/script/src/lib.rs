//! A migration script: its statements, their places, which cannot run in a transaction.
//!
//! [`Script::parse`] cuts a text where PostgreSQL would: at each `;` outside quotes, comments,
//! parentheses and `BEGIN ATOMIC` bodies. It never fails. A text whose boundaries are in doubt (a
//! quote that does not close, `standard_conforming_strings` switched off) is one statement, for a
//! wrong cut could run half of something.
//!
//! [`Script::batches`] says how the script reaches the server: which statements share a transaction
//! and which must stand alone.
//!
//! The crate does not parse SQL. It looks at the leading words of a statement, as the server's own
//! front ends do, so that syntax younger than this program passes through.

mod batch;
mod place;
mod rename;
mod secret;
mod statement;
pub mod token;
mod words;

pub use batch::{Batch, Boundaries, Ending};
pub use place::Place;
pub use rename::Renaming;
pub use secret::without_passwords;
pub use statement::{Alone, Kind, Statement};
pub use words::{Tokens, Words, bare};

/// Whether two scripts are the same to the server: but for comments and white space between the words.
pub fn same_tokens(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|text| text.strip_prefix('\u{feff}').unwrap_or(text));
    let words = |text| {
        let tokens = token::tokens(text).into_iter();
        tokens
            .map(|token| (token.kind, text.get(token.span).unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    words(one) == words(other)
}

/// A migration script, cut into statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script<'a> {
    text: &'a str,
    statements: Vec<Statement>,
    certain: bool,
}

impl<'a> Script<'a> {
    /// Cuts a text into statements.
    pub fn parse(text: &'a str) -> Self {
        let (statements, certain) = statement::split(text);
        Self { text, statements, certain }
    }

    /// The whole text, as given.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The statements in their order; comments and empty statements are not among them.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether the boundaries are certain; if not, the whole text is one statement.
    pub fn is_certain(&self) -> bool {
        self.certain
    }

    /// The text of a statement, without its semicolon and the comments around it.
    pub fn statement_text(&self, statement: &Statement) -> &'a str {
        self.text.get(statement.span.clone()).unwrap_or_default()
    }

    /// Whether running the script may leave settings behind in the session (`SET`, `RESET ROLE`,
    /// `set_config`, …), so that what runs after it must restore them.
    pub fn changes_session(&self) -> bool {
        self.statements.iter().any(|statement| statement.changes_session) || !self.certain
    }

    /// The line and column of a byte of the text.
    pub fn place(&self, byte: usize) -> Place {
        Place::of_byte(self.text, byte)
    }

    /// The byte at which the character with a number stands; PostgreSQL counts characters, from 1.
    pub fn byte_of_character(&self, number: usize) -> usize {
        place::byte_of_character(self.text, number)
    }

    /// The number of the statement that a byte belongs to, or of the first one after it.
    pub fn statement_at(&self, byte: usize) -> Option<usize> {
        self.statements.iter().position(|statement| byte < statement.span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::same_tokens;

    #[test]
    fn comments_and_white_space_between_words_do_not_count() {
        let one = "-- a\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);";
        assert!(same_tokens(one, "CREATE  TABLE t(a int); /* b */ INSERT INTO t\r\nVALUES (1);"));
        assert!(!same_tokens(one, "CREATE TABLE t (a int);\nINSERT INTO t VALUES (2);"));
        assert!(!same_tokens("SELECT 'a  b'", "SELECT 'a b'"));
        assert!(!same_tokens("SELECT 1", "SELECT 1;;"));
    }
}
