//! Blocks and lines.
//!
//! A block is only a block if a line that begins with `}` follows somewhere; otherwise each of its
//! lines is reported by itself, the way Prisma does.

use std::collections::BTreeSet;

use super::{
    Word,
    cursor::{Cursor, Range, TokenKind},
    lines::{
        AttributeLine, BlockLines, CommentKind, CommentLine, Item, LabelLine, Line, PropertyLine,
    },
};

const UNKNOWN_LINE: &str = "Error validating: This line is invalid. It does not start with any known Prisma schema keyword.";
const UNKNOWN_BLOCK: &str = "Error validating: This block is invalid. It does not start with any known Prisma schema keyword. Valid keywords include 'model', 'enum', 'type', 'datasource' and 'generator'.";
const TYPE_ALIAS: &str = "Error validating: Invalid type definition. Please check the documentation in https://pris.ly/d/composite-types";

/// The blocks there are. The order is that in which keywords are tried, and there need not be white
/// space between keyword and name: `modelUser {` is a model.
const BLOCKS: [(&str, Content); 6] = [
    ("model", Content::Fields),
    ("type", Content::Fields),
    ("view", Content::Fields),
    ("enum", Content::Labels),
    ("datasource", Content::Properties),
    ("generator", Content::Properties),
];

/// What stands in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Fields,
    Labels,
    Properties,
}

/// Starts of lines from which no end of a block was found, so that they need not be tried again: many
/// blocks without an end would take quadratic time.
type Endless = BTreeSet<(Content, usize)>;

/// Reads a whole file.
pub(crate) fn items(cursor: &mut Cursor<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut endless = Endless::new();
    loop {
        if cursor.empty_lines() {
            items.push(Item::EmptyLines);
            continue;
        }
        cursor.whitespace();
        if cursor.is_at_end() {
            return items;
        }
        items.push(cursor.item(&mut endless));
    }
}

