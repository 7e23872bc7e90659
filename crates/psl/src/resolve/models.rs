//! The attributes of models and views.

use super::{
    attributes::Attributes,
    draft::{Draft, KeyFieldDraft, KeyKind, ModelId},
    keys,
    report::Report,
    signatures, values,
};
use crate::schema::Arity;

/// Reads the `@@` attributes of a model, after those of its fields.
pub(super) fn resolve(model: ModelId, draft: &mut Draft<'_>, report: &mut Report) {
    let mut attributes = Attributes::new(&draft[model].block.attributes);
    attributes.take(&signatures::IGNORE, report, |_, report| {
        report_ignored_columns(model, draft, report);
        draft[model].is_ignored = true;
    });
    attributes.take(&signatures::BLOCK_ID, report, |id, report| {
        if let Some(key) = keys::read_block_id(id, &draft[model], report) {
            draft[model].primary_key = Some(key);
        }
    });
    draft[model].mapped_name =
        attributes.take(&signatures::MAP, report, |map, report| map.text("name", report)).flatten();
    draft[model].schema = attributes
        .take(&signatures::SCHEMA, report, |schema, report| schema.value("map", report))
        .flatten()
        .and_then(values::as_text);
    for (kind, signature) in [
        (KeyKind::Index, &signatures::BLOCK_INDEX),
        (KeyKind::Unique, &signatures::BLOCK_UNIQUE),
        (KeyKind::Fulltext, &signatures::BLOCK_FULLTEXT),
    ] {
        attributes.take_all(signature, report, |arguments, report| {
            let key = keys::read_block_key(kind, arguments, &draft[model], report);
            draft[model].indexes.push(key);
        });
    }
    attributes.take(&signatures::BLOCK_SHARD_KEY, report, |shard_key, report| {
        shard_key.value("fields", report);
        draft[model].shard_keys.push(("@@shardKey", shard_key.attribute));
    });
    check_field_id_is_required(model, draft, report);
    attributes.finish(report);
}

fn report_ignored_columns(model: ModelId, draft: &Draft<'_>, report: &mut Report) {
    for (_, field, _) in draft[model].columns().filter(|(_, field, _)| field.is_ignored) {
        let message = "Fields on an already ignored Model do not need an `@ignore` annotation.";
        report.invalid_attribute("@ignore", message, field.syntax.span);
    }
}

/// Checked late, since whether the model is ignored is known only by then.
fn check_field_id_is_required(model: ModelId, draft: &Draft<'_>, report: &mut Report) {
    let model = &draft[model];
    let Some(key) = model.primary_key.as_ref().filter(|key| key.is_on_field) else { return };
    let is_required = |one: &KeyFieldDraft| model[one.field].syntax.arity == Arity::Required;
    if !model.is_ignored && !key.fields.iter().all(is_required) {
        let message = "Fields that are marked as id must be required.";
        report.invalid_attribute("@id", message, key.attribute.span);
    }
}
