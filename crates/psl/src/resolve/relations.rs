//! Pairing relation fields: which two belong together, and which of them holds the foreign key.

use super::draft::{
    Draft, FieldDraft, FieldId, KeyKind, ModelId, RelationDraft, RelationFieldDraft,
    RelationFieldId, RelationKind,
};
use crate::schema::Arity;

/// A relation field with what decides its role.
#[derive(Clone, Copy)]
struct Side<'d, 'a> {
    id: RelationFieldId,
    field: &'d FieldDraft<'a>,
    relation: &'d RelationFieldDraft<'a>,
}

impl<'a> Side<'_, 'a> {
    fn arity(self) -> Arity {
        self.field.syntax.arity
    }

    /// What decides between two sides that are alike.
    fn rank(self, draft: &Draft<'a>) -> (&'a str, &'a str) {
        (draft[self.id.model].name(), self.field.name())
    }

    fn has_fields(self) -> bool {
        self.relation.fields.is_some()
    }
}

/// Pairs all relation fields.
pub(super) fn resolve(draft: &mut Draft<'_>) {
    let mut relations = Vec::new();
    for model in draft.model_ids() {
        for (field, field_draft, relation) in draft[model].relation_fields() {
            let id = RelationFieldId { model, field };
            let this = Side { id, field: field_draft, relation };
            let opposite = find_opposite(this, draft);
            if let Some(kind) = relation_kind(this, opposite, draft) {
                relations.push(RelationDraft { name: relation.name, kind });
            }
        }
    }
    draft.relations = relations;
}

fn find_opposite<'d, 'a>(this: Side<'d, 'a>, draft: &'d Draft<'a>) -> Option<Side<'d, 'a>> {
    let target: ModelId = this.relation.target;
    draft[target]
        .relation_fields()
        .filter(|(.., relation)| relation.target == this.id.model)
        .map(|(field, field_draft, relation)| Side {
            id: RelationFieldId { model: target, field },
            field: field_draft,
            relation,
        })
        .find(|other| other.id != this.id && other.relation.name == this.relation.name)
}

/// Returns the relation, if this side is the one that tells of it; `None` when the other side does.
fn relation_kind(
    this: Side<'_, '_>,
    opposite: Option<Side<'_, '_>>,
    draft: &Draft<'_>,
) -> Option<RelationKind> {
    let Some(other) = opposite else { return Some(one_sided(this, draft)) };
    let is_first = this.rank(draft) <= other.rank(draft);
    let one_to_one = RelationKind::OneToOne { forward: this.id, back: Some(other.id) };
    match (this.arity(), other.arity()) {
        (Arity::List, Arity::List) => {
            let is_a = if this.id.model == other.id.model {
                is_first
            } else {
                draft[this.id.model].name() <= draft[other.id.model].name()
            };
            let many_to_many = RelationKind::ManyToMany { a: this.id, b: other.id };
            is_a.then_some(many_to_many)
        }
        (Arity::Required, Arity::Optional) => Some(one_to_one),
        (Arity::Optional, Arity::Required) => None,
        (Arity::Required, Arity::Required) => is_first.then_some(one_to_one),
        (Arity::Optional, Arity::Optional) => {
            let is_forward = this.has_fields() || (!other.has_fields() && is_first);
            is_forward.then_some(one_to_one)
        }
        (Arity::List, Arity::Required | Arity::Optional) => None,
        (Arity::Required | Arity::Optional, Arity::List) => {
            Some(RelationKind::OneToMany { forward: Some(this.id), back: Some(other.id) })
        }
    }
}

fn one_sided(this: Side<'_, '_>, draft: &Draft<'_>) -> RelationKind {
    if this.arity() == Arity::List {
        return RelationKind::OneToMany { forward: None, back: Some(this.id) };
    }
    let is_unique = this.relation.fields.as_ref().is_some_and(|fields: &Vec<FieldId>| {
        draft[this.id.model]
            .indexes
            .iter()
            .any(|key| key.kind == KeyKind::Unique && key.field_ids() == *fields)
    });
    if is_unique {
        RelationKind::OneToOne { forward: this.id, back: None }
    } else {
        RelationKind::OneToMany { forward: Some(this.id), back: None }
    }
}
