//! Foreign keys and join tables → relation fields.

pub(crate) mod join_table;
pub(crate) mod names;

use std::borrow::Cow;

use catalog::kinds::table::ReferentialAction;
use psl::constraint_names;
use psl::syntax::{Arity, Expression};

use self::names::{Direction, FieldKind, FieldOf};
use crate::context::Context;
use crate::database::{ForeignKey, Table};
use crate::previous::{self, Model, RelationField};
use crate::text::{self, Call};

/// Writes the relation fields of a table's model, one a line.
pub(crate) fn write(context: &Context<'_>, table: usize, out: &mut String) {
    if context.has_foreign_keys {
        for field in context.relation_names.fields(table) {
            match field.kind {
                FieldKind::Inline(key) => inline(context, *field, key, out),
                FieldKind::ManyToMany => many_to_many(context, *field, out),
            }
        }
    }
    if let Some(model) = context.model(table) {
        write_kept(context, model, out);
    }
}

/// Writes the relation fields that only the previous schema knows of.
pub(crate) fn write_kept(context: &Context<'_>, model: &Model<'_>, out: &mut String) {
    for field in kept(context, model) {
        let mut call = Call::new("@relation");
        if let Some(name) = field.relation_name() {
            call.argument(text::literal(name));
        }
        for key in ["fields", "references"] {
            let list = |value| format!("[{}]", previous::field_names(value).join(", "));
            call.named(key, field.argument(key).map(list));
        }
        for key in ["onDelete", "onUpdate"] {
            call.named(key, field.argument(key).and_then(constant));
        }
        call.named("map", field.argument("map").and_then(previous::text).map(text::literal));
        let attribute = if field.attribute.is_some() { format!(" {call}") } else { String::new() };
        let ignored = if field.is_ignored { " @ignore" } else { "" };
        line(field.name, field.model, field.arity, &format!("{attribute}{ignored}"), out);
    }
}

/// The relation fields that only the previous schema knows of: all of them if the database does not
/// keep references whole, else those from and to views.
pub(crate) fn kept<'m, 'a>(
    context: &'m Context<'_>,
    model: &'m Model<'a>,
) -> impl Iterator<Item = &'m RelationField<'a>> {
    model.relations.iter().filter(move |field| {
        let is_view = |name: &str| context.previous.model(name).is_some_and(|model| model.is_view);
        (!context.has_foreign_keys || model.is_view || is_view(field.model))
            && context.is_there(field.model)
    })
}

fn constant(value: &Expression) -> Option<&str> {
    match value {
        Expression::Constant(word) => Some(&word.text),
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Function(_)
        | Expression::Array(..)
        | Expression::Object(..) => None,
    }
}

fn inline(context: &Context<'_>, field: FieldOf, position: usize, out: &mut String) {
    let FieldOf { table: at, kind: _, direction } = field;
    let Some(table) = context.table(at) else { return };
    let Some(key) = table.foreign_keys.get(position) else { return };
    let Some(new) = context.relation_names.of_key(at, position) else { return };
    let before = context.relation(at, key);
    let name = match (direction, before) {
        (Direction::Forward, Some((forward, _))) => forward.name,
        (Direction::Back, Some((_, back))) => back.name,
        (Direction::Forward, None) => &new.forward,
        (Direction::Back, None) => &new.back,
    };
    let relation_name = match before {
        Some((forward, _)) => forward.relation_name().unwrap_or_default(),
        None => &new.relation,
    };
    let mut call = Call::new("@relation");
    if !relation_name.is_empty() {
        call.argument(text::literal(relation_name));
    }
    let (model, arity, has_attribute) = match direction {
        Direction::Forward => {
            let list = |names: Vec<Cow<'_, str>>| Some(format!("[{}]", names.join(", ")));
            call.named("fields", list(context.field_names(at, &key.columns)));
            let referenced = context.field_names(key.referenced_table, &key.referenced_columns);
            call.named("references", list(referenced));
            call.named("onDelete", on_delete(table, key));
            call.named("onUpdate", on_update(key));
            let given = before.and_then(|(forward, _)| forward.argument("map"));
            let map = given.and_then(previous::text).or_else(|| constraint_name(table, key));
            call.named("map", map.map(text::literal));
            let is_optional = arities(table, key).any(|arity| arity != Arity::Required);
            let arity = if is_optional { Arity::Optional } else { Arity::Required };
            (context.model_name(key.referenced_table).name, arity, true)
        }
        Direction::Back => {
            let arity = if table.is_unique(key) { Arity::Optional } else { Arity::List };
            (context.model_name(at).name, arity, !relation_name.is_empty())
        }
    };
    let attribute = if has_attribute { format!(" {call}") } else { String::new() };
    let is_ignored = is_ignored(context, at, key, direction);
    let ignored = if is_ignored { " @ignore" } else { "" };
    line(name, &model, arity, &format!("{attribute}{ignored}"), out);
}

