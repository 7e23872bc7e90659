//! The pieces of an expression as the server prints it.

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of `,()[]{}-.`, by the sign.
    Sign(char),
    /// `::`.
    Cast,
    /// `"…"`.
    Quoted,
    /// `'…'`.
    Literal,
    /// `E'…'`.
    EscapedLiteral,
    /// Digits without sign or point.
    Digits,
    /// A word of letters, digits, underscores and hyphens.
    Word,
    /// White space.
    Space,
    /// Anything else.
    Other,
}

/// A piece and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// Takes an expression apart, without gaps.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((kind, length)) = next(rest) {
        let (text, behind) = rest.split_at(length);
        tokens.push(Token { kind, text });
        rest = behind;
    }
    tokens
}

/// What the text begins with, and its length in bytes.
fn next(text: &str) -> Option<(Kind, usize)> {
    let first = text.chars().next()?;
    let run = |of: fn(char) -> bool| text.find(|letter| !of(letter)).unwrap_or(text.len());
    let is_escaped = matches!(first, 'E' | 'e') && text.get(1..2) == Some("'");
    let quoted =
        |kind, length: Option<usize>| length.map_or((Kind::Other, text.len()), |l| (kind, l));
    Some(match first {
        ',' | '(' | ')' | '[' | ']' | '{' | '}' | '-' | '.' => (Kind::Sign(first), 1),
        ':' if text.starts_with("::") => (Kind::Cast, 2),
        '\'' => quoted(Kind::Literal, literal_length(text)),
        '"' => quoted(Kind::Quoted, escaped_length(text, 1, '"')),
        _ if is_escaped => quoted(Kind::EscapedLiteral, escaped_length(text, 2, '\'')),
        _ if first.is_ascii_digit() => (Kind::Digits, run(|letter| letter.is_ascii_digit())),
        _ if first.is_ascii_whitespace() => {
            (Kind::Space, run(|letter| letter.is_ascii_whitespace()))
        }
        _ if first.is_ascii_alphabetic() => (Kind::Word, run(is_word_letter)),
        _ => (Kind::Other, first.len_utf8()),
    })
}

fn is_word_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

/// The length of a literal in which two quotes stand for one.
fn literal_length(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\'' && letters.next_if(|(_, next)| *next == '\'').is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// The length of what is quoted from `start` on, in which a backslash hides the letter behind it.
fn escaped_length(text: &str, start: usize, mark: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(start);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == mark {
            return Some(at + 1);
        }
    }
    None
}
