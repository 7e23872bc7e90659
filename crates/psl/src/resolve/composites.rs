//! `type` blocks. PostgreSQL has no use for them, so all that matters is what is said about them.

use super::{
    attributes::Attributes,
    defaults,
    draft::{Draft, FieldKind},
    names,
    report::Report,
    signatures, types,
};
use crate::syntax::{Block, Document};

/// Reports attributes that belong into models.
pub(super) fn check_attributes(documents: &[Document], report: &mut Report) {
    let blocks = documents.iter().flat_map(|document| &document.blocks);
    for block in blocks.filter(|block| block.keyword.text == "type") {
        for field in names::fields(block) {
            for attribute in &field.attributes {
                let name = attribute.name.text.as_str();
                if matches!(name, "id" | "unique" | "relation") {
                    let message = format!(
                        "Defining `@{name}` attribute for a field in a composite type is not allowed."
                    );
                    report.invalid(&message, field.span);
                }
            }
        }
        for attribute in &block.attributes {
            let message = match attribute.name.text.as_str() {
                "map" => {
                    "The name of a composite type is not persisted in the database, therefore it \
                     does not need a mapped database name."
                }
                "unique" => {
                    "A unique constraint should be defined in the model containing the embed."
                }
                "index" => "An index should be defined in the model containing the embed.",
                "fulltext" => {
                    "A fulltext index should be defined in the model containing the embed."
                }
                "id" => "A composite type cannot define an id.",
                _ => "A composite type cannot have block-level attributes.",
            };
            report.invalid(message, attribute.span);
        }
    }
}

/// Reads the attributes of the fields; relations, which have been refused, are left alone.
pub(super) fn resolve<'a>(block: &'a Block, draft: &Draft<'a>, report: &mut Report) {
    for field in names::fields(block) {
        // What is to be said of its type has been said.
        let r#type = match types::field_kind(field, draft, &mut Report::default()) {
            FieldKind::Column(column) => Some(column.r#type),
            FieldKind::Unknown => None,
            FieldKind::Relation(_) => continue,
        };
        let mut attributes = Attributes::new(&field.attributes);
        attributes.take(&signatures::MAP, report, |map, report| map.has("name", report));
        attributes.take(&signatures::DEFAULT, report, |default, report| match r#type {
            Some(r#type) => defaults::check_of_composite(default, r#type, field, draft, report),
            None => drop(default.has("value", report) && default.has("map", report)),
        });
        attributes.take_scoped(report);
        attributes.finish(report);
    }
}
