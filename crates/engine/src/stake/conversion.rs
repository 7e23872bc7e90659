//! What a new type makes of the values of a column: those that cannot be of it, and those that are cut or
//! rounded.

use catalog::kinds::table::Column;
use catalog::{Name, quoted};
use database::{Conversion, Countable};
use lint::Type;

use super::{Fate, Question};

/// What a script says about the new type of a column.
pub(super) struct NewType<'a> {
    /// The type.
    pub(super) to: &'a Type,
    /// The type as written.
    pub(super) written: &'a str,
    /// What is behind `USING`.
    pub(super) expression: Option<&'a str>,
    /// The labels, if it is an enum type that the script makes.
    pub(super) labels: Option<&'a Vec<String>>,
}

/// A sort of values, within which types can be told apart by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Integer,
    Number,
    Time,
    Text,
    Other,
}

fn family(name: &str) -> Family {
    match name {
        "int2" | "int4" | "int8" => Family::Integer,
        "numeric" | "float4" | "float8" => Family::Number,
        "timestamp" | "timestamptz" | "date" | "time" | "timetz" => Family::Time,
        "text" | "varchar" | "bpchar" | "citext" => Family::Text,
        _ => Family::Other,
    }
}

/// What is to be counted.
pub(super) fn questions(
    table: &Name,
    column: &Column,
    new: &NewType<'_>,
    stops: Fate,
) -> Vec<Question> {
    let (name, from) = (&column.name, &column.r#type);
    let question = |fate, what, countable| Question { fate, what, table: table.clone(), countable };
    if let Some(labels) = new.labels {
        let (table, column) = (table.clone(), name.clone());
        let what = format!("values of the column {name} of {table} that {} lacks", new.to.name);
        let labels = labels.clone();
        let countable = Countable::OtherThanLabels { table, column, array: from.array, labels };
        return vec![question(stops, what, countable)];
    }
    let is_array = from.array || new.to.array;
    let [old, to] = [from.name.name.as_str(), new.to.name.as_str()].map(family);
    let conversion = Conversion {
        table: table.clone(),
        column: name.clone(),
        to: new.written.to_owned(),
        using: new.expression.map(str::to_owned),
        fails: if is_array { None } else { fails(table, column, new) },
    };
    let mut questions = Vec::new();
    let holds_all = to == Family::Text && new.to.arguments.is_empty();
    if !holds_all && conversion.fails.as_deref() != Some("false") {
        let what =
            format!("values of the column {name} of {table} that do not fit {}", new.written);
        questions.push(question(stops, what, Countable::Unconvertible(conversion.clone())));
    }
    let is_number = |family| matches!(family, Family::Integer | Family::Number);
    let may_round =
        is_number(old) && is_number(to) && (old, to) != (Family::Integer, Family::Integer)
            || (old, to) == (Family::Time, Family::Time);
    let may_cut =
        new.expression.is_some() && (old, to) == (Family::Text, Family::Text) && !holds_all;
    if !is_array && (may_round || may_cut) {
        let what =
            format!("values of the column {name} of {table} that {} cannot hold", new.written);
        questions.push(question(Fate::Altered, what, Countable::Altered(conversion)));
    }
    questions
}

/// What is true of the values that cannot be of the new type, where that can be said in SQL: `false` where
/// there are none.
fn fails(table: &Name, column: &Column, new: &NewType<'_>) -> Option<String> {
    let from = column.r#type.name.name.as_str();
    let value =
        format!("{}.{}.{}", quoted(&table.schema), quoted(&table.name), quoted(&column.name));
    let is_cast = new.expression.is_none_or(|it| is_cast_of(it, &column.name));
    if !is_cast {
        return None;
    }
    match (family(from), new.to.name.as_str()) {
        (Family::Integer, to @ ("int2" | "int4" | "int8")) => {
            let (low, high) = limits(to);
            let is_wider = limits(from).1 <= high;
            Some(if is_wider {
                "false".to_owned()
            } else {
                format!("{value} NOT BETWEEN {low} AND {high}")
            })
        }
        (Family::Number, to @ ("int2" | "int4" | "int8")) => {
            let (low, high) = limits(to);
            // What is rounded into the limits fits; NaN is greater than everything.
            Some(format!("({value} < {low} - 0.5 OR {value} >= {high} + 0.5)"))
        }
        (Family::Integer | Family::Number, "numeric") => match new.to.arguments.as_slice() {
            [] => Some("false".to_owned()),
            [precision, rest @ ..] => {
                let scale = rest.first().copied().unwrap_or(0);
                let digits = precision.checked_sub(scale)?;
                Some(format!("abs(round({value}::numeric, {scale})) >= 1e{digits}::numeric"))
            }
        },
        (Family::Time, _) if family(&new.to.name) == Family::Time => Some("false".to_owned()),
        // Without a word the server cuts nothing but spaces; a cast that is written down cuts.
        (_, "varchar" | "bpchar") if new.expression.is_none() => {
            let length = new.to.arguments.first().copied();
            let length = length.or_else(|| (new.to.name == "bpchar").then_some(1))?;
            Some(format!("char_length(rtrim({value}::text, ' ')) > {length}"))
        }
        (Family::Text, "varchar" | "bpchar") => Some("false".to_owned()),
        _ => None,
    }
}

/// Whether an expression is a cast of the column and nothing else.
fn is_cast_of(expression: &str, column: &str) -> bool {
    let tokens = script::Tokens::of(expression);
    let words = tokens.words();
    let Some((name, rest)) = words.name() else { return false };
    let is_only_cast = rest.after(&[":", ":"]).is_some_and(|to| !to.mentions(&[":"]));
    script::bare(name) == column && (rest.is_empty() || is_only_cast)
}

/// The least and the greatest value of an integer type.
fn limits(name: &str) -> (i64, i64) {
    match name {
        "int2" => (i16::MIN.into(), i16::MAX.into()),
        "int4" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}
