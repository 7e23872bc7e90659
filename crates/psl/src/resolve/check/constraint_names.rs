//! Names of constraints and indexes must be free: keys and indexes within a PostgreSQL schema, all
//! constraints within a table.

use std::collections::BTreeMap;

use crate::{
    constraint_names,
    resolve::draft::{
        Draft, KeyDraft, KeyKind, ModelDraft, ModelId, RelationFieldId, RelationKind,
    },
};

/// How often each name is used, by scope.
pub(super) struct ConstraintNames<'a> {
    by_schema: BTreeMap<(Option<&'a str>, String), usize>,
    by_model: BTreeMap<(ModelId, String), usize>,
    /// Names in client code, by model.
    custom: BTreeMap<(ModelId, &'a str), usize>,
}

/// A scope in which a name is used twice.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clash {
    Schema,
    Model,
}

impl Clash {
    pub(super) fn message(self, name: &str, model: &str) -> String {
        let namespace = match self {
            Self::Schema => "global for primary key, indexes and unique constraints".to_owned(),
            Self::Model => format!(
                "on model `{model}` for primary key, indexes, unique constraints and foreign keys"
            ),
        };
        format!(
            "The given constraint name `{name}` has to be unique in the following namespace: \
             {namespace}. Please provide a different name using the `map` argument."
        )
    }
}

impl<'a> ConstraintNames<'a> {
    pub(super) fn collect(draft: &Draft<'a>) -> Self {
        let mut names =
            Self { by_schema: BTreeMap::new(), by_model: BTreeMap::new(), custom: BTreeMap::new() };
        for id in draft.model_ids() {
            let model = &draft[id];
            for key in model.primary_key.iter().chain(&model.indexes) {
                let name = key_name(key, model);
                let schema = model.schema.map(|schema| schema.text.as_str());
                *names.by_schema.entry((schema, name.clone())).or_default() += 1;
                *names.by_model.entry((id, name)).or_default() += 1;
                if let Some(custom) = key.name {
                    *names.custom.entry((id, custom)).or_default() += 1;
                }
            }
        }
        for relation in &draft.relations {
            if let Some((model, name)) = foreign_key(relation.kind, draft) {
                // Prisma counts a one-sided relation where its field stands.
                let model = match relation.kind {
                    RelationKind::OneToMany { forward: None, back: Some(back) } => back.model,
                    RelationKind::OneToMany { .. }
                    | RelationKind::OneToOne { .. }
                    | RelationKind::ManyToMany { .. } => model,
                };
                *names.by_model.entry((model, name)).or_default() += 1;
            }
        }
        names
    }

    /// Whether the name is used by another key or index of the PostgreSQL schema.
    pub(super) fn clash_in_schema(&self, name: &str, model: &ModelDraft<'a>) -> Option<Clash> {
        let schema = model.schema.map(|schema| schema.text.as_str());
        let count = self.by_schema.get(&(schema, name.to_owned()));
        count.is_some_and(|count| *count > 1).then_some(Clash::Schema)
    }

    /// Whether the name is used by another constraint of the model.
    pub(super) fn clash_in_model(&self, name: &str, model: ModelId) -> Option<Clash> {
        let count = self.by_model.get(&(model, name.to_owned()));
        count.is_some_and(|count| *count > 1).then_some(Clash::Model)
    }

    /// Whether the name in client code is used twice in the model.
    pub(super) fn is_custom_name_repeated(&self, name: &'a str, model: ModelId) -> bool {
        self.custom.get(&(model, name)).is_some_and(|count| *count > 1)
    }
}

/// Returns the name of a key or index in the database.
pub(super) fn key_name(key: &KeyDraft<'_>, model: &ModelDraft<'_>) -> String {
    if let Some(map) = key.map {
        return map.to_owned();
    }
    let columns: Vec<&str> = key.fields.iter().map(|one| model.column_name(one.field)).collect();
    let table = model.database_name();
    match key.kind {
        KeyKind::Primary => constraint_names::primary_key(table),
        KeyKind::Unique => constraint_names::unique(table, &columns),
        KeyKind::Index | KeyKind::Fulltext => constraint_names::index(table, &columns),
    }
}

/// Returns the model that holds the foreign key of a relation, and the name of the key.
pub(super) fn foreign_key(kind: RelationKind, draft: &Draft<'_>) -> Option<(ModelId, String)> {
    let Some(forward) = forward_field(kind) else {
        // Of a relation with one side only, the other side would hold a key without columns.
        let RelationKind::OneToMany { back: Some(back), .. } = kind else { return None };
        let model = draft.relation_field(back)?.target;
        let name = constraint_names::foreign_key(draft[model].database_name(), &[]);
        return Some((model, name));
    };
    let relation = draft.relation_field(forward)?;
    if let Some(map) = relation.map {
        return Some((forward.model, map.to_owned()));
    }
    let model = &draft[forward.model];
    let fields = relation.fields.as_deref().unwrap_or_default();
    let columns: Vec<&str> = fields.iter().map(|field| model.column_name(*field)).collect();
    Some((forward.model, constraint_names::foreign_key(model.database_name(), &columns)))
}

/// The field that holds the foreign key.
pub(super) fn forward_field(kind: RelationKind) -> Option<RelationFieldId> {
    match kind {
        RelationKind::OneToOne { forward, .. } => Some(forward),
        RelationKind::OneToMany { forward, .. } => forward,
        RelationKind::ManyToMany { .. } => None,
    }
}
