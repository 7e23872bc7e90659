//! Attributes, their arguments, and values.

use super::{
    Argument, Attribute, Expression, Function, Word,
    cursor::{Cursor, Range},
    strings,
};
use crate::source::Span;

/// How deep values may stand in one another; deeper ones make their line invalid.
const MAXIMUM_DEPTH: usize = 100;

/// `( … )` as written.
struct Arguments {
    list: Vec<Argument>,
    trailing_comma: Option<Span>,
    end: usize,
}

impl Cursor<'_> {
    pub(super) fn word(&self, range: Range) -> Word {
        Word { text: self.slice(range.clone()).to_owned(), span: self.span(range) }
    }

    /// `@name(…)`, with the white space behind it where there are no arguments.
    pub(super) fn field_attribute(&mut self) -> Option<Attribute> {
        self.attribute("@")
    }

    /// `@@name(…)`; its comment is not part of it yet.
    pub(super) fn block_attribute(&mut self) -> Option<Attribute> {
        self.attribute("@@")
    }

    fn attribute(&mut self, sign: &str) -> Option<Attribute> {
        self.attempt(|cursor| {
            let start = cursor.punctuation(sign)?.start;
            cursor.whitespace();
            let name = cursor.path()?;
            let name = cursor.word(name);
            cursor.whitespace();
            let (arguments, trailing_comma) = match cursor.arguments(0) {
                Some(Arguments { list, trailing_comma, end: _ }) => (list, trailing_comma),
                None => (Vec::new(), None),
            };
            let span = cursor.span(start..cursor.position);
            Some(Attribute { name, arguments, trailing_comma, span })
        })
    }

    /// `(a, name: b)`, with a comma at the end or not.
    fn arguments(&mut self, depth: usize) -> Option<Arguments> {
        self.attempt(|cursor| {
            cursor.punctuation("(")?;
            cursor.whitespace();
            let list = cursor.separated(|cursor| cursor.argument(depth));
            let trailing_comma = cursor.punctuation(",").map(|range| cursor.span(range));
            cursor.whitespace();
            let end = cursor.punctuation(")")?.end;
            Some(Arguments { list, trailing_comma, end })
        })
    }

    /// Items with commas between them, and the white space behind them. A comma without an item
    /// behind it is left.
    fn separated<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Vec<T> {
        let mut items: Vec<T> = self.attempt(&mut item).into_iter().collect();
        self.whitespace();
        while !items.is_empty() {
            let next = self.attempt(|cursor| {
                cursor.punctuation(",")?;
                cursor.whitespace();
                item(cursor)
            });
            let Some(next) = next else { break };
            items.push(next);
            self.whitespace();
        }
        items
    }

    /// `value`, `name: value`, or `name:` without a value.
    fn argument(&mut self, depth: usize) -> Option<Argument> {
        let start = self.position;
        let name = self.attempt(Self::argument_name);
        let before_value = self.mark();
        self.whitespace();
        let value = self.expression(depth);
        if value.is_none() {
            self.rewind(&before_value);
            name.as_ref()?;
        }
        let span = self.span(start..self.position);
        Some(Argument { name, value, span })
    }

    /// `name:`.
    fn argument_name(&mut self) -> Option<Word> {
        let name = self.identifier()?;
        self.whitespace();
        self.punctuation(":")?;
        Some(self.word(name))
    }

    pub(super) fn expression(&mut self, depth: usize) -> Option<Expression> {
        if depth > MAXIMUM_DEPTH {
            return None;
        }
        match self.rest().as_bytes().first()? {
            b'[' => self.array(depth),
            b'{' => self.object(depth),
            b'"' => self.string_literal().map(Expression::String),
            _ => self.function(depth).map(Expression::Function).or_else(|| {
                if let Some(range) = self.number() {
                    return Some(Expression::Number(self.word(range)));
                }
                let range = self.path()?;
                Some(Expression::Constant(self.word(range)))
            }),
        }
    }

    /// `"…"`, decoded.
    pub(super) fn string_literal(&mut self) -> Option<Word> {
        let range = self.string()?;
        let text = strings::decode(self, range.start + 1..range.end - 1);
        Some(Word { text, span: self.span(range) })
    }

    fn function(&mut self, depth: usize) -> Option<Function> {
        self.attempt(|cursor| {
            let name = cursor.path()?;
            cursor.whitespace();
            let Arguments { list: arguments, trailing_comma, end } = cursor.arguments(depth + 1)?;
            let span = cursor.span(name.start..end);
            Some(Function { name: cursor.word(name), arguments, trailing_comma, span })
        })
    }

    fn array(&mut self, depth: usize) -> Option<Expression> {
        self.attempt(|cursor| {
            let start = cursor.punctuation("[")?.start;
            cursor.whitespace();
            let items = cursor.separated(|cursor| cursor.expression(depth + 1));
            let end = cursor.punctuation("]")?.end;
            Some(Expression::Array(items, cursor.span(start..end)))
        })
    }

    fn object(&mut self, depth: usize) -> Option<Expression> {
        self.attempt(|cursor| {
            let start = cursor.punctuation("{")?.start;
            cursor.whitespace();
            let entries = cursor.separated(|cursor| {
                let key = cursor.argument_name()?;
                cursor.whitespace();
                Some((key, cursor.expression(depth + 1)?))
            });
            let end = cursor.punctuation("}")?.end;
            Some(Expression::Object(entries, cursor.span(start..end)))
        })
    }
}
