//! The words of the language: a position in the text, moved forward by the smallest rules.
//!
//! What is a word depends on the place (`}` ends a block only at the start of a line; anything may
//! follow an opening brace), so the grammar asks for what it expects instead of reading a finished
//! list. Every byte passed is noted as a [`Token`]; going back takes the notes back.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::source::{Diagnostic, FileId, Severity, Span};

/// A piece of the text; all of them together are the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Spaces and tabs.
    Whitespace,
    /// One line break.
    Newline,
    /// `// …`, without the line break.
    Comment,
    /// `/// …`, without the line break.
    Documentation,
    /// `/* … */`.
    BlockComment,
    /// A keyword, name or dotted name.
    Word,
    /// `-1.5`.
    Number,
    /// `"…"` with its quotes.
    String,
    /// Brackets, commas, at signs and the like.
    Punctuation,
    /// Text that is not understood, and what follows an opening brace on its line.
    Skipped,
}

/// A range of bytes of the text.
pub(super) type Range = std::ops::Range<usize>;

/// A position in the text, with what was noted on the way to it.
pub(crate) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) position: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) diagnostics: Vec<Diagnostic>,
    file: FileId,
    comment_ends: Search,
    closing_braces: Search,
}

/// A state of the cursor to come back to.
pub(crate) struct Mark {
    position: usize,
    tokens: usize,
    diagnostics: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(file: FileId, text: &'t str) -> Self {
        Self {
            text,
            position: 0,
            tokens: Vec::with_capacity(text.len() / 4),
            diagnostics: Vec::new(),
            file,
            comment_ends: Search { needle: "*/", last: None },
            closing_braces: Search { needle: "}", last: None },
        }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.position..).unwrap_or_default()
    }

    pub(super) fn slice(&self, range: Range) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            position: self.position,
            tokens: self.tokens.len(),
            diagnostics: self.diagnostics.len(),
        }
    }

    pub(super) fn rewind(&mut self, mark: &Mark) {
        self.position = mark.position;
        self.tokens.truncate(mark.tokens);
        self.diagnostics.truncate(mark.diagnostics);
    }

    /// Runs a rule; where it does not match, nothing has happened.
    pub(super) fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mark = self.mark();
        let found = rule(self);
        if found.is_none() {
            self.rewind(&mark);
        }
        found
    }

    pub(super) fn span(&self, range: Range) -> Span {
        let byte = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file: self.file, start: byte(range.start), end: byte(range.end) }
    }

    pub(super) fn error(&mut self, message: impl Into<String>, range: Range) {
        let span = self.span(range);
        let severity = Severity::Error;
        self.diagnostics.push(Diagnostic { severity, message: message.into(), span });
    }

    /// Replaces what was reported since the mark: a line reports one thing.
    pub(super) fn error_instead(&mut self, since: &Mark, message: &str, range: Range) {
        self.diagnostics.truncate(since.diagnostics);
        self.error(message, range);
    }

    /// Moves over `length` bytes and notes them.
    pub(super) fn take(&mut self, kind: TokenKind, length: usize) -> Range {
        let range = self.position..self.position + length;
        if length > 0 {
            let span = self.span(range.clone());
            self.tokens.push(Token { kind, span });
        }
        self.position = range.end;
        range
    }

    pub(super) fn whitespace(&mut self) {
        let rest = self.rest();
        let mut length = rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if rest.as_bytes().get(length).is_some_and(|byte| !byte.is_ascii()) {
            length = rest.find(|c| !is_whitespace(c)).unwrap_or(rest.len());
        }
        self.take(TokenKind::Whitespace, length);
    }

    pub(super) fn newline(&mut self) -> Option<Range> {
        let rest = self.rest();
        let length = match rest.as_bytes().first() {
            Some(b'\n') => 1,
            Some(b'\r') if rest.starts_with("\r\n") => 2,
            Some(b'\r') => 1,
            _ => return None,
        };
        Some(self.take(TokenKind::Newline, length))
    }

    /// Takes what is left of the line, without its line break and without white space at its end.
    pub(super) fn rest_of_line(&mut self) -> Range {
        let rest = self.rest();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let range = self.take(TokenKind::Skipped, line.trim_end_matches(is_whitespace).len());
        self.whitespace();
        range
    }

    pub(super) fn punctuation(&mut self, sign: &str) -> Option<Range> {
        self.rest().starts_with(sign).then(|| self.take(TokenKind::Punctuation, sign.len()))
    }

    pub(super) fn keyword(&mut self, word: &str) -> Option<Range> {
        self.rest().starts_with(word).then(|| self.take(TokenKind::Word, word.len()))
    }

    pub(super) fn identifier(&mut self) -> Option<Range> {
        let length = identifier_length(self.rest())?;
        Some(self.take(TokenKind::Word, length))
    }

    /// Takes an identifier with dots in it: `db.VarChar`. Stray dots belong to it.
    pub(super) fn path(&mut self) -> Option<Range> {
        let rest = self.rest();
        let mut length = identifier_length(rest)?;
        while let Some(after) = rest.get(length..).and_then(|rest| rest.strip_prefix('.')) {
            length += 1 + identifier_length(after).unwrap_or(0);
        }
        Some(self.take(TokenKind::Word, length))
    }

    pub(super) fn number(&mut self) -> Option<Range> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = self.rest();
        let sign = usize::from(rest.starts_with('-'));
        let whole = digits(rest.get(sign..)?);
        if whole == 0 {
            return None;
        }
        let mut length = sign + whole;
        if let Some(after) = rest.get(length..).and_then(|rest| rest.strip_prefix('.')) {
            let decimals = digits(after);
            length += if decimals > 0 { 1 + decimals } else { 0 };
        }
        Some(self.take(TokenKind::Number, length))
    }

    /// Takes `"…"`; control characters end the search, unless a backslash stands before them.
    pub(super) fn string(&mut self) -> Option<Range> {
        let content = self.rest().strip_prefix('"')?;
        let mut characters = content.char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                '"' => return Some(self.take(TokenKind::String, offset + 2)),
                '\\' => {
                    characters.next()?;
                }
                '\0'..='\x1f' => return None,
                _ => {}
            }
        }
        None
    }

    /// Takes one comment of any sort, without white space before it and line break behind it.
    pub(super) fn comment(&mut self) -> Option<(TokenKind, Range)> {
        let rest = self.rest();
        if rest.starts_with("//") {
            let is_documentation = rest.starts_with("///");
            let kind = if is_documentation { TokenKind::Documentation } else { TokenKind::Comment };
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            return Some((kind, self.take(kind, length)));
        }
        if rest.starts_with("/*") {
            let end = self.comment_ends.find(self.text, self.position + 2)? + 2;
            let length = end - self.position;
            let kind = TokenKind::BlockComment;
            return Some((kind, self.take(kind, length)));
        }
        None
    }

    /// Takes everything up to the next closing brace.
    pub(super) fn up_to_brace(&mut self) -> Option<Range> {
        let end = self.closing_braces.find(self.text, self.position)?;
        Some(self.take(TokenKind::Skipped, end - self.position))
    }
}

