//! Fields: name, type and attributes on one line.

use super::{
    Attribute, FieldType, Word,
    cursor::{Cursor, Mark, Range},
    lines::{FieldLine, TypeForm, WrittenType},
};

const COLON: &str = "Field declarations don't require a `:`.";
const EXCLAMATION_MARK: &str = "Fields are required by default, `!` is no longer required.";
const LIST_IN_BRACKETS: &str = "To specify a list, please use `Type[]` instead of `[Type]`.";
const OPTIONAL_LIST: &str = "Optional lists are not supported. Use either `Type[]` or `Type?`.";

impl Cursor<'_> {
    /// `name Type @attributes`; `keyword` and `block` are for messages.
    pub(super) fn field(&mut self, keyword: &Word, block: &Word) -> Option<FieldLine> {
        let start = self.mark();
        let name = self.identifier()?;
        self.whitespace();
        let colon = self.punctuation(":");
        self.whitespace();
        let r#type = self.field_type();
        self.whitespace();
        let attributes = self.field_attributes();
        let comment = self.line_end()?;

        let range = name.start..self.position;
        let is_valid = self.accept_field(&start, colon, r#type.as_ref(), keyword, block, &range);
        let (name, span) = (self.word(name), self.span(range));
        Some(FieldLine { name, r#type, attributes, comment, is_valid, span })
    }

    /// Reports forms of fields that are read only to be refused.
    fn accept_field(
        &mut self,
        start: &Mark,
        colon: Option<Range>,
        r#type: Option<&WrittenType>,
        keyword: &Word,
        block: &Word,
        field: &Range,
    ) -> bool {
        if let Some(colon) = colon {
            self.error_instead(start, COLON, colon);
            return false;
        }
        let Some(WrittenType { r#type: _, form, span }) = r#type else {
            let message = format!(
                "Error validating {} \"{}\": This field declaration is invalid. It is either missing a name or a type.",
                keyword.text, block.text
            );
            self.error(message, field.clone());
            return false;
        };
        let message = match form {
            TypeForm::Required | TypeForm::Optional | TypeForm::List => return true,
            TypeForm::OptionalList => OPTIONAL_LIST,
            TypeForm::LegacyRequired => EXCLAMATION_MARK,
            TypeForm::LegacyList => LIST_IN_BRACKETS,
        };
        self.error_instead(start, message, span.start as usize..span.end as usize);
        false
    }

    fn field_type(&mut self) -> Option<WrittenType> {
        let start = self.position;
        let bracketed = self.attempt(|cursor| {
            cursor.punctuation("[")?;
            cursor.whitespace();
            let (r#type, _) = cursor.base_type()?;
            cursor.whitespace();
            cursor.punctuation("]")?;
            Some(r#type)
        });
        if let Some(r#type) = bracketed {
            let span = self.span(start..self.position);
            return Some(WrittenType { r#type, form: TypeForm::LegacyList, span });
        }
        let (r#type, end) = self.base_type()?;
        let mut form = TypeForm::Required;
        let end = self
            .attempt(|cursor| {
                cursor.whitespace();
                let sign = if let Some(brackets) = cursor.punctuation("[]") {
                    let question_mark = cursor.attempt(|cursor| {
                        cursor.whitespace();
                        cursor.punctuation("?")
                    });
                    form =
                        question_mark.as_ref().map_or(TypeForm::List, |_| TypeForm::OptionalList);
                    question_mark.unwrap_or(brackets)
                } else if let Some(question_mark) = cursor.punctuation("?") {
                    form = TypeForm::Optional;
                    question_mark
                } else {
                    let exclamation_mark = cursor.punctuation("!")?;
                    form = TypeForm::LegacyRequired;
                    exclamation_mark
                };
                Some(sign.end)
            })
            .unwrap_or(end);
        Some(WrittenType { r#type, form, span: self.span(start..end) })
    }

    /// A type without signs, and its end.
    pub(super) fn base_type(&mut self) -> Option<(FieldType, usize)> {
        let unsupported = self.attempt(|cursor| {
            let start = cursor.keyword("Unsupported(")?.start;
            cursor.whitespace();
            let Word { text, span: _ } = cursor.string_literal()?;
            cursor.whitespace();
            let end = cursor.punctuation(")")?.end;
            let span = cursor.span(start..end);
            Some((FieldType::Unsupported(Word { text, span }), end))
        });
        unsupported.or_else(|| {
            let range = self.identifier()?;
            Some((FieldType::Name(self.word(range.clone())), range.end))
        })
    }

    /// `@a @b(…)`, and the white space behind them.
    pub(super) fn field_attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while let Some(attribute) = self.field_attribute() {
            attributes.push(attribute);
            self.whitespace();
        }
        attributes
    }
}
