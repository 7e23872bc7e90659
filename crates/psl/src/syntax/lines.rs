//! What stands in a file one below the other, with the comments and empty lines that the
//! [`Document`](super::Document) leaves out.

use super::{Attribute, Expression, FieldType, Word};
use crate::source::Span;

/// Something that stands outside of the blocks.
#[derive(Debug)]
pub(crate) enum Item {
    /// A block whose keyword is known.
    Block(BlockLines),
    /// Comments right below each other.
    Comments(Vec<CommentLine>),
    /// One or more empty lines.
    EmptyLines,
    /// Text that is kept as it is: `type X = …`, blocks without keyword, lines that make no sense.
    Verbatim(Span),
}

/// A block.
#[derive(Debug)]
pub(crate) struct BlockLines {
    /// What may stand in it.
    pub(crate) keyword: Word,
    /// Its name.
    pub(crate) name: Word,
    /// What stands in it.
    pub(crate) lines: Vec<Line>,
    /// From the keyword to the closing brace.
    pub(crate) span: Span,
}

/// Something in a block.
#[derive(Debug)]
pub(crate) enum Line {
    /// `name Type @attributes`.
    Field(FieldLine),
    /// `key = value`.
    Property(PropertyLine),
    /// `NAME @attributes`.
    Label(LabelLine),
    /// `@@name(…)`.
    Attribute(AttributeLine),
    /// Comments right below each other.
    Comments(Vec<CommentLine>),
    /// One or more empty lines.
    EmptyLines,
    /// A line that makes no sense.
    Invalid(Span),
}

/// `name Type @attributes // comment`.
#[derive(Debug)]
pub(crate) struct FieldLine {
    pub(crate) name: Word,
    /// `None` in broken lines, and then so is the field left out of the tree.
    pub(crate) r#type: Option<WrittenType>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) comment: Option<CommentLine>,
    /// Whether the line is used, or was refused with an error.
    pub(crate) is_valid: bool,
    pub(crate) span: Span,
}

/// A type with the signs around it.
#[derive(Debug)]
pub(crate) struct WrittenType {
    pub(crate) r#type: FieldType,
    pub(crate) form: TypeForm,
    /// The whole, signs included.
    pub(crate) span: Span,
}

/// The signs around a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeForm {
    /// `Type`.
    Required,
    /// `Type?`.
    Optional,
    /// `Type[]`.
    List,
    /// `Type[]?`, which is refused.
    OptionalList,
    /// `Type!` of Prisma 1, which is refused.
    LegacyRequired,
    /// `[Type]` of Prisma 1, which is refused.
    LegacyList,
}

/// `key = value // comment`.
#[derive(Debug)]
pub(crate) struct PropertyLine {
    pub(crate) key: Word,
    pub(crate) value: Option<Expression>,
    pub(crate) comment: Option<CommentLine>,
    pub(crate) span: Span,
}

/// `NAME @attributes // comment`.
#[derive(Debug)]
pub(crate) struct LabelLine {
    pub(crate) name: Word,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) comment: Option<CommentLine>,
    pub(crate) span: Span,
}

/// `@@name(…) // comment`.
#[derive(Debug)]
pub(crate) struct AttributeLine {
    pub(crate) attribute: Attribute,
    pub(crate) comment: Option<CommentLine>,
}

/// One comment with its slashes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommentLine {
    pub(crate) kind: CommentKind,
    pub(crate) span: Span,
}

/// The sort of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommentKind {
    /// `//`.
    Plain,
    /// `///`.
    Documentation,
    /// `/* */`.
    Block,
}

impl CommentLine {
    /// The text of the comment without the signs around it.
    pub(crate) fn content<'t>(&self, text: &'t str) -> &'t str {
        let written = text_of(text, self.span);
        let without = match self.kind {
            CommentKind::Plain => written.strip_prefix("//"),
            CommentKind::Documentation => written.strip_prefix("///"),
            CommentKind::Block => {
                written.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/"))
            }
        };
        without.unwrap_or(written)
    }
}

/// The text of a span.
pub(crate) fn text_of(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}
