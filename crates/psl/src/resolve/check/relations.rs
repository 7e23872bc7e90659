//! Relations: both sides together.

use super::{
    argument_span,
    constraint_names::{ConstraintNames, foreign_key, forward_field},
    cycles, one_to_one, relation_mode,
};
use crate::{
    resolve::{
        draft::{
            ColumnType, Draft, FieldDraft, FieldId, KeyDraft, ModelDraft, RelationFieldDraft,
            RelationFieldId, RelationKind,
        },
        report::Report,
    },
    schema::{Arity, ReferentialAction, RelationMode},
    source::Span,
};

/// A relation field with everything around it.
#[derive(Clone, Copy)]
pub(super) struct Side<'d, 'a> {
    pub(super) model: &'d ModelDraft<'a>,
    pub(super) field: &'d FieldDraft<'a>,
    pub(super) relation: &'d RelationFieldDraft<'a>,
    pub(super) target: &'d ModelDraft<'a>,
}

impl<'d, 'a> Side<'d, 'a> {
    fn new(id: RelationFieldId, draft: &'d Draft<'a>) -> Option<Self> {
        let model = &draft[id.model];
        let field = &model[id.field];
        let relation = field.as_relation()?;
        Some(Self { model, field, relation, target: &draft[relation.target] })
    }

    pub(super) fn fields(self) -> &'d [FieldId] {
        self.relation.fields.as_deref().unwrap_or_default()
    }

    pub(super) fn references(self) -> &'d [FieldId] {
        self.relation.references.as_deref().unwrap_or_default()
    }

    pub(super) fn has_actions(self) -> bool {
        self.relation.on_delete.is_some() || self.relation.on_update.is_some()
    }

    /// "`field` on Model `Model`"
    pub(super) fn place(self) -> String {
        format!("`{}` on Model `{}`", self.field.name(), self.model.name())
    }

    /// Reports what is wrong with `@relation`, on the whole field.
    pub(super) fn invalid(self, message: &str, report: &mut Report) {
        report.invalid_attribute("@relation", message, self.field.syntax.span);
    }
}

/// Checks every relation.
pub(super) fn check(names: &ConstraintNames<'_>, draft: &Draft<'_>, report: &mut Report) {
    let emulated = relation_mode(draft) == RelationMode::Prisma;
    let cycles = emulated.then(|| cycles::Graph::new(draft));
    for relation in &draft.relations {
        if let RelationKind::ManyToMany { a, b } = relation.kind {
            if let (Some(a), Some(b)) = (Side::new(a, draft), Side::new(b, draft)) {
                check_many_to_many(a, b, report);
            }
            continue;
        }
        let forward = forward_field(relation.kind);
        if let (Some(cycles), Some(forward)) = (&cycles, forward) {
            cycles.check(forward, draft, report);
        }
        match forward.and_then(|forward| Side::new(forward, draft)) {
            Some(side) => check_forward(relation.kind, side, names, draft, report),
            None => check_name(relation.kind, names, draft, report),
        }
        match relation.kind {
            RelationKind::OneToOne { forward, back } => {
                let back = back.and_then(|back| Side::new(back, draft));
                if let Some(forward) = Side::new(forward, draft) {
                    one_to_one::check(forward, back, report);
                }
            }
            RelationKind::OneToMany { forward, back } => {
                let side = |id: Option<RelationFieldId>| id.and_then(|id| Side::new(id, draft));
                check_one_to_many(side(forward), side(back), report);
            }
            RelationKind::ManyToMany { .. } => {}
        }
    }
}

/// Checks the side that holds the foreign key.
fn check_forward(
    relation: RelationKind,
    side: Side<'_, '_>,
    names: &ConstraintNames<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    check_references_are_unique(side, report);
    let (fields, references) = (&side.relation.fields, &side.relation.references);
    if let (Some(fields), Some(references), Some(attribute)) =
        (fields, references, side.relation.attribute)
        && fields.len() != references.len()
    {
        let message = "You must specify the same number of fields in `fields` and `references`.";
        report.invalid(message, attribute.span);
    }
    check_arity(side, report);
    check_types(side, report);
    check_name(relation, names, draft, report);
    check_set_null(side, relation_mode(draft), report);
}

