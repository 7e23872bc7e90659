//! Views → `view` blocks. The database says nothing of their keys and relations: those are kept.

use psl::is_reserved_name;
use psl::syntax::Arity;

use crate::context::Context;
use crate::models::write_ending;
use crate::names::Named;
use crate::previous::{Key, Model};
use crate::text::{self, Call};
use crate::{fields, relations};

const COMMENTS: &str = "This view or at least one of its fields has comments in the database, and requires an additional setup for migrations: Read more: https://pris.ly/d/database-comments";

/// Returns the block of a view, not formatted.
pub(crate) fn write(context: &Context<'_>, at: usize) -> String {
    let Some(view) = context.database.views.get(at) else { return String::new() };
    let before = context.view(at);
    let named = context.view_name(at);
    let mut block = String::new();
    text::document(
        before.into_iter().flat_map(|b| b.documentation).map(String::as_str),
        &mut block,
    );
    if before.is_none()
        && let Some(map) = named.map
        && is_reserved_name(map)
    {
        let note = format!(
            "This view has been renamed to '{}' during introspection, because the original name \
             '{map}' is reserved.",
            named.name
        );
        text::document([note.as_str()], &mut block);
    }
    let is_ignored = before.is_some_and(|model| model.is_ignored);
    let has_comments =
        view.comment.is_some() || view.columns.iter().any(|column| column.comment.is_some());
    if before.is_none() && has_comments {
        text::document([COMMENTS], &mut block);
    }
    block.extend(["view ", &named.name, " {\n"]);
    for column in &view.columns {
        let field = before.and_then(|model| model.column(column.name));
        let named = match field {
            Some(field) => Named::given(field.name, field.map),
            None => Named::of_column(column.name),
        };
        // To PostgreSQL every column of a view takes null.
        let arity = match (column.r#type.arity, field.map(|field| field.arity)) {
            (Arity::Optional, Some(kept @ (Arity::Required | Arity::List))) => kept,
            (arity, _) => arity,
        };
        let keys = keys_of_field(before, &named.name);
        fields::line(context, column, &named, arity, field, &keys, &mut block);
    }
    if let Some(model) = before {
        relations::write_kept(context, model, &mut block);
        for key in model.primary_key.iter().chain(&model.indexes) {
            if !key.is_on_field && (key.attribute.name.text == "index" || key.fields.len() > 1) {
                kept_key(key).write_line(&mut block);
            }
        }
    }
    write_ending(context, &named, is_ignored, &view.name.schema, &mut block);
    block
}

fn keys_of_field(before: Option<&Model<'_>>, name: &str) -> String {
    let Some(model) = before else { return String::new() };
    let is_here = |key: &&Key<'_>| key.fields.as_slice() == [name];
    let mut keys = String::new();
    if let Some(key) = model.primary_key.as_ref().filter(is_here) {
        let mut call = Call::new(" @id");
        call.named("map", key.map.map(text::literal));
        keys.push_str(&call.to_string());
    }
    if let Some(key) = model.indexes.iter().filter(|key| key.is_on_field).find(is_here) {
        let mut call = Call::new(" @unique");
        call.named("map", key.map.map(text::literal));
        keys.push_str(&call.to_string());
    }
    keys
}

fn kept_key(key: &Key<'_>) -> Call {
    let name = match key.attribute.name.text.as_str() {
        "id" => "@@id",
        "unique" => "@@unique",
        _ => "@@index",
    };
    let mut call = Call::new(name);
    call.argument(format!("[{}]", key.fields.join(", ")));
    call.named("name", key.name.map(text::literal));
    call.named("map", key.map.map(text::literal));
    call
}
