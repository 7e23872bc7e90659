//! Enum types → enums.

use crate::context::Context;
use crate::names::is_unusable;
use crate::text;

const COMMENTED: &str = "This enum is commented in the database, and requires an additional setup for migrations: Read more: https://pris.ly/d/database-comments";

/// Returns the enum of an enum type, not formatted.
pub(crate) fn write(context: &Context<'_>, at: usize) -> String {
    let Some(r#enum) = context.database.enums.get(at) else { return String::new() };
    let before = context.r#enum(at);
    let named = context.enum_name(at);
    let mut block = String::new();
    match before {
        Some(before) => {
            text::document(before.documentation.iter().map(String::as_str), &mut block);
        }
        None if r#enum.comment.is_some() => text::document([COMMENTED], &mut block),
        None => {}
    }
    block.extend(["enum ", &named.name, " {\n"]);
    for label in &r#enum.labels {
        let value = before.and_then(|b| b.values.iter().find(|value| value.label() == label));
        let documentation = value.into_iter().flat_map(|value| value.documentation);
        text::document(documentation.map(String::as_str), &mut block);
        let named = context.label_name(at, label);
        let name = if named.name.is_empty() { label } else { named.name.as_ref() };
        if is_unusable(name) {
            block.push_str("// ");
        }
        block.push_str(name);
        if let Some(map) = named.map {
            block.extend([" @map(", &text::literal(map), ")"]);
        }
        block.push('\n');
    }
    if let Some(map) = named.map {
        block.extend(["@@map(", &text::literal(map), ")\n"]);
    }
    if context.names_schemas {
        block.extend(["@@schema(", &text::literal(&r#enum.name.schema), ")\n"]);
    }
    block.push_str("}\n");
    block
}
