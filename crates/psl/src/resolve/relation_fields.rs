//! The attributes of relation fields.

use super::{
    attributes::{Arguments, Attributes},
    draft::{Draft, FieldId, FieldKind, ModelId, RelationFieldDraft},
    keys::{FieldProblem, resolve_plain_fields},
    report::Report,
    signatures,
};
use crate::{schema::ReferentialAction, source::Span};

/// Reads the attributes of every relation field of a model.
pub(super) fn resolve(model: ModelId, draft: &mut Draft<'_>, report: &mut Report) {
    for field in draft[model].field_ids() {
        let Some(relation) = draft[model][field].as_relation() else { continue };
        let target = relation.target;
        let mut attributes = Attributes::new(&draft[model][field].syntax.attributes);
        let relation = attributes
            .take(&signatures::RELATION, report, |arguments, report| {
                read_relation(arguments, model, target, draft, report)
            })
            .unwrap_or_else(|| RelationFieldDraft::new(target));
        report_misplaced_id(&mut attributes, draft[model][field].name(), report);
        let is_ignored = attributes.take(&signatures::IGNORE, report, |_, _| ()).is_some();
        draft[model][field].is_ignored = is_ignored;
        report_misplaced(&mut attributes, model, field, &relation, draft, report);
        attributes.finish(report);
        draft[model][field].kind = FieldKind::Relation(relation);
    }
}

fn read_relation<'a>(
    arguments: &mut Arguments<'a>,
    model: ModelId,
    target: ModelId,
    draft: &Draft<'a>,
    report: &mut Report,
) -> RelationFieldDraft<'a> {
    let fields = read_fields(arguments, model, draft, report);
    let references = read_references(arguments, target, draft, report);
    let name = arguments.text("name", report);
    if name == Some("") {
        arguments.invalid("A relation cannot have an empty name.", report);
    }
    RelationFieldDraft {
        target,
        attribute: Some(arguments.attribute),
        fields,
        references,
        name: name.filter(|name| !name.is_empty()),
        on_delete: read_action(arguments, "onDelete", report),
        on_update: read_action(arguments, "onUpdate", report),
        map: arguments.text("map", report),
    }
}

fn read_fields(
    arguments: &mut Arguments<'_>,
    model: ModelId,
    draft: &Draft<'_>,
    report: &mut Report,
) -> Option<Vec<FieldId>> {
    let value = arguments.value("fields", report)?;
    let resolved = resolve_plain_fields(value, arguments.attribute.span, &draft[model], report);
    if let Err(FieldProblem::Unresolved { unknown, relations }) = &resolved {
        if !unknown.is_empty() {
            let message = format!(
                "The argument fields must refer only to existing fields. The following fields do not \
                 exist in this model: {}",
                unknown.join(", ")
            );
            report.invalid(&message, value.span());
        }
        if !relations.is_empty() {
            let message = format!(
                "The argument fields must refer only to scalar fields. But it is referencing the \
                 following relation fields: {}",
                draft[model].join(relations, ", ")
            );
            report.invalid(&message, value.span());
        }
    }
    Some(resolved.unwrap_or_default())
}

fn read_references(
    arguments: &mut Arguments<'_>,
    target: ModelId,
    draft: &Draft<'_>,
    report: &mut Report,
) -> Option<Vec<FieldId>> {
    let value = arguments.value("references", report)?;
    let span = arguments.attribute.span;
    let target = &draft[target];
    let resolved = resolve_plain_fields(value, span, target, report);
    if let Err(FieldProblem::Unresolved { unknown, relations }) = &resolved {
        let name = target.name();
        if !unknown.is_empty() {
            let message = format!(
                "The argument `references` must refer only to existing fields in the related model \
                 `{name}`. The following fields do not exist in the related model: {}",
                unknown.join(", ")
            );
            report.invalid(&message, span);
        }
        if !relations.is_empty() {
            let message = format!(
                "The argument `references` must refer only to scalar fields in the related model \
                 `{name}`. But it is referencing the following relation fields: {}",
                target.join(relations, ", ")
            );
            report.invalid(&message, span);
        }
    }
    Some(resolved.unwrap_or_default())
}

fn read_action(
    arguments: &mut Arguments<'_>,
    name: &str,
    report: &mut Report,
) -> Option<(ReferentialAction, Span)> {
    let written = arguments.constant(name, report)?;
    let action = ReferentialAction::from_name(&written.text);
    if action.is_none() {
        let message = format!("Invalid referential action: `{}`", written.text);
        report.invalid_attribute("@relation", &message, written.span);
    }
    Some((action?, written.span))
}

fn report_misplaced_id(attributes: &mut Attributes<'_>, name: &str, report: &mut Report) {
    attributes.take(&signatures::MISPLACED_ID, report, |id, report| {
        let message = format!(
            "The field `{name}` is a relation field and cannot be marked with `@id`. Only scalar \
             fields can be declared as id."
        );
        id.invalid(&message, report);
    });
}

/// Reports attributes of columns that stand on a relation field.
fn report_misplaced(
    attributes: &mut Attributes<'_>,
    model: ModelId,
    field: FieldId,
    relation: &RelationFieldDraft<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    attributes.take(&signatures::MISPLACED_DEFAULT, report, |default, report| {
        default.invalid("Cannot set a default value on a relation field.", report);
    });
    attributes.take(&signatures::MISPLACED_MAP, report, |map, report| {
        map.invalid("The attribute `@map` cannot be used on relation fields.", report);
        map.value("name", report);
    });
    attributes.take(&signatures::MISPLACED_UNIQUE, report, |unique, report| {
        let suggestion = match relation.fields.as_deref().unwrap_or_default() {
            [] => String::new(),
            [one] => format!(" Did you mean to put it on `{}`?", draft[model][*one].name()),
            several => {
                let fields = draft[model].join(several, ", ");
                format!(" Did you mean to provide `@@unique([{fields}])`?")
            }
        };
        let message = format!(
            "The field `{}` is a relation field and cannot be marked with `unique`. Only scalar \
             fields can be made unique.{suggestion}",
            draft[model][field].name()
        );
        unique.invalid(&message, report);
    });
}
