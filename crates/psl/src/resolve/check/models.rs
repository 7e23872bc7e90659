//! Models, views and enums as wholes: keys, names, schemas.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    argument_span,
    constraint_names::{ConstraintNames, key_name},
    indexes, operators,
};
use crate::{
    constraint_names::MAXIMUM_LENGTH,
    resolve::{
        draft::{ColumnType, Draft, KeyDraft, ModelDraft, ModelId},
        report::Report,
    },
    source::Span,
    syntax::{Arity, Word},
};

/// Two models must not be one table.
pub(super) fn check_database_names(draft: &Draft<'_>, report: &mut Report) {
    let mut tables: BTreeMap<(Option<&str>, &str), ModelId> = BTreeMap::new();
    for id in draft.models_then_views() {
        let model = &draft[id];
        let schema = model.schema.map(|schema| schema.text.as_str());
        let Some(taken) = tables.insert((schema, model.database_name()), id) else { continue };
        let taken = &draft[taken];
        // The mapping is to blame, on whichever of the two it stands.
        let (blamed, other) =
            if model.mapped_name.is_some() { (model, taken) } else { (taken, model) };
        let map = blamed.block.attributes.iter().find(|attribute| attribute.name.text == "map");
        let message = format!(
            "The model with database name \"{}\" could not be defined because another model or view \
             with this name exists: \"{}\"",
            model.database_name(),
            other.name()
        );
        report.error(message, map.map_or(blamed.block.span, |attribute| attribute.span));
    }
}

/// Checks a model but for its fields and indexes.
pub(super) fn check(
    id: ModelId,
    names: &ConstraintNames<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let model = &draft[id];
    if !model.is_view {
        check_unique_criteria(model, report);
        if let Some(key) = &model.primary_key {
            check_primary_key(id, key, names, draft, report);
        }
    }
    if !model.is_view {
        operators::check(model, report);
    }
    check_schema(model.schema, draft, report);
    if model.schema.is_none() && has_schemas(draft) {
        let keyword = model.keyword();
        let message = format!("This {keyword} is missing an `@@schema` attribute.");
        report.invalid_block(keyword, model.name(), &message, model.block.span);
    }
    for (label, attribute) in &model.shard_keys {
        if !draft.features.contains("shardKeys") {
            let message = "Defining shard keys requires enabling the `shardKeys` preview feature";
            report.invalid_attribute(label, message, attribute.span);
        }
        let message = "Shard keys are not currently supported for provider postgresql";
        report.invalid_attribute(label, message, attribute.span);
    }
}

fn check_unique_criteria(model: &ModelDraft<'_>, report: &mut Report) {
    let is_strict = |key: &KeyDraft<'_>| {
        key.fields.iter().all(|one| {
            let field = &model[one.field];
            let is_unsupported = field
                .as_column()
                .is_some_and(|column| matches!(column.r#type, ColumnType::Unsupported(_)));
            field.syntax.arity != Arity::Optional && !is_unsupported
        })
    };
    if model.is_ignored || model.unique_criteria().any(is_strict) {
        return;
    }
    let mut message = "Each model must have at least one unique criteria that has only required \
                       fields. Either mark a single field with `@id`, `@unique` or add a multi field \
                       criterion with `@@id([])` or `@@unique([])` to the model."
        .to_owned();
    let loose: Vec<String> = model
        .unique_criteria()
        .map(|key| format!("\n- {}", model.join(&key.field_ids(), ", ")))
        .collect();
    if !loose.is_empty() {
        message.push_str(
            " The following unique criterias were not considered as they contain fields that are not \
             required:",
        );
        message.push_str(&loose.concat());
    }
    report.invalid_block("model", model.name(), &message, model.block.span);
}

fn check_primary_key(
    id: ModelId,
    key: &KeyDraft<'_>,
    names: &ConstraintNames<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let model = &draft[id];
    let (label, span) = (key.label(), key.attribute.span);
    let name = key_name(key, model);
    check_length(&name, label, model.name(), span, report);
    let clashes = [names.clash_in_schema(&name, model), names.clash_in_model(&name, id)];
    for clash in clashes.into_iter().flatten() {
        let span = argument_span(key.attribute, "map").unwrap_or(span);
        report.invalid_attribute(label, &clash.message(&name, model.name()), span);
    }
    indexes::check_custom_name(key, id, names, report);
    if key.fields.is_empty() {
        let message = format!(
            "The list of fields in an `{label}()` attribute cannot be empty. Please specify at least \
             one field."
        );
        report.invalid_attribute(label, &message, span);
    }
    if key.fields.len() > 1 {
        let client_name = model.join(&key.field_ids(), "_");
        if model.find(&client_name).is_some_and(|field| model[field].as_column().is_some()) {
            let message = format!(
                "The field `{client_name}` clashes with the `@@id` attribute's name. Please resolve \
                 the conflict by providing a custom id name: `@@id([...], name: \"custom_name\")`"
            );
            report.invalid_block(model.keyword(), model.name(), &message, span);
        }
    }
    if key.fields.iter().any(|one| one.has_length) {
        let message =
            "The length argument is not supported in the primary key with the current connector";
        report.invalid_attribute(label, message, span);
    }
    if key.fields.iter().any(|one| one.sort.is_some()) {
        let message =
            "The sort argument is not supported in the primary key with the current connector";
        report.invalid_attribute(label, message, span);
    }
    if key.has_clustering {
        let message = "Defining clustering is not supported in the current connector.";
        report.invalid_attribute(label, message, span);
    }
}

/// A name given with `map` must fit into an identifier; `label` has its at signs.
pub(super) fn check_length(name: &str, label: &str, model: &str, span: Span, report: &mut Report) {
    if name.len() > MAXIMUM_LENGTH {
        let message = format!(
            "The constraint name '{name}' specified in the `map` argument for the `{label}` \
             constraint is too long for your chosen provider. The maximum allowed length is \
             {MAXIMUM_LENGTH} bytes."
        );
        report.invalid_block("model", model, &message, span);
    }
}

fn has_schemas(draft: &Draft<'_>) -> bool {
    draft.datasource.as_ref().is_some_and(|source| !source.schemas.is_empty())
}

fn check_schema(schema: Option<&Word>, draft: &Draft<'_>, report: &mut Report) {
    let Some(schema) = schema else { return };
    let Some(datasource) = &draft.datasource else {
        let message = "@@schema is not supported on the current datasource provider";
        report.error(message, schema.span);
        return;
    };
    if !datasource.schemas.iter().any(|known| known.text == schema.text) {
        let message = "This schema is not defined in the datasource. Read more on `@@schema` at \
                       https://pris.ly/d/multi-schema";
        report.error(message, schema.span);
    }
}

/// Checks enums: names and schemas.
pub(super) fn check_enums(draft: &Draft<'_>, report: &mut Report) {
    let mut types: BTreeSet<(Option<&str>, &str)> = BTreeSet::new();
    for id in draft.enum_ids() {
        let r#enum = &draft[id];
        let schema = r#enum.schema.map(|schema| schema.text.as_str());
        if !types.insert((schema, r#enum.database_name())) {
            let message = "An enum with the same database name is already defined.";
            report.error(message, r#enum.block.span);
        }
    }
    for id in draft.enum_ids() {
        let r#enum = &draft[id];
        check_schema(r#enum.schema, draft, report);
        if r#enum.schema.is_none() && has_schemas(draft) {
            report.error("This enum is missing an `@@schema` attribute.", r#enum.block.span);
        }
    }
}
