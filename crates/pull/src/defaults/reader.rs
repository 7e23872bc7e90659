//! Reading the pieces of an expression one after the other.

use super::tokens::{Kind, Token, tokens};

/// A place in an expression. A method that finds nothing may have moved on: the caller gives up then.
pub(super) struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { tokens: tokens(text), at: 0 }
    }

    /// Whether there is at most one more piece.
    pub(super) fn is_about_done(&self) -> bool {
        self.at + 1 >= self.tokens.len()
    }

    pub(super) fn is_word(&self) -> bool {
        self.peek() == Some(Kind::Word)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.peek(), Some(Kind::Digits | Kind::Sign('-')))
    }

    pub(super) fn is_literal(&self) -> bool {
        matches!(self.peek(), Some(Kind::Literal | Kind::EscapedLiteral))
    }

    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.expect(Kind::Word)
    }

    pub(super) fn sign(&mut self, sign: char) -> Option<()> {
        self.expect(Kind::Sign(sign)).map(|_| ())
    }

    pub(super) fn skip_sign(&mut self, sign: char) -> bool {
        self.sign(sign).is_some()
    }

    /// A string with its casts.
    pub(super) fn literal(&mut self) -> Option<String> {
        let text = match self.next()? {
            Token { kind: Kind::Literal, text } => {
                text.get(1..text.len().checked_sub(1)?)?.replace("''", "'")
            }
            Token { kind: Kind::EscapedLiteral, text } => {
                unescaped(text.get(2..text.len().checked_sub(1)?)?)?
            }
            Token { .. } => return None,
        };
        self.casts()?;
        Some(text)
    }

    /// An element of an array that is no number: a word, or something in quotes.
    pub(super) fn element(&mut self) -> Option<String> {
        match self.peek()? {
            Kind::Word => self.word().map(str::to_owned),
            Kind::Quoted => self.quoted(),
            Kind::Literal | Kind::EscapedLiteral => self.literal(),
            Kind::Sign(_) | Kind::Cast | Kind::Digits | Kind::Space | Kind::Other => None,
        }
    }

    /// A label of an enum type.
    pub(super) fn label(&mut self) -> Option<String> {
        let label = if self.is_word() { self.word()?.to_owned() } else { self.literal()? };
        self.casts()?;
        Some(label)
    }

    /// A whole number, in quotes or not.
    pub(super) fn integer(&mut self) -> Option<String> {
        let number: i64 = if self.is_literal() {
            self.literal()?.parse().ok()?
        } else {
            let is_negative = self.skip_sign('-');
            let number: i64 = self.expect(Kind::Digits)?.parse().ok()?;
            if is_negative { -number } else { number }
        };
        Some(number.to_string())
    }

    /// A number with its casts, in quotes, in parentheses, or as it is.
    pub(super) fn decimal(&mut self) -> Option<String> {
        let number = if self.is_literal() {
            // Within quotes, what follows the number is not looked at.
            Reader::new(&self.literal()?).plain_decimal()?
        } else {
            self.plain_decimal()?
        };
        self.casts()?;
        Some(number)
    }

    fn plain_decimal(&mut self) -> Option<String> {
        let is_wrapped = self.skip_sign('(');
        let sign = if self.skip_sign('-') { "-" } else { "" };
        let whole = self.expect(Kind::Digits)?;
        let fraction = if self.skip_sign('.') { Some(self.expect(Kind::Digits)?) } else { None };
        if is_wrapped {
            self.sign(')')?;
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let number =
            fraction.map_or_else(|| whole.to_owned(), |digits| format!("{whole}.{digits}"));
        let is_zero = number.bytes().all(|digit| matches!(digit, b'0' | b'.'));
        Some(if is_zero { number } else { format!("{sign}{number}") })
    }

    pub(super) fn boolean(&mut self) -> Option<bool> {
        let word = self.word()?;
        let is = |names: [&str; 2]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        is(["t", "true"]).then_some(true).or_else(|| is(["f", "false"]).then_some(false))
    }

    /// `now()` or `CURRENT_TIMESTAMP`.
    pub(super) fn now(&mut self) -> bool {
        let Some(name) = self.word() else { return false };
        if self.skip_sign('(') && !self.skip_sign(')') || self.casts().is_none() {
            return false;
        }
        name.eq_ignore_ascii_case("now") || name.eq_ignore_ascii_case("current_timestamp")
    }

    /// `nextval('…'::regclass)` or `nextval(('…'::text)::regclass)`.
    pub(super) fn next_value(&mut self) -> bool {
        self.next_value_call().is_some()
    }

    fn next_value_call(&mut self) -> Option<()> {
        self.word().filter(|word| word.eq_ignore_ascii_case("nextval"))?;
        self.sign('(')?;
        self.skip_sign('(');
        let name = self.is_literal().then(|| self.literal())??;
        let mut name = Reader::new(&name);
        name.identifier()?;
        if name.skip_sign('.') {
            name.identifier()?;
        }
        while self.next()?.kind != Kind::Sign(')') {}
        self.casts()?;
        self.skip_sign(')');
        self.casts()
    }

    fn identifier(&mut self) -> Option<()> {
        matches!(self.next()?.kind, Kind::Quoted | Kind::Word).then_some(())
    }

    fn quoted(&mut self) -> Option<String> {
        let text = self.expect(Kind::Quoted)?;
        let mut value = String::new();
        let mut letters = text.get(1..text.len().checked_sub(1)?)?.chars();
        while let Some(letter) = letters.next() {
            value.push(if letter == '\\' { letters.next()? } else { letter });
        }
        Some(value)
    }

    /// A cast, if there is one: `::character varying(3)[]`.
    fn casts(&mut self) -> Option<()> {
        if self.expect(Kind::Cast).is_none() {
            return Some(());
        }
        while matches!(self.peek(), Some(Kind::Quoted | Kind::Word | Kind::Sign('.'))) {
            self.next();
        }
        if self.skip_sign('(') {
            while self.next()?.kind != Kind::Sign(')') {}
        }
        if self.skip_sign('[') {
            self.sign(']')?;
        }
        Some(())
    }

    /// The position of the next piece that is not white space.
    fn next_position(&self) -> Option<usize> {
        let rest = self.tokens.get(self.at..)?;
        let skipped = rest.iter().position(|token| token.kind != Kind::Space)?;
        Some(self.at + skipped)
    }

    fn peek(&self) -> Option<Kind> {
        self.tokens.get(self.next_position()?).map(|token| token.kind)
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let position = self.next_position()?;
        self.at = position + 1;
        self.tokens.get(position).copied()
    }

    fn expect(&mut self, kind: Kind) -> Option<&'a str> {
        if self.peek()? != kind {
            return None;
        }
        self.next().map(|token| token.text)
    }
}

/// What stands in `E'…'`.
fn unescaped(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        value.push(match letters.next()? {
            'b' => '\u{8}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other => other,
        });
    }
    Some(value)
}
