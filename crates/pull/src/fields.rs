//! Columns → fields.

use psl::schema::ScalarType;
use psl::syntax::{Arity, Expression};

use crate::context::Context;
use crate::database::{Column, IndexKind, Table};
use crate::defaults::{self, Understood, Value};
use crate::indexes;
use crate::names::{Named, usable};
use crate::previous::ColumnField;
use crate::text::{self, Call};
use crate::types::Family;

/// What stands above a field whose name cannot be used.
const BAD_NAME: &str = "This field was commented out because of an invalid name. Please provide a valid one that matches [a-zA-Z][a-zA-Z0-9_]*";

/// Writes the field of a table's column.
pub(crate) fn write(context: &Context<'_>, at: usize, position: usize, out: &mut String) {
    let Some(table) = context.table(at) else { return };
    let Some(column) = table.columns.get(position) else { return };
    let before = context.field(at, position);
    let mut keys = String::new();
    if let Some(key) = table.primary_key()
        && let [only] = key.columns.as_slice()
        && only.column == position
    {
        keys.push_str(&indexes::field_id(table, key));
    }
    if let Some(index) = unique(table, position) {
        keys.push_str(&indexes::field_unique(table, index));
    }
    let name = context.field_name(at, position);
    line(context, column, &name, column.r#type.arity, before, &keys, out);
}

/// The first index by name that makes a column unique by itself.
fn unique<'t, 'a>(table: &'t Table<'a>, position: usize) -> Option<&'t crate::database::Index<'a>> {
    table.indexes.iter().find(|index| {
        index.kind == IndexKind::Unique
            && matches!(index.columns.as_slice(), [only] if only.column == position)
    })
}

/// Writes the field of a column of a table or view; `keys` are the attributes about keys.
pub(crate) fn line(
    context: &Context<'_>,
    column: &Column<'_>,
    named: &Named<'_>,
    arity: Arity,
    before: Option<&ColumnField<'_>>,
    keys: &str,
    out: &mut String,
) {
    text::document(before.into_iter().flat_map(|f| f.documentation).map(String::as_str), out);
    let is_nameless = usable(column.name).is_empty();
    if is_nameless {
        text::document([BAD_NAME], out);
        out.push_str("// ");
    }
    let name = if named.name.is_empty() { column.name } else { &named.name };
    let sign = match arity {
        Arity::Required => "",
        Arity::Optional => "?",
        Arity::List => "[]",
    };
    out.extend([name, " ", &type_name(context, column), sign]);
    if before.is_some_and(|field| field.is_updated_at) {
        out.push_str(" @updatedAt");
    }
    out.push_str(keys);
    if let Some(default) = default(context, column, before) {
        out.extend([" @default(", &default, ")"]);
    }
    if let Some(map) = named.map {
        out.extend([" @map(", &text::literal(map), ")"]);
    }
    if let Some(native) = &column.r#type.native {
        out.extend([" @", context.datasource, ".", native]);
    }
    if before.is_some_and(|field| field.is_ignored) {
        out.push_str(" @ignore");
    }
    out.push('\n');
}

fn type_name(context: &Context<'_>, column: &Column<'_>) -> String {
    match &column.r#type.family {
        Family::Scalar(scalar) => scalar.name().to_owned(),
        Family::Uuid => ScalarType::String.name().to_owned(),
        Family::Enum(position) => context.enum_name(*position).name.into_owned(),
        Family::Unsupported(name) => format!("Unsupported({})", text::literal(name)),
    }
}

/// What stands in `@default(…)`.
fn default(
    context: &Context<'_>,
    column: &Column<'_>,
    before: Option<&ColumnField<'_>>,
) -> Option<String> {
    let r#type = &column.r#type;
    let understood = column.default.as_ref().and_then(|text| defaults::understand(text, r#type));
    let is_integer = matches!(r#type.family, Family::Scalar(ScalarType::Int | ScalarType::BigInt));
    if column.is_identity && is_integer {
        return Some("autoincrement()".to_owned());
    }
    Some(match understood {
        Some(Understood::NextValue) => "autoincrement()".to_owned(),
        Some(Understood::Now) => "now()".to_owned(),
        Some(Understood::Expression(expression)) => generated(&expression),
        Some(Understood::Value(Value::Label(label))) => label_default(context, column, &label),
        Some(Understood::Value(value)) => defaults::write(&value),
        Some(Understood::List(values)) => {
            let values: Vec<String> = values.iter().map(defaults::write).collect();
            format!("[{}]", values.join(", "))
        }
        None => {
            let is_text =
                matches!(r#type.family, Family::Scalar(ScalarType::String) | Family::Uuid);
            return made_by_client(before?).filter(|_| is_text);
        }
    })
}

/// The value of a label; one that has no name in the language can only be generated.
fn label_default(context: &Context<'_>, column: &Column<'_>, label: &str) -> String {
    let Family::Enum(position) = column.r#type.family else { return generated(label) };
    let labels = context.database.enums.get(position).map_or(&[][..], |known| &known.labels);
    match labels.iter().find(|known| *known == label) {
        Some(known) => match context.label_name(position, known) {
            Named { name, map } if name.is_empty() => generated(map.unwrap_or_default()),
            Named { name, map: _ } => name.into_owned(),
        },
        None => generated(label),
    }
}

fn generated(expression: &str) -> String {
    if expression.is_empty() {
        return "dbgenerated()".to_owned();
    }
    let mut call = Call::new("dbgenerated");
    call.argument(text::literal(expression));
    call.to_string()
}

/// The default of a previous schema that the database does not know of.
fn made_by_client(field: &ColumnField<'_>) -> Option<String> {
    let Expression::Function(function) = field.default? else { return None };
    let name = function.name.text.as_str();
    if !matches!(name, "uuid" | "cuid" | "nanoid" | "ulid") {
        return None;
    }
    let argument = function.arguments.first().and_then(|argument| match &argument.value {
        Some(Expression::Number(number)) => Some(number.text.as_str()),
        _ => None,
    });
    Some(format!("{name}({})", argument.unwrap_or_default()))
}
