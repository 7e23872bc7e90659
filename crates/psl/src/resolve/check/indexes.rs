//! Indexes: columns, names and options that PostgreSQL has.

use super::{
    argument_span,
    constraint_names::{ConstraintNames, key_name},
    models,
};
use crate::{
    resolve::{
        draft::{Draft, KeyDraft, KeyKind, ModelDraft, ModelId},
        report::Report,
    },
    schema::IndexAlgorithm,
};

/// Checks every index of a model.
pub(super) fn check(
    id: ModelId,
    names: &ConstraintNames<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let model = &draft[id];
    for index in &model.indexes {
        let label = index.label();
        let span = index.attribute.span;
        let invalid =
            |message: &str, report: &mut Report| report.invalid_attribute(label, message, span);
        if index.fields.is_empty() {
            let message = "The list of fields in an index cannot be empty. Please specify at least one field.";
            invalid(message, report);
        }
        check_name(index, model, names, report);
        check_client_name(index, model, report);
        check_custom_name(index, id, names, report);
        if index.fields.iter().any(|one| one.has_length) {
            let message = "The length argument is not supported in an index definition with the current \
                 connector";
            invalid(message, report);
        }
        let is_sorted = index.fields.iter().any(|one| one.sort.is_some());
        if index.algorithm == Some(IndexAlgorithm::Hash) && is_sorted {
            invalid("Hash type does not support sort option.", report);
        }
        if index.kind == KeyKind::Fulltext {
            let message = "Defining fulltext indexes is not supported with the current connector.";
            invalid(message, report);
        }
        if let Some(map) = index.map {
            models::check_length(map, label, model.name(), span, report);
        }
        if index.has_clustering {
            invalid("Defining clustering is not supported in the current connector.", report);
        }
        let has_operators = index.fields.iter().any(|one| one.operator_class.is_some());
        if index.kind != KeyKind::Index && has_operators {
            let message = "Operator classes can only be defined to fields in an @@index attribute.";
            invalid(message, report);
        }
        if index.predicate.is_some() && !draft.features.contains("partialIndexes") {
            let message = "Partial indexes are a preview feature. Add \"partialIndexes\" to \
                           previewFeatures in your generator block.";
            let span = argument_span(index.attribute, "where").unwrap_or(span);
            report.invalid_attribute(label, message, span);
        }
    }
}

fn check_name(
    index: &KeyDraft<'_>,
    model: &ModelDraft<'_>,
    names: &ConstraintNames<'_>,
    report: &mut Report,
) {
    let name = key_name(index, model);
    if let Some(clash) = names.clash_in_schema(&name, model) {
        let span = argument_span(index.attribute, "map")
            .or_else(|| argument_span(index.attribute, "name"))
            .unwrap_or(index.attribute.span);
        report.invalid_attribute(index.label(), &clash.message(&name, model.name()), span);
    }
}

/// Client code calls a unique index of several fields by their names joined.
fn check_client_name(index: &KeyDraft<'_>, model: &ModelDraft<'_>, report: &mut Report) {
    if index.kind != KeyKind::Unique || index.fields.len() <= 1 {
        return;
    }
    let client_name = model.join(&index.field_ids(), "_");
    if model.find(&client_name).is_some_and(|field| model[field].as_column().is_some()) {
        let label = index.label();
        let message = format!(
            "The field `{client_name}` clashes with the `{label}` name. Please resolve the conflict by \
             providing a custom id name: `{label}([...], name: \"custom_name\")`"
        );
        let span = index.attribute.span;
        report.invalid_block(model.keyword(), model.name(), &message, span);
    }
}

/// A name given for client code must be the only one of its kind in the model.
pub(super) fn check_custom_name<'a>(
    key: &KeyDraft<'a>,
    model: ModelId,
    names: &ConstraintNames<'a>,
    report: &mut Report,
) {
    if let Some(name) = key.name
        && names.is_custom_name_repeated(name, model)
    {
        let message = format!(
            "The given custom name `{name}` has to be unique on the model. Please provide a different \
             name for the `name` argument."
        );
        let span = argument_span(key.attribute, "name").unwrap_or(key.attribute.span);
        report.invalid_attribute(key.label(), &message, span);
    }
}
