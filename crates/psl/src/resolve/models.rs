//! The attributes of models and views.

use super::{
    attributes::Attributes,
    draft::{Draft, KeyKind, ModelId},
    keys,
    report::Report,
    signatures, values,
};
use crate::{schema::Arity, source::Span};

/// Reads the `@@` attributes of a model, after those of its fields.
pub(super) fn resolve(model: ModelId, draft: &mut Draft<'_>, report: &mut Report) {
    let mut attributes = Attributes::new(&draft[model].block.attributes);
    if attributes.take(&signatures::IGNORE, report).is_some() {
        report_ignored_columns(model, draft, report);
        draft[model].is_ignored = true;
    }
    if let Some(id) = attributes.take(&signatures::BLOCK_ID, report)
        && let Some(key) = keys::read_block_id(&id, &draft[model], report)
    {
        check_id_is_required(model, &key.field_ids(), key.attribute.span, draft, report);
        if draft[model].primary_key.is_some() {
            report.invalid_block(
                "model",
                draft[model].name(),
                "Each model must have at most one id criteria. You can't have `@id` and `@@id` at \
                 the same time.",
                draft[model].block.span,
            );
        }
        draft[model].primary_key = Some(key);
    }
    draft[model].mapped_name =
        attributes.take(&signatures::MAP, report).and_then(|map| map.text("name"));
    draft[model].schema = attributes
        .take(&signatures::SCHEMA, report)
        .and_then(|schema| schema.value("map"))
        .and_then(values::as_text);
    for (kind, signature) in [
        (KeyKind::Index, &signatures::BLOCK_INDEX),
        (KeyKind::Unique, &signatures::BLOCK_UNIQUE),
        (KeyKind::Fulltext, &signatures::BLOCK_FULLTEXT),
    ] {
        for arguments in attributes.take_all(signature, report) {
            let key = keys::read_block_key(kind, &arguments, &draft[model], report);
            draft[model].indexes.push(key);
        }
    }
    if let Some(shard_key) = attributes.take(&signatures::BLOCK_SHARD_KEY, report) {
        draft[model].shard_keys.push(("@@shardKey", shard_key.attribute));
    }
    check_field_id_is_required(model, draft, report);
    attributes.finish(report);
}

fn report_ignored_columns(model: ModelId, draft: &Draft<'_>, report: &mut Report) {
    for (_, field, _) in draft[model].columns().filter(|(_, field, _)| field.is_ignored) {
        let message = "Fields on an already ignored Model do not need an `@ignore` annotation.";
        report.invalid_attribute("@ignore", message, field.syntax.span);
    }
}

fn check_id_is_required(
    model: ModelId,
    fields: &[super::draft::FieldId],
    span: Span,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let model = &draft[model];
    let mut optional = fields
        .iter()
        .map(|field| &model[*field])
        .filter(|field| field.syntax.arity != Arity::Required)
        .map(|field| field.name())
        .peekable();
    if optional.peek().is_some() && !model.is_ignored {
        let message = format!(
            "The id definition refers to the optional {}. ID definitions must reference only \
             required fields.",
            keys::quoted_fields(optional)
        );
        report.invalid_block("model", model.name(), &message, span);
    }
}

/// Checked late, since whether the model is ignored is known only by then.
fn check_field_id_is_required(model: ModelId, draft: &Draft<'_>, report: &mut Report) {
    let model = &draft[model];
    let Some(key) = model.primary_key.as_ref().filter(|key| key.is_on_field) else { return };
    let is_required = |field: &super::draft::FieldId| model[*field].syntax.arity == Arity::Required;
    if !model.is_ignored && !key.field_ids().iter().all(is_required) {
        let message = "Fields that are marked as id must be required.";
        report.invalid_attribute("@id", message, key.attribute.span);
    }
}