fn check_name(
    relation: RelationKind,
    names: &ConstraintNames<'_>,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let Some((id, name)) = foreign_key(relation, draft) else { return };
    let Some(clash) = names.clash_in_model(&name, id) else { return };
    let model = &draft[id];
    let span = match forward_field(relation).and_then(|forward| Side::new(forward, draft)) {
        Some(side) => side
            .relation
            .attribute
            .and_then(|attribute| argument_span(attribute, "map"))
            .unwrap_or(side.field.syntax.span),
        None => missing_side_span(relation, draft).unwrap_or(model.block.span),
    };
    report.invalid_attribute("@relation", &clash.message(&name, model.name()), span);
}

/// Where the side with the foreign key is missing, the model of the other side is shown.
fn missing_side_span(relation: RelationKind, draft: &Draft<'_>) -> Option<Span> {
    let RelationKind::OneToMany { back: Some(back), .. } = relation else { return None };
    Some(draft[back.model].block.span)
}

/// A foreign key must refer to columns that tell rows apart.
fn check_references_are_unique(side: Side<'_, '_>, report: &mut Report) {
    let mut references = side.references().to_vec();
    if references.is_empty() {
        return;
    }
    references.sort_unstable();
    let is_unique = side.target.unique_criteria().any(|key| {
        let mut fields = key.field_ids();
        fields.sort_unstable();
        fields == references
    });
    if is_unique {
        return;
    }
    let fields = side.target.join(side.references(), ", ");
    let target = side.target.name();
    let advice = if references.len() == 1 {
        format!("an `@unique` attribute to the field `{fields}` in the model `{target}`")
    } else {
        format!("an `@@unique([{fields}])` attribute to the model `{target}`")
    };
    let message = format!(
        "The argument `references` must refer to a unique criterion in the related model. Consider \
         adding {advice}."
    );
    side.invalid(&message, report);
}

/// A relation that is always there needs columns that always hold something.
fn check_arity(side: Side<'_, '_>, report: &mut Report) {
    let is_optional = |field: &FieldId| side.model[*field].syntax.arity == Arity::Optional;
    if side.field.syntax.arity == Arity::Required && side.fields().iter().any(is_optional) {
        let message = format!(
            "The relation field `{}` uses the scalar fields {}. At least one of those fields is \
             optional. Hence the relation field must be optional as well.",
            side.field.name(),
            side.model.join(side.fields(), ", ")
        );
        report.invalid(&message, side.field.syntax.span);
    }
}

fn check_types(side: Side<'_, '_>, report: &mut Report) {
    fn type_of<'a>(model: &ModelDraft<'a>, field: FieldId) -> Option<ColumnType<'a>> {
        model[field].as_column().map(|column| column.r#type)
    }
    for (field, reference) in side.fields().iter().zip(side.references()) {
        if type_of(side.model, *field) != type_of(side.target, *reference) {
            let message = format!(
                "The type of the field `{}` in the model `{}` is not matching the type of the \
                 referenced field `{}` in model `{}`.",
                side.model[*field].name(),
                side.model.name(),
                side.target[*reference].name(),
                side.target.name()
            );
            side.invalid(&message, report);
        }
    }
}

/// `SetNull` cannot work on columns that must hold something.
fn check_set_null(side: Side<'_, '_>, mode: RelationMode, report: &mut Report) {
    let Some(fields) = &side.relation.fields else { return };
    if fields.iter().all(|field| side.model[*field].syntax.arity != Arity::Required) {
        return;
    }
    for (name, action) in
        [("onDelete", side.relation.on_delete), ("onUpdate", side.relation.on_update)]
    {
        if !matches!(action, Some((ReferentialAction::SetNull, _))) {
            continue;
        }
        match mode {
            RelationMode::ForeignKeys => {
                let message = format!(
                    "The `{name}` referential action of a relation should not be set to `SetNull` \
                     when a referenced field is required. We recommend either to choose another \
                     referential action, or to make the referenced fields optional. Read more at \
                     https://pris.ly/d/postgres-set-null "
                );
                report.warning(message, side.field.syntax.span);
            }
            RelationMode::Prisma => {
                let message = format!(
                    "The `{name}` referential action of a relation must not be set to `SetNull` when \
                     a referenced field is required.\nEither choose another referential action, or \
                     make the referenced fields optional.\n"
                );
                side.invalid(&message, report);
            }
        }
    }
}

