//! `@id`, `@unique`, `@@index` → primary keys and indexes.

use psl::constraint_names;
use psl::schema::{
    Condition, ConditionValue, IndexAlgorithm, IndexField, Model, OperatorClass, Predicate,
};

use super::Context;
use crate::kinds::index::{Index, IndexKey};
use crate::kinds::table::PrimaryKey;
use crate::{Name, literal, quoted};

/// Returns the primary key of a model.
pub(super) fn primary_key(model: &Model) -> Option<PrimaryKey> {
    let key = model.primary_key.as_ref()?;
    let default_name = || constraint_names::primary_key(&model.database_name);
    Some(PrimaryKey {
        name: key.map.clone().unwrap_or_else(default_name),
        columns: key.fields.iter().map(|field| column(model, &field.name).to_owned()).collect(),
        include: Vec::new(),
        deferrable: false,
        initially_deferred: false,
        without_overlaps: false,
        parent: None,
        options: Vec::new(),
        comment: None,
    })
}

/// Returns the indexes of a model.
pub(super) fn of(context: &Context<'_>, model: &Model) -> Vec<Index> {
    let table = context.table_name(model);
    let index = |index: &psl::schema::Index| {
        let columns: Vec<&str> =
            index.fields.iter().map(|field| column(model, &field.name)).collect();
        let name = index.map.clone().unwrap_or_else(|| {
            if index.is_unique {
                constraint_names::unique(&model.database_name, &columns)
            } else {
                constraint_names::index(&model.database_name, &columns)
            }
        });
        Index {
            name: Name::new(table.schema.clone(), name),
            table: table.clone(),
            method: method(index.algorithm).to_owned(),
            unique: index.is_unique,
            keys: index.fields.iter().map(|field| key(model, field)).collect(),
            include: Vec::new(),
            predicate: index.predicate.as_ref().map(|predicate| condition(model, predicate)),
            nulls_not_distinct: false,
            constraint: None,
            valid: true,
            parent: None,
            options: Vec::new(),
            comment: None,
        }
    };
    model.indexes.iter().map(index).collect()
}

/// The column of a field, by the field's name.
pub(super) fn column<'a>(model: &'a Model, field: &'a str) -> &'a str {
    model.field(field).map_or(field, |field| &field.database_name)
}

fn method(algorithm: IndexAlgorithm) -> &'static str {
    match algorithm {
        IndexAlgorithm::BTree => "btree",
        IndexAlgorithm::Hash => "hash",
        IndexAlgorithm::Gist => "gist",
        IndexAlgorithm::Gin => "gin",
        IndexAlgorithm::SpGist => "spgist",
        IndexAlgorithm::Brin => "brin",
    }
}

fn key(model: &Model, field: &IndexField) -> IndexKey {
    IndexKey {
        column: Some(column(model, &field.name).to_owned()),
        expression: None,
        operator_class: field.operator_class.as_ref().map(|class| match class {
            OperatorClass::Named(name) => operator_class_name(name),
            OperatorClass::Raw(text) => text.clone(),
        }),
        collation: None,
        descending: field.descending,
        nulls_first: field.descending,
    }
}

/// Returns PostgreSQL's name of an operator class that the schema language names: `JsonbPathOps` →
/// `jsonb_path_ops`.
pub fn operator_class_name(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    // PostgreSQL writes some pairs of words as one.
    for (apart, together) in [
        ("timestamp_tz", "timestamptz"),
        ("time_tz", "timetz"),
        ("var_bit", "varbit"),
        ("min_max", "minmax"),
        ("bp_char", "bpchar"),
        ("mac_addr", "macaddr"),
        ("byte_a", "bytea"),
    ] {
        snake = snake.replace(apart, together);
    }
    snake
}

fn condition(model: &Model, predicate: &Predicate) -> String {
    let one = |condition: &Condition| {
        let column = quoted(column(model, &condition.field));
        match (&condition.value, condition.negated) {
            (None, false) => format!("{column} IS NULL"),
            (None, true) => format!("{column} IS NOT NULL"),
            (Some(value), negated) => {
                let operator = if negated { "!=" } else { "=" };
                let value = match value {
                    ConditionValue::String(text) => literal(text),
                    ConditionValue::Number(text) => text.clone(),
                    ConditionValue::Boolean(value) => value.to_string(),
                };
                format!("{column} {operator} {value}")
            }
        }
    };
    match predicate {
        Predicate::Raw(text) => text.clone(),
        Predicate::Conditions(conditions) => {
            conditions.iter().map(one).collect::<Vec<_>>().join(" AND ")
        }
    }
}
