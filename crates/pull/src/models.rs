//! Tables → models.

use psl::is_reserved_name;

use crate::context::Context;
use crate::database::{Table, TableKind};
use crate::names::Named;
use crate::previous::Model;
use crate::relations::names::{Direction, FieldKind};
use crate::{fields, indexes, relations, text};

const PARTITIONED: &str = "This table is a partition table and requires additional setup for migrations. Visit https://pris.ly/d/partition-tables for more info.";
const INHERITED: &str = "This table has subclasses and requires additional setup for migrations. Visit https://pris.ly/d/table-inheritance for more info.";
const CHECKS: &str = "This table contains check constraints and requires additional setup for migrations. Visit https://pris.ly/d/check-constraints for more info.";
const EXCLUSIONS: &str = "This table contains exclusion constraints and requires additional setup for migrations. Visit https://pris.ly/d/exclusion-constraints for more info.";
const NO_COLUMNS: &str = "We could not retrieve columns for the underlying table. Either it has none or you are missing rights to see them. Please check your privileges.";
const NO_IDENTIFIER: &str = "The underlying table does not contain a valid unique identifier and can therefore currently not be handled by Prisma Client.";
const COMMENTS: &str = "This model or at least one of its fields has comments in the database, and requires an additional setup for migrations: Read more: https://pris.ly/d/database-comments";
const DEFERRING: &str = "This model has constraints using non-default deferring rules and requires additional setup for migrations. Visit https://pris.ly/d/constraint-deferring for more info.";
const ROW_SECURITY: &str = "This model contains row level security and requires additional setup for migrations. Visit https://pris.ly/d/row-level-security for more info.";
const NULLS: &str = "This model contains an index with non-default null sort order and requires additional setup for migrations. Visit https://pris.ly/d/default-index-null-ordering for more info.";
const EXPRESSIONS: &str = "This model contains an expression index which requires additional setup for migrations. Visit https://pris.ly/d/expression-indexes for more info.";

/// Returns the model of a table, not formatted.
pub(crate) fn write(context: &Context<'_>, at: usize) -> String {
    let Some(table) = context.table(at) else { return String::new() };
    let before = context.model(at);
    let named = context.model_name(at);
    let mut block = format!("model {} {{\n", named.name);
    for position in 0..table.columns.len() {
        fields::write(context, at, position, &mut block);
    }
    relations::write(context, at, &mut block);
    indexes::write(context, at, &mut block);
    let has_identifier = table.has_identifier() || table.columns.is_empty();
    let is_ignored = !has_identifier || before.is_some_and(|model| model.is_ignored);
    write_ending(context, &named, is_ignored, &table.name.schema, &mut block);
    if table.columns.is_empty() {
        block = block.lines().flat_map(|line| ["// ", line, "\n"]).collect();
    }
    let mut text = String::new();
    let documentation = documentation(context, at, table, before, &named);
    text::document(documentation.iter().flat_map(|one| one.split('\n')), &mut text);
    text + &block
}

/// Writes the attributes at the end of a model or view, and its brace.
pub(crate) fn write_ending(
    context: &Context<'_>,
    named: &Named<'_>,
    is_ignored: bool,
    schema: &str,
    out: &mut String,
) {
    if let Some(map) = named.map {
        out.extend(["@@map(", &text::literal(map), ")\n"]);
    }
    if is_ignored {
        out.push_str("@@ignore\n");
    }
    if context.names_schemas {
        out.extend(["@@schema(", &text::literal(schema), ")\n"]);
    }
    out.push_str("}\n");
}

/// What stands above a model: what stood there, and what about the table the language cannot say.
fn documentation(
    context: &Context<'_>,
    at: usize,
    table: &Table<'_>,
    before: Option<&Model<'_>>,
    named: &Named<'_>,
) -> Vec<String> {
    let is_new = before.is_none();
    let mut notes = Vec::new();
    if is_new
        && let Some(map) = named.map
        && is_reserved_name(map)
    {
        notes.push(format!(
            "This model has been renamed to '{}' during introspection, because the original name \
             '{map}' is reserved.",
            named.name
        ));
    }
    let mut note = |is_so: bool, text: &str| {
        if is_so {
            notes.push(text.to_owned());
        }
    };
    note(is_new && table.kind == TableKind::Partitioned, PARTITIONED);
    note(is_new && table.kind == TableKind::Inherited, INHERITED);
    note(is_new && !table.checks.is_empty(), CHECKS);
    note(is_new && !table.exclusions.is_empty(), EXCLUSIONS);
    let is_kept_ignored = before.is_some_and(|model| model.is_ignored);
    if table.columns.is_empty() {
        note(true, NO_COLUMNS);
    } else {
        note(!table.has_identifier() && !is_kept_ignored, NO_IDENTIFIER);
    }
    let has_comments =
        table.comment.is_some() || table.columns.iter().any(|column| column.comment.is_some());
    note(is_new && has_comments, COMMENTS);
    note(is_new && has_deferring(context, at, table), DEFERRING);
    note(is_new && table.row_security, ROW_SECURITY);
    note(table.indexes.iter().any(|index| indexes::adds_odd_nulls(before, index)), NULLS);
    note(!table.expression_indexes.is_empty(), EXPRESSIONS);

    let kept = before.map(|model| model.documentation).unwrap_or_default();
    let mut lines = Vec::new();
    if !kept.is_empty() {
        lines.push(kept.join("\n"));
    }
    for note in notes {
        // What is there already is not said twice.
        if !lines.iter().any(|line| line.contains(&note)) {
            lines.push(note);
        }
    }
    lines
}

/// Whether a key of a new model can be checked later than at once.
fn has_deferring(context: &Context<'_>, at: usize, table: &Table<'_>) -> bool {
    let of_relations = context.relation_names.fields(at).iter().any(|field| match field.kind {
        FieldKind::Inline(key) if field.direction == Direction::Forward => table
            .foreign_keys
            .get(key)
            .is_some_and(|key| key.key.deferrable || key.key.initially_deferred),
        FieldKind::Inline(_) | FieldKind::ManyToMany => false,
    });
    of_relations || table.indexes.iter().any(|index| indexes::adds_deferring(None, index))
}