/// Reports a relation field that nothing on the other side belongs to.
pub(super) fn report_missing_opposite(side: Side<'_, '_>, report: &mut Report) {
    let keyword = side.model.keyword();
    let (model, field) = (side.model.name(), side.field.name());
    let message = format!(
        "The relation field `{field}` on {keyword} `{model}` is missing an opposite relation field on \
         the model `{}`. Either run `prisma format` or add it manually.",
        side.target.name()
    );
    report.invalid_field((keyword, model, field), &message, side.field.syntax.span);
}

fn check_one_to_many(
    forward: Option<Side<'_, '_>>,
    back: Option<Side<'_, '_>>,
    report: &mut Report,
) {
    let (forward, back) = match (forward, back) {
        (Some(forward), Some(back)) => (forward, back),
        (Some(side), None) | (None, Some(side)) => {
            report_missing_opposite(side, report);
            return;
        }
        (None, None) => return,
    };
    if forward.fields().is_empty() {
        let message = format!(
            "The relation field {} must specify the `fields` argument in the @relation attribute. You \
             can run `prisma format` to fix this automatically.",
            forward.place()
        );
        forward.invalid(&message, report);
    }
    if forward.references().is_empty() {
        let message = format!(
            "The relation field {} must specify the `references` argument in the @relation attribute.",
            forward.place()
        );
        forward.invalid(&message, report);
    }
    if !back.fields().is_empty() || !back.references().is_empty() {
        let message = format!(
            "The relation field {} must not specify the `fields` or `references` argument in the \
             @relation attribute. You must only specify it on the opposite field `{}` on model `{}`.",
            back.place(),
            forward.field.name(),
            forward.model.name()
        );
        back.invalid(&message, report);
    }
    if back.has_actions() {
        let message = format!(
            "The relation field {} must not specify the `onDelete` or `onUpdate` argument in the \
             @relation attribute. You must only specify it on the opposite field `{}` on model `{}`, \
             or in case of a many to many relation, in an explicit join table.",
            back.place(),
            forward.field.name(),
            forward.model.name()
        );
        back.invalid(&message, report);
    }
}

/// The table behind a many-to-many relation is not written down, so it has no options.
fn check_many_to_many(a: Side<'_, '_>, b: Side<'_, '_>, report: &mut Report) {
    let sides = [a, b];
    if sides.iter().any(|side| side.relation.fields.is_some()) {
        for side in sides {
            let message = "Embedded many-to-many relations are not supported on Postgres. Please use \
                           the syntax defined in \
                           https://pris.ly/d/relational-database-many-to-many";
            report.invalid(message, side.field.syntax.span);
        }
        return;
    }
    if sides.iter().any(|side| side.model.is_view) {
        for side in sides {
            let message = "Implicit many-to-many relations are not supported for views.";
            report.invalid(message, side.field.syntax.span);
        }
    }
    for side in sides {
        check_single_id(side, report);
    }
    for side in sides {
        for (_, span) in [side.relation.on_delete, side.relation.on_update].into_iter().flatten() {
            let message =
                "Referential actions on implicit many-to-many relations are not supported";
            report.invalid(message, span);
        }
    }
    for side in sides {
        if side.relation.references.is_some() {
            let message = "Implicit many-to-many relation should not have references argument \
                           defined. Either remove it, or change the relation to one-to-many.";
            side.invalid(message, report);
        }
    }
}

fn check_single_id(side: Side<'_, '_>, report: &mut Report) {
    let key = side.target.primary_key.as_ref().map(KeyDraft::field_ids).unwrap_or_default();
    let (model, field, target) = (side.model.name(), side.field.name(), side.target.name());
    if key.len() != 1 {
        let keyword = side.target.keyword();
        let message = format!(
            "The relation field `{field}` on {keyword} `{model}` references `{target}` which does not \
             have an `@id` field. Models without `@id` cannot be part of a many to many relation. Use \
             an explicit intermediate Model to represent this relationship."
        );
        report.invalid_field((keyword, model, field), &message, side.field.syntax.span);
    } else if side.relation.references.as_ref().is_some_and(|references| *references != key) {
        let message = format!(
            "Implicit many-to-many relations must always reference the id field of the related model. \
             Change the argument `references` to use the id field of the related model `{target}`. \
             But it is referencing the following fields that are not the id: {}",
            side.target.join(side.references(), ", ")
        );
        report.invalid(&message, side.field.syntax.span);
    }
}
