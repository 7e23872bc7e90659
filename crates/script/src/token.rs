//! Tokens of SQL, as far as the boundaries of statements need them.
//!
//! The rules are those of PostgreSQL's own scanner (`scan.l`) with `standard_conforming_strings`
//! on: nested comments, dollar quotes, `E''` escapes, strings continued on the next line. Numbers
//! and operators are cut more coarsely, for nothing here depends on their exact extent.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An unquoted identifier or keyword.
    Word,
    /// An identifier in double quotes, `U&` included.
    QuotedIdentifier,
    /// A string constant in single quotes, with its prefix and continuations.
    String,
    /// A dollar-quoted string constant.
    DollarString,
    /// A number or a parameter such as `$1`.
    Number,
    /// One character of anything else: an operator, a bracket, a separator.
    Symbol,
    /// A quoted thing or a comment that the text ends in the middle of.
    Unterminated,
}

/// A token and its place in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Range<usize>,
}

/// Cuts a text into tokens, leaving out white space and comments.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut cursor = Cursor { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        if !cursor.skip_blank() {
            tokens.push(Token { kind: Kind::Unterminated, span: cursor.at..text.len() });
            return tokens;
        }
        let start = cursor.at;
        let Some(first) = cursor.peek() else { return tokens };
        let kind = cursor.token(first);
        tokens.push(Token { kind, span: start..cursor.at });
        if kind == Kind::Unterminated {
            return tokens;
        }
    }
}

/// Whether a character starts an identifier.
fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

/// White space as `scan.l` has it: no Unicode spaces, which are identifier characters there.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self, c: char) {
        self.at += c.len_utf8();
    }

    /// Moves behind all characters that satisfy a condition.
    fn take_while(&mut self, condition: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !condition(c)).unwrap_or(rest.len());
    }

    /// Skips white space and comments; false when a comment does not end.
    fn skip_blank(&mut self) -> bool {
        loop {
            self.take_while(is_space);
            if self.rest().starts_with("--") {
                self.take_while(|c| c != '\n' && c != '\r');
            } else if self.rest().starts_with("/*") {
                if !self.skip_block_comment() {
                    return false;
                }
            } else {
                return true;
            }
        }
    }

    /// Skips a block comment, which may hold others; stays in place and answers false if it does
    /// not end.
    fn skip_block_comment(&mut self) -> bool {
        let start = self.at;
        let mut depth = 0_u32;
        while let Some(c) = self.peek() {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return true;
                }
            } else {
                self.advance(c);
            }
        }
        self.at = start;
        false
    }

    fn token(&mut self, first: char) -> Kind {
        match first {
            '\'' => self.string(0, false),
            '"' => self.quoted_identifier(0),
            '$' => self.dollar(),
            c if c.is_ascii_digit() => {
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
                Kind::Number
            }
            c if starts_word(c) => self.word(),
            c => {
                self.advance(c);
                Kind::Symbol
            }
        }
    }

    fn word(&mut self) -> Kind {
        let prefix = self.rest().as_bytes();
        match prefix {
            [b'e' | b'E', b'\'', ..] => return self.string(1, true),
            [b'b' | b'B' | b'x' | b'X' | b'n' | b'N', b'\'', ..] => return self.string(1, false),
            [b'u' | b'U', b'&', b'\'', ..] => return self.string(2, false),
            [b'u' | b'U', b'&', b'"', ..] => return self.quoted_identifier(2),
            _ => {}
        }
        self.take_while(|c| starts_word(c) || c.is_ascii_digit() || c == '$');
        Kind::Word
    }

    /// A string whose opening quote is `prefix` bytes ahead.
    fn string(&mut self, prefix: usize, backslash_escapes: bool) -> Kind {
        self.at += prefix + 1;
        loop {
            let Some(c) = self.peek() else { return Kind::Unterminated };
            self.advance(c);
            match c {
                '\\' if backslash_escapes => match self.peek() {
                    Some(escaped) => self.advance(escaped),
                    None => return Kind::Unterminated,
                },
                '\'' if self.peek() == Some('\'') => self.at += 1,
                '\'' if self.continues() => {}
                '\'' => return Kind::String,
                _ => {}
            }
        }
    }

    /// After a closing quote: moves behind the next quote if it continues the string, which it does
    /// when a line break is between them.
    fn continues(&mut self) -> bool {
        let start = self.at;
        loop {
            self.take_while(is_space);
            if !self.rest().starts_with("--") {
                break;
            }
            self.take_while(|c| c != '\n' && c != '\r');
        }
        let between = self.text.get(start..self.at).unwrap_or_default();
        if self.peek() == Some('\'') && between.contains(['\n', '\r']) {
            self.at += 1;
            return true;
        }
        self.at = start;
        false
    }

    fn quoted_identifier(&mut self, prefix: usize) -> Kind {
        self.at += prefix + 1;
        loop {
            let Some(c) = self.peek() else { return Kind::Unterminated };
            self.advance(c);
            if c == '"' {
                if self.peek() != Some('"') {
                    return Kind::QuotedIdentifier;
                }
                self.at += 1;
            }
        }
    }

    /// A dollar-quoted string, a parameter, or a lone dollar sign.
    fn dollar(&mut self) -> Kind {
        let rest = self.rest();
        let after = rest.get(1..).unwrap_or_default();
        let tag_length =
            after.find(|c: char| !(starts_word(c) || c.is_ascii_digit())).unwrap_or(after.len());
        let tag = after.get(..tag_length).unwrap_or_default();
        let opens = after.get(tag_length..).is_some_and(|behind| behind.starts_with('$'))
            && !tag.starts_with(|c: char| c.is_ascii_digit());
        if !opens {
            self.at += 1;
            if after.starts_with(|c: char| c.is_ascii_digit()) {
                self.take_while(|c| c.is_ascii_digit());
                return Kind::Number;
            }
            return Kind::Symbol;
        }
        let delimiter_length = tag_length + 2;
        let delimiter = rest.get(..delimiter_length).unwrap_or_default();
        let body = rest.get(delimiter_length..).unwrap_or_default();
        match body.find(delimiter) {
            Some(length) => {
                self.at += delimiter_length + length + delimiter_length;
                Kind::DollarString
            }
            None => Kind::Unterminated,
        }
    }
}
