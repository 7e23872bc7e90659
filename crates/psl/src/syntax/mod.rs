//! The tree of a schema file: blocks, fields, attributes and expressions, with their places.
//!
//! The grammar is closed: it does not know which attributes, functions or types exist, so a new one
//! needs no change here. It is a grammar of lines: only blocks and `/* */` comments go over several,
//! and a line that makes no sense is reported and skipped.
//!
//! The way of the data: `cursor` recognises words, strings and comments and notes a [`Token`] for
//! every byte; `grammar` puts them together to `lines`, which keep comments and empty lines (the
//! formatter's view); [`parse`] makes the [`Document`] of them.
//!
//! Spans of the tree are those that Prisma reports, odd ones included: an attribute without
//! arguments reaches to the next word, a field to the next line.

pub(crate) mod cursor;
mod document;
mod expression;
mod field;
pub(crate) mod grammar;
pub(crate) mod lines;
mod strings;

pub use self::{
    cursor::{Token, TokenKind},
    document::{Parsed, parse},
};
use crate::source::{FileId, Span};

/// A piece of text that was written in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The text, as written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The tree of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The file that was parsed.
    pub file: FileId,
    /// Every block, in the order of the file; those with errors hold what could be understood.
    pub blocks: Vec<Block>,
}

/// `keyword Name { … }`, as in `model User { … }`, or `type Name = …` of old schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `datasource`, `generator`, `model`, `view`, `enum`, `type`, or whatever was written.
    pub keyword: Word,
    /// The block's name.
    pub name: Word,
    /// The `///` comments above it, without the slashes, one line each.
    pub documentation: Vec<String>,
    /// What stands between the braces, in order.
    pub members: Vec<Member>,
    /// The `@@` attributes, in order.
    pub attributes: Vec<Attribute>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a block that is not a block attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// `key = value`, in `datasource` and `generator`.
    Property(Property),
    /// `name Type @attributes`, in `model`, `view` and `type`.
    Field(Field),
    /// `NAME @attributes`, in `enum`.
    Label(Label),
}

/// `key = value`; the value may be missing in broken text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The key.
    pub key: Word,
    /// The value, `None` when nothing follows the equals sign.
    pub value: Option<Expression>,
    /// From the key to the end of the line, comment included.
    pub span: Span,
}

/// `name Type @attributes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The field's name.
    pub name: Word,
    /// Its type; `None` in broken text.
    pub r#type: Option<FieldType>,
    /// Required, optional or list.
    pub arity: Arity,
    /// Its `@` attributes, in order.
    pub attributes: Vec<Attribute>,
    /// The `///` comments above it and the one behind it.
    pub documentation: Vec<String>,
    /// The whole line from the name on, line break included.
    pub span: Span,
}

/// What was written as a field's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// A name.
    Name(Word),
    /// `Unsupported("…")`: the decoded text between the quotes, the span of the whole.
    Unsupported(Word),
}

impl FieldType {
    /// Where the type stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(word) | Self::Unsupported(word) => word.span,
        }
    }
}

/// How many values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arity {
    /// `Type`: exactly one.
    Required,
    /// `Type?`: none or one.
    Optional,
    /// `Type[]`: any number.
    List,
}

/// A value of an enum block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The value's name.
    pub name: Word,
    /// Its `@` attributes.
    pub attributes: Vec<Attribute>,
    /// The `///` comments above it and the one behind it.
    pub documentation: Vec<String>,
    /// The whole line from the name on, line break included.
    pub span: Span,
}

/// `@name(arguments)` or `@@name(arguments)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name without the at signs; dots included, as in `db.VarChar`.
    pub name: Word,
    /// The arguments, in order.
    pub arguments: Vec<Argument>,
    /// The comma behind the last argument: Prisma reads it and then refuses it.
    pub trailing_comma: Option<Span>,
    /// From the first at sign to the closing parenthesis, or without one to the next word; of a block
    /// attribute to the end of the line, comment included.
    pub span: Span,
}

/// `value` or `name: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The name before the colon.
    pub name: Option<Word>,
    /// The value; `None` in broken text such as `map:`.
    pub value: Option<Expression>,
    /// From the name or the value to the end.
    pub span: Span,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// `"text"`, decoded.
    String(Word),
    /// `12`, `-3.4`, as written.
    Number(Word),
    /// `true`, `Cascade`, `id`, `pg.name`: a bare word.
    Constant(Word),
    /// `name(arguments)`, as in `now()`, `env("X")`, `raw("…")`, `title(sort: Desc)`.
    Function(Function),
    /// `[a, b]`.
    Array(Vec<Self>, Span),
    /// `{ key: value }`, as in `where: { active: true }`.
    Object(Vec<(Word, Self)>, Span),
}

/// `name(arguments)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The name, dots included.
    pub name: Word,
    /// The arguments, in order.
    pub arguments: Vec<Argument>,
    /// The comma behind the last argument: Prisma reads it and then refuses it.
    pub trailing_comma: Option<Span>,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

impl Expression {
    /// Where the expression stands.
    pub fn span(&self) -> Span {
        match self {
            Self::String(word) | Self::Number(word) | Self::Constant(word) => word.span,
            Self::Function(function) => function.span,
            Self::Array(_, span) | Self::Object(_, span) => *span,
        }
    }
}