/// A search that remembers its last answer, so that many things that are never closed do not each
/// search the whole text.
struct Search {
    needle: &'static str,
    /// Where the search began, and what it found.
    last: Option<(usize, Option<usize>)>,
}

impl Search {
    fn find(&mut self, text: &str, start: usize) -> Option<usize> {
        match self.last {
            Some((from, found)) if from <= start && found.is_none_or(|found| found >= start) => {
                found
            }
            _ => {
                let found = text.get(start..)?.find(self.needle).map(|offset| start + offset);
                self.last = Some((start, found));
                found
            }
        }
    }
}

/// Whether a character separates words: tabs and Unicode's space separators, but no line breaks.
pub(super) fn is_whitespace(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
        || matches!(character, '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Returns the length of the identifier the text starts with: letters of any script and ASCII
/// digits, after the first also underscores and dashes.
fn identifier_length(text: &str) -> Option<usize> {
    let is_inner = |c: char| {
        if c.is_ascii() {
            c.is_ascii_alphanumeric() || c == '_' || c == '-'
        } else {
            c.general_category_group() == GeneralCategoryGroup::Letter
        }
    };
    // Most names are ASCII: what need not be decoded is passed over first.
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-';
    let mut length = text.bytes().take_while(|byte| is_plain(byte)).count();
    if text.as_bytes().get(length).is_some_and(|byte| !byte.is_ascii()) {
        length = text.find(|c| !is_inner(c)).unwrap_or(text.len());
    }
    (length > 0 && !text.starts_with(['_', '-'])).then_some(length)
}
