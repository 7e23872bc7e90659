//! From lines to the tree.

use super::{
    Arity, Block, Document, Field, Label, Member, Property,
    cursor::{Cursor, Token},
    grammar,
    lines::{
        AttributeLine, BlockLines, CommentKind, CommentLine, FieldLine, Item, LabelLine, Line,
        PropertyLine, TypeForm,
    },
};
use crate::source::{Diagnostic, FileId};

/// What was understood of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The tree. Lines that were refused are not in it.
    pub document: Document,
    /// What is wrong with the text, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The pieces of the text, without gaps.
    pub tokens: Vec<Token>,
}

/// Parses a schema file.
///
/// It always returns: what cannot be understood is in the diagnostics, worded and placed as Prisma
/// does it. The time taken grows in line with the length of the text, and values nested deeper than
/// a hundred are refused.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut cursor = Cursor::new(file, text);
    let items = grammar::items(&mut cursor);
    let document = Document { file, blocks: blocks(text, items) };
    let Cursor { tokens, diagnostics, .. } = cursor;
    Parsed { document, diagnostics, tokens }
}

fn blocks(text: &str, items: Vec<Item>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut above = Vec::new();
    for item in items {
        match item {
            Item::Block(lines) => blocks.push(block(text, lines, std::mem::take(&mut above))),
            Item::Comments(comments) => above = documentation(text, &comments),
            // A comment with an empty line below it is about no block.
            Item::EmptyLines | Item::Verbatim(_) => above.clear(),
        }
    }
    blocks
}

fn block(text: &str, lines: BlockLines, documentation_above: Vec<String>) -> Block {
    let BlockLines { keyword, name, lines, span } = lines;
    let mut members = Vec::new();
    let mut attributes = Vec::new();
    // Within a block, comments belong to the next field even with empty lines between them.
    let mut above = Vec::new();
    for line in lines {
        match line {
            Line::Field(line) => {
                let above = std::mem::take(&mut above);
                members.extend(field(text, line, above).map(Member::Field));
            }
            Line::Property(PropertyLine { key, value, comment: _, span }) => {
                members.push(Member::Property(Property { key, value, span }));
            }
            Line::Label(LabelLine { name, attributes, comment, span }) => {
                let documentation = with_comment(text, std::mem::take(&mut above), comment);
                members.push(Member::Label(Label { name, attributes, documentation, span }));
            }
            Line::Attribute(AttributeLine { attribute, comment: _ }) => attributes.push(attribute),
            Line::Comments(comments) => above = documentation(text, &comments),
            Line::EmptyLines | Line::Invalid(_) => {}
        }
    }
    Block { keyword, name, documentation: documentation_above, members, attributes, span }
}

fn field(text: &str, line: FieldLine, above: Vec<String>) -> Option<Field> {
    let FieldLine { name, r#type, attributes, comment, is_valid, span } = line;
    let r#type = r#type.filter(|_| is_valid)?;
    let arity = match r#type.form {
        TypeForm::Required | TypeForm::LegacyRequired => Arity::Required,
        TypeForm::Optional => Arity::Optional,
        TypeForm::List | TypeForm::LegacyList | TypeForm::OptionalList => Arity::List,
    };
    let documentation = with_comment(text, above, comment);
    Some(Field { name, r#type: Some(r#type.r#type), arity, attributes, documentation, span })
}

fn with_comment(text: &str, mut above: Vec<String>, comment: Option<CommentLine>) -> Vec<String> {
    above.extend(documentation(text, comment.as_slice()));
    above
}

/// The lines of those comments that document something: `///` and, as in Prisma, `/* */`.
fn documentation(text: &str, comments: &[CommentLine]) -> Vec<String> {
    let mut lines = Vec::new();
    for comment in comments {
        let content = comment.content(text);
        match comment.kind {
            CommentKind::Plain => {}
            CommentKind::Documentation => lines.push(content.trim_start().to_owned()),
            CommentKind::Block => lines.extend(content.trim().lines().map(str::to_owned)),
        }
    }
    lines
}
