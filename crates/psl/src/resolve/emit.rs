//! The finished draft as a [`Schema`].

use super::{
    draft::{
        ColumnDraft, ColumnType, Draft, EnumDraft, FieldDraft, FieldId, KeyDraft, KeyFieldDraft,
        KeyKind, ModelDraft, RelationFieldId, RelationKind, Sort,
    },
    names, native_types,
};
use crate::{
    schema::{
        DefaultValue, Enum, EnumValue, Index, IndexField, InlineRelation, ManyToManyRelation,
        Model, PrimaryKey, Relation, ScalarField, ScalarFieldType, Schema,
    },
    syntax::{Expression, Label},
};

/// Copies what was resolved; relations that are not whole are left out.
pub(super) fn emit(draft: &Draft<'_>) -> Schema {
    Schema {
        datasource: draft.datasource.as_ref().map(|source| source.datasource.clone()),
        generators: Vec::new(),
        models: draft.model_ids().map(|model| emit_model(&draft[model], draft)).collect(),
        enums: draft.enum_ids().map(|r#enum| emit_enum(&draft[r#enum])).collect(),
        relations: draft
            .relations
            .iter()
            .filter_map(|relation| emit_relation(relation.name, relation.kind, draft))
            .collect(),
        preview_features: draft.features.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn emit_model(model: &ModelDraft<'_>, draft: &Draft<'_>) -> Model {
    Model {
        name: model.name().to_owned(),
        database_name: model.database_name().to_owned(),
        schema: model.schema.map(|schema| schema.text.clone()),
        is_view: model.is_view,
        is_ignored: model.is_ignored,
        documentation: model.block.documentation.clone(),
        fields: model
            .columns()
            .filter_map(|(id, field, column)| emit_column(id, field, column, model, draft))
            .collect(),
        primary_key: model.primary_key.as_ref().map(|key| PrimaryKey {
            fields: emit_key_fields(&key.fields, model),
            map: key.map.map(str::to_owned),
        }),
        indexes: model.indexes.iter().map(|index| emit_index(index, model)).collect(),
        span: model.block.name.span,
    }
}

fn emit_column(
    id: FieldId,
    field: &FieldDraft<'_>,
    column: &ColumnDraft<'_>,
    model: &ModelDraft<'_>,
    draft: &Draft<'_>,
) -> Option<ScalarField> {
    let r#type = match column.r#type {
        ColumnType::Scalar(scalar) => ScalarFieldType::Scalar(scalar),
        ColumnType::Enum(r#enum) => ScalarFieldType::Enum(draft[r#enum].name().to_owned()),
        ColumnType::Unsupported(text) => ScalarFieldType::Unsupported(text.to_owned()),
        ColumnType::Composite => return None,
    };
    Some(ScalarField {
        name: field.name().to_owned(),
        database_name: model.column_name(id).to_owned(),
        arity: field.syntax.arity,
        r#type,
        native_type: column.native_type.and_then(native_types::read),
        default: column
            .default
            .as_ref()
            .map(|default| emit_default(default.value, column.r#type, draft)),
        is_updated_at: column.is_updated_at,
        is_ignored: field.is_ignored,
        documentation: field.syntax.documentation.clone(),
        span: field.syntax.span,
    })
}

fn emit_default(value: &Expression, column: ColumnType<'_>, draft: &Draft<'_>) -> DefaultValue {
    match value {
        Expression::String(word) | Expression::Number(word) => {
            DefaultValue::Literal(word.text.clone())
        }
        Expression::Constant(word) => match column {
            ColumnType::Enum(r#enum) => {
                let found = draft[r#enum].values.iter().find(|(name, _)| *name == word.text);
                let label = found.map_or(word.text.as_str(), |(_, label)| *label);
                DefaultValue::EnumLabel(label.to_owned())
            }
            ColumnType::Scalar(_) | ColumnType::Composite | ColumnType::Unsupported(_) => {
                DefaultValue::Literal(word.text.clone())
            }
        },
        Expression::Array(elements, _) => DefaultValue::List(
            elements.iter().map(|element| emit_default(element, column, draft)).collect(),
        ),
        Expression::Function(function) => match function.name.text.as_str() {
            "autoincrement" => DefaultValue::AutoIncrement,
            "now" => DefaultValue::Now,
            "dbgenerated" => {
                let first = function.arguments.first().and_then(|one| one.value.as_ref());
                let text = first.and_then(super::values::as_text);
                DefaultValue::DbGenerated(text.map(|word| word.text.clone()))
            }
            other => DefaultValue::ByClient(other.to_owned()),
        },
        Expression::Object(..) => DefaultValue::Literal(super::values::display(value)),
    }
}

fn emit_index(index: &KeyDraft<'_>, model: &ModelDraft<'_>) -> Index {
    Index {
        is_unique: index.kind == KeyKind::Unique,
        fields: emit_key_fields(&index.fields, model),
        map: index.map.map(str::to_owned),
        algorithm: index.algorithm.unwrap_or_default(),
        predicate: index.predicate.clone(),
    }
}

fn emit_key_fields(fields: &[KeyFieldDraft], model: &ModelDraft<'_>) -> Vec<IndexField> {
    let emit = |one: &KeyFieldDraft| IndexField {
        name: model[one.field].name().to_owned(),
        descending: one.sort == Some(Sort::Descending),
        operator_class: one.operator_class.clone(),
    };
    fields.iter().map(emit).collect()
}

fn emit_enum(r#enum: &EnumDraft<'_>) -> Enum {
    let emit_value = |(label, (name, mapped)): (&Label, &(&str, &str))| EnumValue {
        name: (*name).to_owned(),
        database_name: (*mapped).to_owned(),
        documentation: label.documentation.clone(),
    };
    Enum {
        name: r#enum.name().to_owned(),
        database_name: r#enum.database_name().to_owned(),
        schema: r#enum.schema.map(|schema| schema.text.clone()),
        values: names::labels(r#enum.block).zip(&r#enum.values).map(emit_value).collect(),
        documentation: r#enum.block.documentation.clone(),
        span: r#enum.block.name.span,
    }
}

fn emit_relation(name: Option<&str>, kind: RelationKind, draft: &Draft<'_>) -> Option<Relation> {
    match kind {
        RelationKind::OneToOne { forward, .. }
        | RelationKind::OneToMany { forward: Some(forward), .. } => {
            emit_inline(forward, draft).map(Relation::Inline)
        }
        RelationKind::OneToMany { forward: None, .. } => None,
        RelationKind::ManyToMany { a, b } => {
            let (model_a, model_b) = (draft[a.model].name(), draft[b.model].name());
            let name = name.map_or_else(|| default_name(model_a, model_b), str::to_owned);
            Some(Relation::ManyToMany(ManyToManyRelation {
                name,
                model_a: model_a.to_owned(),
                model_b: model_b.to_owned(),
            }))
        }
    }
}

/// The name of a relation that is given none.
fn default_name(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("{first}To{second}")
}

fn emit_inline(forward: RelationFieldId, draft: &Draft<'_>) -> Option<InlineRelation> {
    let model = &draft[forward.model];
    let field = &model[forward.field];
    let relation = field.as_relation()?;
    let target = &draft[relation.target];
    let names = |model: &ModelDraft<'_>, fields: &Option<Vec<FieldId>>| -> Vec<String> {
        fields.iter().flatten().map(|field| model[*field].name().to_owned()).collect()
    };
    Some(InlineRelation {
        model: model.name().to_owned(),
        field: field.name().to_owned(),
        is_required: field.syntax.arity == crate::syntax::Arity::Required,
        fields: names(model, &relation.fields),
        referenced_model: target.name().to_owned(),
        referenced_fields: names(target, &relation.references),
        on_delete: relation.on_delete.map(|(action, _)| action),
        on_update: relation.on_update.map(|(action, _)| action),
        map: relation.map.map(str::to_owned),
        is_ignored: model.is_ignored || target.is_ignored || field.is_ignored,
    })
}