fn many_to_many(context: &Context<'_>, field: FieldOf, out: &mut String) {
    let FieldOf { table: at, kind: _, direction } = field;
    let Some(table) = context.table(at) else { return };
    let Some([a, b]) = join_table::sides(table) else { return };
    let Some(new) = context.relation_names.of_join_table(at) else { return };
    let before = before_many_to_many(context, table);
    let is_to_itself = a.referenced_table == b.referenced_table;
    let names = before.as_ref().filter(|_| !is_to_itself);
    let name = match (direction, names) {
        (Direction::Forward, Some(before)) => before.fields[0].name,
        (Direction::Back, Some(before)) => before.fields[1].name,
        (Direction::Forward, None) => &new.forward,
        (Direction::Back, None) => &new.back,
    };
    let other = match direction {
        Direction::Forward => b.referenced_table,
        Direction::Back => a.referenced_table,
    };
    let relation_name =
        before.as_ref().map_or(new.relation.as_str(), |before| before.name.as_str());
    let attribute = match relation_name {
        "" => String::new(),
        name => format!(" @relation({})", text::literal(name)),
    };
    line(name, &context.model_name(other).name, Arity::List, &attribute, out);
}

/// A many-to-many relation of the previous schema.
pub(crate) struct BeforeManyToMany<'m, 'a> {
    pub(crate) name: String,
    /// The models behind columns `A` and `B`.
    pub(crate) models: [&'m Model<'a>; 2],
    /// The fields in them.
    pub(crate) fields: [&'m RelationField<'a>; 2],
}

/// The many-to-many relation of the previous schema that a table is named after.
pub(crate) fn before_many_to_many<'m, 'a>(
    context: &'m Context<'a>,
    table: &Table<'_>,
) -> Option<BeforeManyToMany<'m, 'a>> {
    let name = table.name.name.strip_prefix('_')?;
    for model in &context.previous.models {
        for field in model.relations.iter().filter(|field| field.arity == Arity::List) {
            let Some(other) = context.previous.model(field.model) else { continue };
            let Some(opposite) = context.previous.opposite(model, field) else { continue };
            // Model A is the first by name.
            if opposite.arity != Arity::List || other.name < model.name {
                continue;
            }
            let generated = format!("{}To{}", model.name, other.name);
            if field.relation_name().unwrap_or(&generated) == name {
                return Some(BeforeManyToMany {
                    name: name.to_owned(),
                    models: [model, other],
                    fields: [field, opposite],
                });
            }
        }
    }
    None
}

fn line(name: &str, model: &str, arity: Arity, attributes: &str, out: &mut String) {
    let sign = match arity {
        Arity::Required => "",
        Arity::Optional => "?",
        Arity::List => "[]",
    };
    out.extend([name, " ", model, sign, attributes, "\n"]);
}

/// The arities of the columns of a foreign key.
fn arities<'t>(table: &'t Table<'_>, key: &'t ForeignKey<'_>) -> impl Iterator<Item = Arity> + 't {
    key.columns.iter().filter_map(|column| Some(table.columns.get(*column)?.r#type.arity))
}

/// `onDelete`, unless it is what goes without saying.
fn on_delete(table: &Table<'_>, key: &ForeignKey<'_>) -> Option<&'static str> {
    let is_required = arities(table, key).any(|arity| arity == Arity::Required);
    match (is_required, key.key.on_delete) {
        (false, ReferentialAction::SetNull) | (true, ReferentialAction::Restrict) => None,
        (_, action) => Some(action_name(action)),
    }
}

/// `onUpdate`, unless it is what goes without saying.
fn on_update(key: &ForeignKey<'_>) -> Option<&'static str> {
    match key.key.on_update {
        ReferentialAction::Cascade => None,
        action @ (ReferentialAction::NoAction
        | ReferentialAction::Restrict
        | ReferentialAction::SetNull
        | ReferentialAction::SetDefault) => Some(action_name(action)),
    }
}

fn action_name(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::NoAction => "NoAction",
        ReferentialAction::Restrict => "Restrict",
        ReferentialAction::Cascade => "Cascade",
        ReferentialAction::SetNull => "SetNull",
        ReferentialAction::SetDefault => "SetDefault",
    }
}

/// The name of a foreign key, if it has not the one it gets by rule.
fn constraint_name<'a>(table: &Table<'_>, key: &ForeignKey<'a>) -> Option<&'a str> {
    let columns: Vec<&str> = key.key.columns.iter().map(String::as_str).collect();
    let default = constraint_names::foreign_key(&table.name.name, &columns);
    Some(key.key.name.as_str()).filter(|name| *name != default)
}

/// Whether the client cannot use a relation although it can use the model that the field stands in.
fn is_ignored(
    context: &Context<'_>,
    at: usize,
    key: &ForeignKey<'_>,
    direction: Direction,
) -> bool {
    let (Some(table), Some(referenced)) = (context.table(at), context.table(key.referenced_table))
    else {
        return false;
    };
    if table.has_identifier() && referenced.has_identifier() {
        return false;
    }
    // For a field on the other side Prisma asks the model with the columns whether it was ignored.
    let is_ignored_before =
        context.relation(at, key).is_some() && context.model(at).is_some_and(|m| m.is_ignored);
    let own = match direction {
        Direction::Forward => table,
        Direction::Back => referenced,
    };
    !is_ignored_before && own.has_identifier()
}
