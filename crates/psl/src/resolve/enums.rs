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
        let mapped = attributes
            .take(&signatures::MAP, report, |map, report| map.text("name", report))
            .flatten();
        attributes.finish(report);
        let name = label.name.text.as_str();
        draft[id].values.push((name, mapped.unwrap_or(name)));
    }
    let mut attributes = Attributes::new(&block.attributes);
    draft[id].mapped_name =
        attributes.take(&signatures::MAP, report, |map, report| map.text("name", report)).flatten();
    draft[id].schema = attributes
        .take(&signatures::SCHEMA, report, |schema, report| schema.value("map", report))
        .flatten()
        .and_then(values::as_text);
    attributes.finish(report);
}