impl Cursor<'_> {
    /// Takes empty lines, and says whether there were any.
    fn empty_lines(&mut self) -> bool {
        let mut found = false;
        while self
            .attempt(|cursor| {
                cursor.whitespace();
                cursor.newline()
            })
            .is_some()
        {
            found = true;
        }
        found
    }

    fn item(&mut self, endless: &mut Endless) -> Item {
        for (keyword, content) in BLOCKS {
            if let Some(block) = self.attempt(|cursor| cursor.block(keyword, content, endless)) {
                return Item::Block(block);
            }
        }
        if let Some(range) = self.attempt(Self::type_alias) {
            self.error(TYPE_ALIAS, range.clone());
            return Item::Verbatim(self.span(range));
        }
        if let Some(range) = self.attempt(Self::block_without_keyword) {
            self.error(UNKNOWN_BLOCK, range.clone());
            return Item::Verbatim(self.span(range));
        }
        if let Some(comments) = self.comments() {
            return Item::Comments(comments);
        }
        let range = self.invalid_line();
        self.error(UNKNOWN_LINE, range.clone());
        Item::Verbatim(self.span(range))
    }

    fn block(
        &mut self,
        keyword: &str,
        content: Content,
        endless: &mut Endless,
    ) -> Option<BlockLines> {
        let keyword = self.keyword(keyword)?;
        self.whitespace();
        let name = self.identifier()?;
        self.block_open()?;
        let (keyword_word, name) = (self.word(keyword.clone()), self.word(name));

        let mut starts = Vec::new();
        let mut lines = Vec::new();
        loop {
            if self.empty_lines() {
                lines.push(Line::EmptyLines);
                continue;
            }
            self.whitespace();
            if let Some(brace) = self.punctuation("}") {
                let span = self.span(keyword.start..brace.end);
                return Some(BlockLines { keyword: keyword_word, name, lines, span });
            }
            let start = (content, self.position);
            if self.is_at_end() || endless.contains(&start) {
                endless.extend(starts);
                return None;
            }
            starts.push(start);
            lines.push(self.line(content, &keyword_word, &name));
        }
    }

    /// `{`, and all that follows on its line: whatever it is, Prisma reads over it.
    fn block_open(&mut self) -> Option<()> {
        self.whitespace();
        self.punctuation("{")?;
        self.whitespace();
        self.rest_of_line();
        self.newline()?;
        Some(())
    }

    /// `type Name = Type @attributes` of old schemas.
    fn type_alias(&mut self) -> Option<Range> {
        let start = self.keyword("type")?.start;
        self.whitespace();
        self.identifier()?;
        self.whitespace();
        self.punctuation("=")?;
        self.whitespace();
        self.base_type()?;
        self.whitespace();
        let mut end = self.position;
        while self.field_attribute().is_some() {
            end = self.position;
            self.whitespace();
        }
        Some(start..end)
    }

    /// `Name { … }`, up to the first closing brace.
    fn block_without_keyword(&mut self) -> Option<Range> {
        let start = self.identifier()?.start;
        self.block_open()?;
        self.up_to_brace()?;
        let end = self.punctuation("}")?.end;
        Some(start..end)
    }

    /// A line that makes no sense, with its line break.
    fn invalid_line(&mut self) -> Range {
        let start = self.position;
        self.rest_of_line();
        self.newline();
        start..self.position
    }

    fn line(&mut self, content: Content, keyword: &Word, block: &Word) -> Line {
        let start = self.mark();
        let from = self.position;
        let line = match content {
            Content::Fields => self
                .attempt(|cursor| cursor.field(keyword, block))
                .map(Line::Field)
                .or_else(|| self.attempt(Self::attribute_line).map(Line::Attribute)),
            Content::Labels => self
                .attempt(Self::label)
                .map(Line::Label)
                .or_else(|| self.attempt(Self::attribute_line).map(Line::Attribute)),
            Content::Properties => self.attempt(Self::property).map(Line::Property),
        };
        if let Some(line) = line.or_else(|| self.comments().map(Line::Comments)) {
            return line;
        }
        self.rewind(&start);
        let range = from..self.invalid_line().end;
        let message = match content {
            Content::Fields => {
                "Error validating: This line is not a valid field or attribute definition."
                    .to_owned()
            }
            Content::Labels => {
                "Error validating: This line is not an enum value definition.".to_owned()
            }
            Content::Properties => format!(
                "Error validating: This line is not a valid definition within a {}.",
                keyword.text
            ),
        };
        self.error(message, range.clone());
        Line::Invalid(self.span(range))
    }

    /// What must follow a definition: a comment or none, and then the end of the line.
    #[expect(clippy::option_option, reason = "whether the line ends, and whether by a comment")]
    pub(super) fn line_end(&mut self) -> Option<Option<CommentLine>> {
        let comment = self.comment_line();
        self.whitespace();
        self.newline()?;
        Some(comment)
    }

    fn label(&mut self) -> Option<LabelLine> {
        let name = self.identifier()?;
        self.whitespace();
        let attributes = self.field_attributes();
        let comment = self.line_end()?;
        let span = self.span(name.start..self.position);
        Some(LabelLine { name: self.word(name), attributes, comment, span })
    }

    fn property(&mut self) -> Option<PropertyLine> {
        let key = self.identifier()?;
        self.whitespace();
        self.punctuation("=")?;
        self.whitespace();
        let value = self.expression(0);
        self.whitespace();
        let comment = self.comment_line();
        let span = self.span(key.start..self.position);
        self.whitespace();
        self.newline()?;
        Some(PropertyLine { key: self.word(key), value, comment, span })
    }

    fn attribute_line(&mut self) -> Option<AttributeLine> {
        let mut attribute = self.block_attribute()?;
        self.whitespace();
        let comment = self.comment_line();
        let start = attribute.span.start as usize;
        attribute.span = self.span(start..self.position);
        self.whitespace();
        self.newline()?;
        Some(AttributeLine { attribute, comment })
    }

    /// Comments right below each other, or one behind the other.
    fn comments(&mut self) -> Option<Vec<CommentLine>> {
        let mut comments = Vec::new();
        while let Some(comment) = self.attempt(|cursor| {
            cursor.whitespace();
            let comment = cursor.comment_line()?;
            cursor.newline();
            Some(comment)
        }) {
            comments.push(comment);
        }
        (!comments.is_empty()).then_some(comments)
    }

    fn comment_line(&mut self) -> Option<CommentLine> {
        let (kind, range) = self.comment()?;
        let kind = match kind {
            TokenKind::Documentation => CommentKind::Documentation,
            TokenKind::BlockComment => CommentKind::Block,
            TokenKind::Comment
            | TokenKind::Whitespace
            | TokenKind::Newline
            | TokenKind::Word
            | TokenKind::Number
            | TokenKind::String
            | TokenKind::Punctuation
            | TokenKind::Skipped => CommentKind::Plain,
        };
        Some(CommentLine { kind, span: self.span(range) })
    }
}
