//! Reading a statement word by word, without a grammar of SQL.

use crate::token::{Kind, Token, tokens};
use std::ops::Range;

/// The tokens of a text.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// Cuts a text into tokens, comments and white space left out.
    pub fn of(text: &'a str) -> Self {
        Self { text, tokens: tokens(text) }
    }

    /// All of them, to be read.
    pub fn words(&self) -> Words<'_> {
        Words { text: self.text, tokens: &self.tokens }
    }
}

/// Some tokens that follow each other: a statement, the rest of one, or a part.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    /// Whether nothing is left.
    pub fn is_empty(self) -> bool {
        self.tokens.is_empty()
    }

    /// How many tokens are left.
    pub fn len(self) -> usize {
        self.tokens.len()
    }

    /// A token as written; empty where there is none.
    pub fn word(self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.clone())).unwrap_or_default()
    }

    /// All tokens as written.
    pub fn each(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |at| self.word(at))
    }

    /// The bytes of the text from the first token to the end of the last.
    pub fn span(self) -> Range<usize> {
        let start = self.tokens.first().map_or(self.text.len(), |first| first.span.start);
        let end = self.tokens.last().map_or(start, |last| last.span.end);
        start..end
    }

    /// The text from the first token to the last, as written.
    pub fn text(self) -> &'a str {
        self.text.get(self.span()).unwrap_or_default()
    }

    /// What follows so many tokens.
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        Self { tokens: self.tokens.get(count..).unwrap_or_default(), ..self }
    }

    /// So many tokens from the beginning.
    #[must_use]
    pub fn take(self, count: usize) -> Self {
        Self { tokens: self.tokens.get(..count).unwrap_or(self.tokens), ..self }
    }

    /// What follows if the tokens begin with some keywords.
    pub fn after(self, keywords: &[&str]) -> Option<Self> {
        let mut words = keywords.iter().enumerate();
        words
            .all(|(at, it)| self.word(at).eq_ignore_ascii_case(it))
            .then(|| self.skip(keywords.len()))
    }

    /// What follows, with some keywords left out if they come first.
    #[must_use]
    pub fn maybe(self, keywords: &[&str]) -> Self {
        self.after(keywords).unwrap_or(self)
    }

    /// Whether the tokens begin with some keywords.
    pub fn starts(self, keywords: &[&str]) -> bool {
        self.after(keywords).is_some()
    }

    /// What follows some keywords, wherever they stand first, outside parentheses.
    pub fn behind(self, keywords: &[&str]) -> Option<Self> {
        let at = self.position(|words| words.starts(keywords))?;
        Some(self.skip(at + keywords.len()))
    }

    /// Whether some keywords stand anywhere, one after the other.
    pub fn mentions(self, keywords: &[&str]) -> bool {
        (0..self.len()).any(|at| self.skip(at).starts(keywords))
    }

    /// Where, outside parentheses, what follows satisfies a condition.
    pub fn position(self, condition: impl Fn(Self) -> bool) -> Option<usize> {
        let mut depth = 0_usize;
        for at in 0..self.len() {
            if depth == 0 && condition(self.skip(at)) {
                return Some(at);
            }
            match self.word(at) {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }

    /// Whether a token is a string, in quotes or dollars.
    pub fn is_string(self, at: usize) -> bool {
        let token = self.tokens.get(at);
        token.is_some_and(|token| matches!(token.kind, Kind::String | Kind::DollarString))
    }

    /// Whether a token can be a name: a word or something in double quotes.
    pub fn is_name(self, at: usize) -> bool {
        let token = self.tokens.get(at);
        token.is_some_and(|token| matches!(token.kind, Kind::Word | Kind::QuotedIdentifier))
    }

    /// A name or label as written.
    pub fn name(self) -> Option<(&'a str, Self)> {
        let is_label = self.tokens.first()?.kind == Kind::String;
        (is_label || self.is_name(0)).then(|| (self.word(0), self.skip(1)))
    }

    /// The parts of a qualified name as written.
    pub fn qualified_name(self) -> Option<(Vec<&'a str>, Self)> {
        let (first, mut rest) = self.name()?;
        let mut parts = vec![first];
        while let Some(behind) = rest.after(&["."]) {
            let (part, after) = behind.name()?;
            parts.push(part);
            rest = after;
        }
        Some((parts, rest))
    }

    /// What stands between the parentheses that come first, and what follows them.
    pub fn parenthesised(self) -> Option<(Self, Self)> {
        let inside = self.after(&["("])?;
        let end = inside.position(|words| words.word(0) == ")")?;
        Some((inside.take(end), inside.skip(end + 1)))
    }

    /// The parts between the commas that are outside parentheses.
    pub fn parts(self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut rest = self;
        while let Some(at) = rest.position(|words| words.word(0) == ",") {
            parts.push(rest.take(at));
            rest = rest.skip(at + 1);
        }
        parts.push(rest);
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// What the dollar-quoted strings hold, and where in the text that begins.
    pub fn bodies(self) -> impl Iterator<Item = (usize, &'a str)> {
        let bodies = self.tokens.iter().filter(|token| token.kind == Kind::DollarString);
        bodies.filter_map(move |token| {
            let written = self.text.get(token.span.clone())?;
            let delimiter = written.get(1..)?.find('$')? + 2;
            let body = written.get(delimiter..written.len().checked_sub(delimiter)?)?;
            Some((token.span.start + delimiter, body))
        })
    }

    /// What the dollar-quoted and quoted strings hold.
    pub fn strings(self) -> impl Iterator<Item = &'a str> {
        self.tokens.iter().filter_map(move |token| {
            let written = self.text.get(token.span.clone())?;
            match token.kind {
                Kind::String => written.get(written.find('\'')? + 1..written.len() - 1),
                Kind::DollarString => {
                    let delimiter = written.get(1..)?.find('$')? + 2;
                    written.get(delimiter..written.len().checked_sub(delimiter)?)
                }
                Kind::Word
                | Kind::QuotedIdentifier
                | Kind::Number
                | Kind::Symbol
                | Kind::Unterminated => None,
            }
        })
    }
}

/// A name or label without its quotes, as PostgreSQL keeps it.
pub fn bare(written: &str) -> String {
    let inside = |quote: char| written.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(name) = inside('"') {
        return name.replace("\"\"", "\"");
    }
    if let Some(label) = inside('\'') {
        return label.replace("''", "'");
    }
    written.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    #[test]
    fn parts_are_cut_outside_parentheses() {
        let tokens = Tokens::of("a (1, 2), b DEFAULT f(x, ARRAY[1, 2]) , ,c");
        let parts: Vec<&str> = tokens.words().parts().iter().map(|part| part.text()).collect();
        assert_eq!(parts, ["a (1, 2)", "b DEFAULT f(x, ARRAY[1, 2])", "c"]);
    }

    #[test]
    fn parentheses_are_matched() {
        let tokens = Tokens::of("((a), ')') b");
        let (inside, rest) = tokens.words().parenthesised().unwrap();
        assert_eq!((inside.text(), rest.text()), ("(a), ')'", "b"));
        assert!(Tokens::of("(a").words().parenthesised().is_none());
    }

    #[test]
    fn strings_are_what_is_between_quotes() {
        let tokens = Tokens::of("f('a', $x$b;$x$, E'c')");
        assert_eq!(tokens.words().strings().collect::<Vec<_>>(), ["a", "b;", "c"]);
    }
}
