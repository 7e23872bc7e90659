//! Primary keys and indexes → `@id`, `@unique`, `@@id`, `@@unique`, `@@index`.

use psl::constraint_names;
use psl::schema::IndexAlgorithm;

use crate::context::Context;
use crate::database::{Index, IndexColumn, IndexKind, Table};
use crate::previous::{Key, Model};
use crate::text::{self, Call};

/// Returns ` @id` of a field.
pub(crate) fn field_id(table: &Table<'_>, key: &Index<'_>) -> String {
    let mut call = Call::new(" @id");
    call.named("map", primary_key_name(table, key).map(text::literal));
    call.to_string()
}

/// Returns ` @unique` of a field.
pub(crate) fn field_unique(table: &Table<'_>, index: &Index<'_>) -> String {
    let mut call = Call::new(" @unique");
    call.named("map", index_name(table, index).map(text::literal));
    let is_descending = index.columns.iter().any(|column| column.descending);
    call.named("sort", is_descending.then_some("Desc"));
    call.named("where", index.predicate.map(raw));
    call.to_string()
}

/// Writes the keys and indexes of a table's model that stand in lines of their own.
pub(crate) fn write(context: &Context<'_>, at: usize, out: &mut String) {
    let Some(table) = context.table(at) else { return };
    let before = context.model(at);
    if let Some(key) = table.primary_key().filter(|key| key.columns.len() > 1) {
        let mut call = Call::new("@@id");
        call.argument(fields(context, at, key));
        let name = before.and_then(|model| model.primary_key.as_ref()?.name);
        call.named("name", name.map(text::literal));
        call.named("map", primary_key_name(table, key).map(text::literal));
        call.write_line(out);
    }
    let mut indexes: Vec<(Option<usize>, &Index<'_>, Option<&Key<'_>>)> = table
        .indexes
        .iter()
        .filter(|index| match index.kind {
            IndexKind::PrimaryKey => false,
            IndexKind::Unique => index.columns.len() > 1,
            IndexKind::Plain => true,
        })
        .map(|index| {
            let (position, key) = position_before(before, index).unzip();
            (position, index, key)
        })
        .collect();
    // Those that were there keep their order, new ones follow.
    indexes.sort_by_key(|(position, ..)| position.unwrap_or(usize::MAX));
    for (_, index, key) in indexes {
        let mut call =
            Call::new(if index.kind == IndexKind::Unique { "@@unique" } else { "@@index" });
        call.argument(fields(context, at, index));
        call.named("name", key.and_then(|key| key.name).map(text::literal));
        call.named("map", index_name(table, index).map(text::literal));
        call.named("type", algorithm(index.algorithm));
        call.named("where", index.predicate.map(raw));
        call.write_line(out);
    }
}

/// The place that an index had in the previous model, and what was written there.
fn position_before<'m, 'a>(
    before: Option<&'m Model<'a>>,
    index: &Index<'_>,
) -> Option<(usize, &'m Key<'a>)> {
    let model = before?;
    let key = model.index(index.name)?;
    let position = model.indexes.iter().position(|known| std::ptr::eq(known, key))?;
    Some((position, key))
}

/// The fields of an index in brackets.
fn fields(context: &Context<'_>, at: usize, index: &Index<'_>) -> String {
    let field = |column: &IndexColumn<'_>| {
        let named = context.field_name(at, column.column).name;
        let mut call = Call::new("");
        call.named("sort", column.descending.then_some("Desc"));
        call.named("ops", column.operator_class.map(operator_class));
        match context.table(at) {
            Some(table) if named.is_empty() => {
                format!("{}{call}", table.column_name(column.column))
            }
            _ => format!("{named}{call}"),
        }
    };
    let fields: Vec<String> = index.columns.iter().map(field).collect();
    format!("[{}]", fields.join(", "))
}

/// The name that the language has for an operator class, or the class as it is.
fn operator_class(name: &str) -> String {
    psl::operator_class_names()
        .find(|named| catalog::operator_class_name(named) == name)
        .map_or_else(|| raw(name), str::to_owned)
}

fn raw(sql: &str) -> String {
    format!("raw({})", text::literal(sql))
}

fn algorithm(algorithm: IndexAlgorithm) -> Option<&'static str> {
    match algorithm {
        IndexAlgorithm::BTree => None,
        IndexAlgorithm::Hash => Some("Hash"),
        IndexAlgorithm::Gist => Some("Gist"),
        IndexAlgorithm::Gin => Some("Gin"),
        IndexAlgorithm::SpGist => Some("SpGist"),
        IndexAlgorithm::Brin => Some("Brin"),
    }
}

/// The name of a primary key, if it has not the one it gets by rule.
fn primary_key_name<'a>(table: &Table<'_>, key: &Index<'a>) -> Option<&'a str> {
    Some(key.name).filter(|name| *name != constraint_names::primary_key(&table.name.name))
}

/// The name of an index, if it has not the one it gets by rule.
fn index_name<'a>(table: &Table<'_>, index: &Index<'a>) -> Option<&'a str> {
    let columns: Vec<&str> =
        index.columns.iter().map(|column| table.column_name(column.column)).collect();
    let default = match index.kind {
        IndexKind::Unique => constraint_names::unique(&table.name.name, &columns),
        IndexKind::PrimaryKey | IndexKind::Plain => {
            constraint_names::index(&table.name.name, &columns)
        }
    };
    Some(index.name).filter(|name| *name != default)
}

/// Whether an index that the previous schema does not know sorts nulls where they are not by default.
pub(crate) fn adds_odd_nulls(before: Option<&Model<'_>>, index: &Index<'_>) -> bool {
    let known = before.and_then(|model| model.index(index.name)).map_or(0, |key| key.fields.len());
    index.columns.iter().skip(known).any(|column| column.has_odd_nulls)
}

/// Whether an index that the previous schema does not know can be checked later than at once.
pub(crate) fn adds_deferring(before: Option<&Model<'_>>, index: &Index<'_>) -> bool {
    index.is_deferrable && before.is_none_or(|model| model.index(index.name).is_none())
}
