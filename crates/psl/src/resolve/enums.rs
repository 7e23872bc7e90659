//! Enums: names in the database.

use super::{
    attributes::Attributes,
    draft::{Draft, EnumId},
    names,
    report::Report,
    signatures, values,
};

/// Reads the attributes of an enum and its values.
pub(super) fn resolve(id: EnumId, draft: &mut Draft<'_>, report: &mut Report) {
    let block = draft[id].block;
    for label in names::labels(block) {
        let mut attributes = Attributes::new(&label.attributes);
        let mapped = attributes.take(&signatures::MAP, report).and_then(|map| map.text("name"));
        attributes.finish(report);
        let name = label.name.text.as_str();
        draft[id].values.push((name, mapped.unwrap_or(name)));
    }
    let mut attributes = Attributes::new(&block.attributes);
    draft[id].mapped_name =
        attributes.take(&signatures::MAP, report).and_then(|map| map.text("name"));
    draft[id].schema = attributes
        .take(&signatures::SCHEMA, report)
        .and_then(|schema| schema.value("map"))
        .and_then(values::as_text);
    attributes.finish(report);
}
