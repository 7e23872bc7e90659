//! Relation fields one by one: names, actions, indexes.

use std::ops::ControlFlow;

use super::{argument_span, columns, models, relation_mode};
use crate::{
    resolve::{
        draft::{Draft, FieldDraft, FieldId, ModelDraft, ModelId, RelationFieldDraft},
        report::Report,
    },
    schema::{ReferentialAction, RelationMode},
};

/// Checks every relation field of a model; breaks off when it is not clear which relation a field
/// belongs to.
pub(super) fn check(id: ModelId, draft: &Draft<'_>, report: &mut Report) -> ControlFlow<()> {
    let model = &draft[id];
    for (_, field, relation) in model.relation_fields() {
        if let Some(message) = ambiguity(id, relation, draft) {
            let span = field.syntax.span;
            report.invalid_block(model.keyword(), model.name(), &message, span);
            return ControlFlow::Break(());
        }
        columns::check_client_name(field, model, report);
        check_ignored(field, relation, model, draft, report);
        check_actions(relation, draft, report);
        if let (Some(map), Some(attribute)) = (relation.map, relation.attribute) {
            models::check_length(map, "@relation", model.name(), attribute.span, report);
        }
        if relation_mode(draft) == RelationMode::Prisma {
            check_index(field, relation, model, report);
        }
    }
    ControlFlow::Continue(())
}

/// Returns what is wrong when several fields of a model could be the same relation.
fn ambiguity(id: ModelId, relation: &RelationFieldDraft<'_>, draft: &Draft<'_>) -> Option<String> {
    let model = &draft[id];
    let alike: Vec<&str> = model
        .relation_fields()
        .filter(|(.., other)| other.target == relation.target && other.name == relation.name)
        .map(|(_, field, _)| field.name())
        .collect();
    if alike.len() < 2 {
        return None;
    }
    let fields = enumerate(&alike);
    let (name, target) = (model.name(), draft[relation.target].name());
    let is_self_relation = relation.target == id;
    Some(match (relation.name, is_self_relation, alike.len()) {
        (Some(_), true, 2) => return None,
        (None, true, 2) => format!(
            "Ambiguous self relation detected. The fields {fields} in model `{name}` both refer to \
             `{target}`. If they are part of the same relation add the same relation name for them \
             with `@relation(<name>)`."
        ),
        (None, true, _) => format!(
            "Unnamed self relation detected. The fields {fields} in model `{name}` have no relation \
             name. Please provide a relation name for one of them by adding `@relation(<name>)."
        ),
        (Some(_), true, _) => format!(
            "Wrongly named self relation detected. The fields {fields} in model `{name}` have the \
             same relation name. At most two relation fields can belong to the same relation and \
             therefore have the same name. Please assign a different relation name to one of them."
        ),
        (None, false, _) => format!(
            "Ambiguous relation detected. The fields {fields} in model `{name}` both refer to \
             `{target}`. Please provide different relation names for them by adding \
             `@relation(<name>)."
        ),
        (Some(_), false, _) => format!(
            "Wrongly named relation detected. The fields {fields} in model `{name}` both use the same \
             relation name. Please provide different relation names for them through \
             `@relation(<name>)."
        ),
    })
}

/// Returns "`a`, `b` and `c`".
fn enumerate(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// What points to an ignored model must be ignored too.
fn check_ignored(
    field: &FieldDraft<'_>,
    relation: &RelationFieldDraft<'_>,
    model: &ModelDraft<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let target = &draft[relation.target];
    if target.is_ignored && !field.is_ignored && !model.is_ignored {
        let message = format!(
            "The relation field `{}` on Model `{}` must specify the `@ignore` attribute, because the \
             model {} it is pointing to is marked ignored.",
            field.name(),
            model.name(),
            target.name()
        );
        report.invalid_attribute("@ignore", &message, field.syntax.span);
    }
}

/// The actions that the client can carry out itself.
const EMULATED: [ReferentialAction; 3] =
    [ReferentialAction::Cascade, ReferentialAction::Restrict, ReferentialAction::SetNull];

fn check_actions(relation: &RelationFieldDraft<'_>, draft: &Draft<'_>, report: &mut Report) {
    if relation_mode(draft) == RelationMode::ForeignKeys {
        return;
    }
    let Some(attribute) = relation.attribute else { return };
    for (name, action) in [("onDelete", relation.on_delete), ("onUpdate", relation.on_update)] {
        let Some((action, span)) = action.filter(|(action, _)| !EMULATED.contains(action)) else {
            continue;
        };
        let hint = if action == ReferentialAction::NoAction {
            ". `NoAction` is not implemented for Postgres when using `relationMode = \"prisma\"`, you \
             could try using `Restrict` instead. Learn more at https://pris.ly/d/relation-mode"
        } else {
            ""
        };
        let allowed: Vec<String> =
            EMULATED.iter().map(|action| format!("`{}`", action.name())).collect();
        let message = format!(
            "Invalid referential action: `{}`. Allowed values: ({}){hint}",
            action.name(),
            allowed.join(", ")
        );
        report.invalid(&message, argument_span(attribute, name).unwrap_or(span));
    }
}

/// Without foreign keys nothing makes anybody think of an index.
fn check_index(
    field: &FieldDraft<'_>,
    relation: &RelationFieldDraft<'_>,
    model: &ModelDraft<'_>,
    report: &mut Report,
) {
    let Some(fields) = &relation.fields else { return };
    let starts_with =
        |key: &[FieldId]| key.get(..fields.len()).is_some_and(|start| start == fields.as_slice());
    let mut keys = model.indexes.iter().chain(&model.primary_key);
    if keys.any(|key| starts_with(&key.field_ids())) {
        return;
    }
    let span = relation.attribute.map_or(field.syntax.span, |attribute| attribute.span);
    report.warning(
        "With `relationMode = \"prisma\"`, no foreign keys are used, so relation fields will not \
         benefit from the index usually created by the relational database under the hood. This can \
         lead to poor performance when querying these fields. We recommend adding an index manually. \
         Learn more at https://pris.ly/d/relation-mode-prisma-indexes\" ",
        span,
    );
}
