//! Defaults as Prisma's summary spells them: `Some(Value(Int(3)))`.

use catalog::kinds::table::{Column, ColumnType, Default};

/// Returns the default of a column in Prisma's spelling, `None` when it has none.
pub(crate) fn default(column: &Column) -> String {
    let text = match &column.default {
        None => return "None".to_owned(),
        Some(Default::Now) => "Now".to_owned(),
        Some(Default::NextValue(sequence)) => format!("Sequence({:?})", sequence.name),
        Some(Default::Expression(text)) if text.is_empty() => "DbGenerated(None)".to_owned(),
        Some(Default::Expression(text)) => format!("DbGenerated(Some({text:?}))"),
        Some(Default::Value(text)) => format!("Value({})", constant(text, &column.r#type)),
        Some(Default::List(values)) => {
            let values: Vec<String> = values
                .iter()
                .map(|value| match value {
                    Some(text) => constant(text, &column.r#type),
                    None => "Null".to_owned(),
                })
                .collect();
            format!("Value(List([{}]))", values.join(", "))
        }
    };
    format!("Some({text})")
}

fn constant(text: &str, r#type: &ColumnType) -> String {
    if r#type.name.schema != "pg_catalog" {
        let variant = if r#type.name.schema.is_empty() { "String" } else { "Enum" };
        return format!("{variant}({text:?})");
    }
    match r#type.name.name.as_str() {
        "int2" | "int4" | "oid" => format!("Int({text})"),
        "int8" => format!("BigInt({text})"),
        "float4" | "float8" | "numeric" | "money" => format!("Float(BigDecimal({text:?}))"),
        "bool" => format!("Boolean({text})"),
        "json" | "jsonb" => format!("Json({text:?})"),
        "bytea" => format!("Bytes({:?})", bytes(text)),
        "timestamp" | "timestamptz" | "date" | "time" | "timetz" => {
            format!("DateTime({})", text.replacen(' ', "T", 1).replacen(' ', "", 1))
        }
        _ => format!("String({text:?})"),
    }
}

/// The bytes that `\x6869` stands for.
fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<char> = hexadecimal.trim_start_matches("\\x").chars().collect();
    digits
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok())
        .collect()
}
