//! The `key = value` lines of `datasource` and `generator` blocks.

use super::report::Report;
use crate::{
    source::Span,
    syntax::{Block, Expression, Member, Word},
};

/// Properties that nobody has read yet.
pub(super) struct Properties<'a> {
    remaining: Vec<(&'a str, Span, &'a Expression)>,
}

impl<'a> Properties<'a> {
    /// Lists what is written, complete or not.
    pub(super) fn all(block: &Block) -> impl Iterator<Item = (&Word, Option<&Expression>)> {
        block.members.iter().filter_map(|member| match member {
            Member::Property(property) => Some((&property.key, property.value.as_ref())),
            Member::Field(_) | Member::Label(_) => None,
        })
    }

    /// Reads the properties of a block; `None` when one has no value, which is reported.
    pub(super) fn read(block: &'a Block, report: &mut Report) -> Option<Self> {
        let mut remaining: Vec<(&str, Span, &Expression)> = Vec::new();
        for member in &block.members {
            let Member::Property(property) = member else { continue };
            let key = property.key.text.as_str();
            let Some(value) = &property.value else {
                let message = format!(
                    "Property {key} in {} {} needs to be assigned a value",
                    block.keyword.text, block.name.text
                );
                report.error(message, block.span);
                return None;
            };
            // Of a repeated key, which has been reported, the last one counts.
            remaining.retain(|(other, ..)| *other != key);
            remaining.push((key, property.span, value));
        }
        Some(Self { remaining })
    }

    /// Takes a property: its place and its value.
    pub(super) fn take(&mut self, key: &str) -> Option<(Span, &'a Expression)> {
        let position = self.remaining.iter().position(|(name, ..)| *name == key)?;
        let (_, span, value) = self.remaining.remove(position);
        Some((span, value))
    }

    /// Reports the properties that nobody took.
    pub(super) fn finish(self, report: &mut Report) {
        for (key, span, _) in self.remaining {
            report.error(format!("Property not known: \"{key}\"."), span);
        }
    }
}
