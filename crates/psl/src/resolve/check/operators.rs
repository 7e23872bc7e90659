//! Operator classes and access methods of indexes against the types of their columns.

use crate::{
    resolve::{
        draft::{ColumnType, FieldDraft, KeyDraft, KeyFieldDraft, KeyKind, ModelDraft},
        native_types,
        operator_classes::{self, CLASSES, Column, NamedClass},
        report::Report,
    },
    schema::{IndexAlgorithm, OperatorClass, ScalarType},
    syntax::Arity,
};

/// Checks the columns of every index of a model.
pub(super) fn check(model: &ModelDraft<'_>, report: &mut Report) {
    for index in &model.indexes {
        check_xml(index, model, report);
        for column in &index.fields {
            if let Some(message) = column_problem(index, column, model) {
                report.invalid_attribute(index.label(), &message, index.attribute.span);
            }
        }
        if index.algorithm == Some(IndexAlgorithm::SpGist) && index.fields.len() != 1 {
            let message = "SpGist does not support multi-column indices.";
            report.invalid_attribute(index.label(), message, index.attribute.span);
        }
    }
}

/// PostgreSQL cannot compare XML.
fn check_xml(index: &KeyDraft<'_>, model: &ModelDraft<'_>, report: &mut Report) {
    let xml = index
        .fields
        .iter()
        .map(|one| &model[one.field])
        .find(|field| native_name(field).as_deref() == Some("Xml"));
    if let Some(field) = xml {
        let message = if index.kind == KeyKind::Unique {
            "Native type `Xml` cannot be unique in Postgres."
        } else {
            "You cannot define an index on fields with native type `Xml` of Postgres."
        };
        report.error(message, field.syntax.span);
    }
}

fn native_name(field: &FieldDraft<'_>) -> Option<String> {
    let attribute = field.as_column()?.native_type?;
    native_types::read(attribute).map(|native| native.name)
}

fn column_problem(
    index: &KeyDraft<'_>,
    column: &KeyFieldDraft,
    model: &ModelDraft<'_>,
) -> Option<String> {
    let algorithm = index.algorithm.unwrap_or_default();
    let class = match &column.operator_class {
        Some(OperatorClass::Raw(_)) => return None,
        Some(OperatorClass::Named(name)) => operator_classes::find(name),
        None => None,
    };
    if let Some(class) = class.filter(|class| !class.algorithms.contains(&algorithm)) {
        return Some(format!(
            "The given operator class `{}` is not supported with the `{}` index type.",
            class.shown_name(),
            algorithm.name()
        ));
    }
    if matches!(algorithm, IndexAlgorithm::BTree | IndexAlgorithm::Hash) {
        return None;
    }
    let field = &model[column.field];
    match class {
        Some(class) => class_problem(class, field),
        None => default_class_problem(algorithm, field),
    }
}

fn class_problem(class: &NamedClass, field: &FieldDraft<'_>) -> Option<String> {
    let (class_name, name) = (class.shown_name(), field.name());
    let (natives, default) = match class.column {
        Column::List if field.syntax.arity == Arity::List => return None,
        Column::List => {
            return Some(format!(
                "The given operator class `{class_name}` expects the type of field `{name}` to be an \
                 array."
            ));
        }
        Column::Native { natives, scalar } => (natives, scalar),
    };
    match (native_name(field), default) {
        (Some(native), _) if natives.contains(&native.as_str()) => None,
        (Some(native), _) => Some(format!(
            "The given operator class `{class_name}` does not support native type `{native}` of field \
             `{name}`."
        )),
        (None, Some(scalar)) if scalar_of(field) == Some(scalar) => None,
        (None, Some(scalar)) => Some(format!(
            "The given operator class `{class_name}` points to the field `{name}` that is not of {} \
             type.",
            scalar.name()
        )),
        (None, None) => Some(format!(
            "The given operator class `{class_name}` expects the field `{name}` to define a valid \
             native type."
        )),
    }
}

/// Without an operator class, the type must have a default one for the access method.
fn default_class_problem(algorithm: IndexAlgorithm, field: &FieldDraft<'_>) -> Option<String> {
    let is_list = field.syntax.arity == Arity::List;
    if algorithm == IndexAlgorithm::Gin && is_list {
        return None;
    }
    if let Some(native) = native_name(field) {
        let has_default = algorithm != IndexAlgorithm::Gist
            && CLASSES.iter().any(|class| {
                let natives: &[&str] = match class.column {
                    Column::Native { natives, .. } => natives,
                    Column::List => &[],
                };
                class.algorithms.contains(&algorithm) && natives.contains(&native.as_str())
            });
        return (!has_default).then(|| {
            format!(
                "The {} index field type `{native}` has no default operator class.",
                algorithm.name()
            )
        });
    }
    (!supports(algorithm, field)).then(|| {
        format!(
            "The {} index type does not support the type of the field `{}`.",
            algorithm.name(),
            field.name()
        )
    })
}

/// Whether an access method can index what a scalar is stored as by default.
fn supports(algorithm: IndexAlgorithm, field: &FieldDraft<'_>) -> bool {
    let column = field.as_column().map(|column| column.r#type);
    if matches!(column, Some(ColumnType::Unsupported(_))) {
        return true;
    }
    let scalar = scalar_of(field);
    match algorithm {
        IndexAlgorithm::BTree | IndexAlgorithm::Hash => true,
        IndexAlgorithm::Gist | IndexAlgorithm::SpGist => scalar == Some(ScalarType::String),
        IndexAlgorithm::Gin => scalar == Some(ScalarType::Json),
        IndexAlgorithm::Brin => {
            scalar.is_some_and(|one| !matches!(one, ScalarType::Json | ScalarType::Boolean))
        }
    }
}

fn scalar_of(field: &FieldDraft<'_>) -> Option<ScalarType> {
    match field.as_column()?.r#type {
        ColumnType::Scalar(scalar) => Some(scalar),
        ColumnType::Enum(_) | ColumnType::Composite | ColumnType::Unsupported(_) => None,
    }
}
