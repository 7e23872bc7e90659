//! Cycles of cascading actions, which the client could not end when it carries them out itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::{
    resolve::{
        draft::{Draft, ModelId, RelationFieldId, RelationKind},
        report::Report,
    },
    schema::{Arity, ReferentialAction},
};

use super::constraint_names::forward_field;

/// Foreign keys between models: those with both sides, by the model that holds them.
pub(super) struct Graph {
    edges: BTreeMap<ModelId, Vec<Edge>>,
}

#[derive(Clone, Copy)]
struct Edge {
    field: RelationFieldId,
    target: ModelId,
    cascades: bool,
}

impl Graph {
    pub(super) fn new(draft: &Draft<'_>) -> Self {
        let mut edges: BTreeMap<ModelId, Vec<Edge>> = BTreeMap::new();
        for relation in &draft.relations {
            let is_complete = match relation.kind {
                RelationKind::OneToOne { back, .. } | RelationKind::OneToMany { back, .. } => {
                    back.is_some()
                }
                RelationKind::ManyToMany { .. } => false,
            };
            if let Some(field) = forward_field(relation.kind).filter(|_| is_complete)
                && let Some(edge) = edge(field, draft)
            {
                edges.entry(field.model).or_default().push(edge);
            }
        }
        // The order decides which of several cycles is found; this is Prisma's.
        for edges in edges.values_mut() {
            edges.sort_by_key(|edge| edge.target);
        }
        Self { edges }
    }

    /// Reports a cycle that starts with the foreign key of `start`.
    pub(super) fn check(&self, start: RelationFieldId, draft: &Draft<'_>, report: &mut Report) {
        let from = self.edges.get(&start.model).map(Vec::as_slice).unwrap_or_default();
        let Some(first) = from.iter().find(|edge| edge.field == start) else { return };
        let mut visited: BTreeSet<RelationFieldId> = BTreeSet::new();
        let mut next = vec![(*first, vec![start])];
        while let Some((edge, path)) = next.pop() {
            visited.insert(edge.field);
            if !edge.cascades {
                continue;
            }
            if edge.target == edge.field.model {
                let message = "A self-relation must have `onDelete` and `onUpdate` referential \
                               actions set to `NoAction` in one of the @relation attributes.";
                report_cycle(message, start, draft, report);
                return;
            }
            if edge.target == start.model {
                let message = format!(
                    "Reference causes a cycle. One of the @relation attributes in this cycle must \
                     have `onDelete` and `onUpdate` referential actions set to `NoAction`. Cycle \
                     path: {}.",
                    display(&path, draft)
                );
                report_cycle(&message, start, draft, report);
                return;
            }
            let onward = self.edges.get(&edge.target).map(Vec::as_slice).unwrap_or_default();
            for edge in onward.iter().filter(|edge| !visited.contains(&edge.field)) {
                let mut path = path.clone();
                path.push(edge.field);
                next.push((*edge, path));
            }
        }
    }
}

fn edge(field: RelationFieldId, draft: &Draft<'_>) -> Option<Edge> {
    let relation = draft.relation_field(field)?;
    let (on_delete, on_update) = actions(field, draft)?;
    let cascades = changes_rows(on_delete) || changes_rows(on_update);
    Some(Edge { field, target: relation.target, cascades })
}

/// The actions of a foreign key: given, or those that are meant when nothing is given.
fn actions(
    field: RelationFieldId,
    draft: &Draft<'_>,
) -> Option<(ReferentialAction, ReferentialAction)> {
    let relation = draft.relation_field(field)?;
    let model = &draft[field.model];
    let is_required = match relation.fields.as_deref() {
        None | Some([]) => model[field.field].syntax.arity == Arity::Required,
        Some(fields) => fields.iter().any(|one| model[*one].syntax.arity == Arity::Required),
    };
    let default =
        if is_required { ReferentialAction::Restrict } else { ReferentialAction::SetNull };
    let given = |action: Option<(ReferentialAction, _)>| action.map(|(action, _)| action);
    Some((
        given(relation.on_delete).unwrap_or(default),
        given(relation.on_update).unwrap_or(ReferentialAction::Cascade),
    ))
}

fn changes_rows(action: ReferentialAction) -> bool {
    match action {
        ReferentialAction::NoAction | ReferentialAction::Restrict => false,
        ReferentialAction::Cascade | ReferentialAction::SetNull | ReferentialAction::SetDefault => {
            true
        }
    }
}

fn display(path: &[RelationFieldId], draft: &Draft<'_>) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| {
            format!("{}.{}", draft[step.model].name(), draft.relation_syntax(*step).name.text)
        })
        .collect();
    steps.join(" → ")
}

fn report_cycle(message: &str, start: RelationFieldId, draft: &Draft<'_>, report: &mut Report) {
    let (Some(relation), Some((on_delete, on_update))) =
        (draft.relation_field(start), actions(start, draft))
    else {
        return;
    };
    let implied = |given: bool, action: ReferentialAction| {
        (!given && changes_rows(action)).then_some(action.name())
    };
    let on_delete = implied(relation.on_delete.is_some(), on_delete);
    let on_update = implied(relation.on_update.is_some(), on_update);
    let mut message = message.to_owned();
    // Writing to a string cannot fail.
    let _infallible = match (on_delete, on_update) {
        (Some(delete), Some(update)) => write!(
            message,
            " (Implicit default `onDelete`: `{delete}`, and `onUpdate`: `{update}`)"
        ),
        (Some(delete), None) => write!(message, " (Implicit default `onDelete`: `{delete}`)"),
        (None, Some(update)) => write!(message, " (Implicit default `onUpdate`: `{update}`)"),
        (None, None) => Ok(()),
    };
    message.push_str(" Read more at https://pris.ly/d/cyclic-referential-actions");
    report.invalid(&message, draft.relation_syntax(start).span);
}
