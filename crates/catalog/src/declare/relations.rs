//! Relations → foreign keys, and tables for implicit many-to-many relations.

use psl::constraint_names;
use psl::schema::{self, Arity, InlineRelation, ManyToManyRelation, Model, Relation};

use super::{Context, columns, empty_table, indexes::column};
use crate::kinds::index::{Index, IndexKey};
use crate::kinds::table::{Column, ForeignKey, PrimaryKey, ReferentialAction};
use crate::{Catalog, Name};

/// Adds what the relations need: foreign keys in the order of the relations, then tables.
pub(super) fn declare(context: &Context<'_>, catalog: &mut Catalog) {
    for relation in &context.schema.relations {
        if let Relation::Inline(relation) = relation {
            inline(context, relation, catalog);
        }
    }
    for relation in &context.schema.relations {
        if let Relation::ManyToMany(relation) = relation {
            many_to_many(context, relation, catalog);
        }
    }
}

fn inline(context: &Context<'_>, relation: &InlineRelation, catalog: &mut Catalog) {
    let models =
        (context.schema.model(&relation.model), context.schema.model(&relation.referenced_model));
    let (Some(model), Some(referenced)) = models else { return };
    if !context.has_foreign_keys() || model.is_view || referenced.is_view {
        return;
    }
    let Some(table) = catalog.tables.get_mut(&context.table_name(model)) else { return };
    let columns: Vec<&str> = relation.fields.iter().map(|field| column(model, field)).collect();
    let name = relation
        .map
        .clone()
        .unwrap_or_else(|| constraint_names::foreign_key(&model.database_name, &columns));
    table.foreign_keys.push(ForeignKey {
        name,
        columns: columns.into_iter().map(str::to_owned).collect(),
        referenced_table: context.table_name(referenced),
        referenced_columns: relation
            .referenced_fields
            .iter()
            .map(|field| column(referenced, field).to_owned())
            .collect(),
        on_delete: relation.on_delete.map_or_else(|| default_on_delete(model, relation), action),
        on_update: relation.on_update.map_or(ReferentialAction::Cascade, action),
        on_delete_columns: Vec::new(),
        match_full: false,
        deferrable: false,
        initially_deferred: false,
        validated: true,
        enforced: true,
        period: false,
        inherited: false,
        comment: None,
    });
}

/// `SET NULL` when every column can be null, otherwise `RESTRICT`.
fn default_on_delete(model: &Model, relation: &InlineRelation) -> ReferentialAction {
    let is_required =
        |field: &String| model.field(field).is_some_and(|field| field.arity == Arity::Required);
    if relation.is_required || relation.fields.iter().any(is_required) {
        ReferentialAction::Restrict
    } else {
        ReferentialAction::SetNull
    }
}

fn action(action: schema::ReferentialAction) -> ReferentialAction {
    match action {
        schema::ReferentialAction::Cascade => ReferentialAction::Cascade,
        schema::ReferentialAction::Restrict => ReferentialAction::Restrict,
        schema::ReferentialAction::NoAction => ReferentialAction::NoAction,
        schema::ReferentialAction::SetNull => ReferentialAction::SetNull,
        schema::ReferentialAction::SetDefault => ReferentialAction::SetDefault,
    }
}

fn many_to_many(context: &Context<'_>, relation: &ManyToManyRelation, catalog: &mut Catalog) {
    let sides = [("A", &relation.model_a), ("B", &relation.model_b)]
        .map(|(column, model)| Some((column, context.schema.model(model)?)));
    let [Some(a), Some(b)] = sides else { return };
    let own_name = format!("_{}", relation.name);
    let name = context.name(a.1.schema.as_deref(), &own_name);
    let mut table = empty_table(name.clone());
    for (column, model) in [a, b] {
        let id = model.primary_key.as_ref().and_then(|key| model.field(&key.fields.first()?.name));
        let Some(id) = id else { return };
        table.columns.push(Column {
            name: column.to_owned(),
            r#type: columns::column_type(context, id),
            nullable: false,
            default: None,
            default_expression: None,
            identity: None,
            identity_options: Vec::new(),
            generated: None,
            collation: None,
            inherited: false,
            options: Vec::new(),
            comment: None,
        });
        if context.has_foreign_keys() {
            table.foreign_keys.push(ForeignKey {
                name: constraint_names::join_table_foreign_key(&own_name, column),
                columns: vec![column.to_owned()],
                referenced_table: context.table_name(model),
                referenced_columns: vec![id.database_name.clone()],
                on_delete: ReferentialAction::Cascade,
                on_update: ReferentialAction::Cascade,
                on_delete_columns: Vec::new(),
                match_full: false,
                deferrable: false,
                initially_deferred: false,
                validated: true,
                enforced: true,
                period: false,
                inherited: false,
                comment: None,
            });
        }
    }
    table.primary_key = Some(PrimaryKey {
        name: constraint_names::join_table_key(&own_name),
        columns: vec!["A".to_owned(), "B".to_owned()],
        include: Vec::new(),
        deferrable: false,
        initially_deferred: false,
        without_overlaps: false,
        parent: None,
        options: Vec::new(),
        comment: None,
    });
    catalog.tables.insert(table);
    catalog.indexes.insert(Index {
        name: Name::new(name.schema.clone(), constraint_names::join_table_index(&own_name)),
        table: name,
        method: "btree".to_owned(),
        unique: false,
        keys: vec![IndexKey {
            column: Some("B".to_owned()),
            expression: None,
            operator_class: None,
            collation: None,
            descending: false,
            nulls_first: false,
        }],
        include: Vec::new(),
        predicate: None,
        nulls_not_distinct: false,
        constraint: None,
        valid: true,
        parent: None,
        options: Vec::new(),
        comment: None,
    });
}
