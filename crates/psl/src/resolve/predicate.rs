//! `where:` of an index: the condition of a partial index.

use super::{
    attributes::Arguments,
    draft::{ColumnType, FieldKind, ModelDraft},
    report::Report,
    values,
};
use crate::{
    schema::{Condition, ConditionValue, Predicate, ScalarType},
    syntax::{Expression, Function, Word},
};

/// Reads the condition, if there is one.
pub(super) fn read(
    arguments: &mut Arguments<'_>,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> Option<Predicate> {
    match arguments.value("where", report)? {
        Expression::Function(function) if function.name.text == "raw" => {
            read_raw(function, arguments, report)
        }
        Expression::Object(entries, _) if entries.is_empty() => {
            arguments.invalid("The `where` argument cannot be an empty object.", report);
            None
        }
        Expression::Object(entries, _) => {
            let mut conditions = Vec::new();
            for (field, value) in entries {
                match read_condition(field, value, model) {
                    Ok(condition) => conditions.push(condition),
                    Err(message) => {
                        arguments.invalid(&message, report);
                        return None;
                    }
                }
            }
            Some(Predicate::Conditions(conditions))
        }
        other @ (Expression::Function(_)
        | Expression::String(_)
        | Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Array(..)) => {
            if !matches!(other, Expression::Function(_)) {
                values::mismatch("function", other, report);
            }
            arguments.invalid(
                "The `where` argument must be either a raw() function call or an object literal, \
                 e.g. `where: raw(\"status = 'active'\")` or `where: { active: true }`.",
                report,
            );
            None
        }
    }
}

fn read_raw(
    function: &Function,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> Option<Predicate> {
    let given: Vec<&Expression> = values::argument_values(&function.arguments).collect();
    let text = match given.as_slice() {
        [one] => values::text(one, report),
        _ => None,
    };
    match text {
        Some(text) if text.text.is_empty() => {
            arguments.invalid("The `where` argument cannot contain an empty string.", report);
            None
        }
        Some(text) => Some(Predicate::Raw(text.text.clone())),
        None => {
            arguments.invalid(
                "The `where` argument must be a raw() function with a string argument, \
                 e.g. `where: raw(\"status = 'active'\")`.",
                report,
            );
            None
        }
    }
}

fn read_condition(
    field: &Word,
    value: &Expression,
    model: &ModelDraft<'_>,
) -> Result<Condition, String> {
    let column = find_column(field, model)?;
    let (negated, value) = if let Expression::Object(entries, _) = value {
        (true, read_value(negated_value(entries)?)?)
    } else {
        (false, read_value(value)?)
    };
    if let Some(value) = &value {
        check_type(&field.text, column, value)?;
    }
    Ok(Condition { field: field.text.clone(), negated, value })
}

/// Returns the value in `{ not: value }`.
fn negated_value(entries: &[(Word, Expression)]) -> Result<&Expression, String> {
    match entries {
        [(key, value)] if key.text == "not" => Ok(value),
        [(key, _)] => Err(format!(
            "Unknown key '{}' in nested where clause object. Only 'not' is supported.",
            key.text
        )),
        _ => Err("Nested object in where clause must have exactly one key. Use \
                  `{ not: null }` or `{ not: \"value\" }`."
            .to_owned()),
    }
}

fn find_column<'a>(field: &Word, model: &ModelDraft<'a>) -> Result<ColumnType<'a>, String> {
    let name = &field.text;
    let Some(found) = model.find(name) else {
        return Err(format!("Field '{name}' does not exist in model '{}'.", model.name()));
    };
    match &model[found].kind {
        FieldKind::Column(column) => Ok(column.r#type),
        FieldKind::Relation(_) | FieldKind::Unknown => Err(format!(
            "Field '{name}' is a relation field. Only scalar fields can be used in the where clause."
        )),
    }
}

/// Reads a literal; null is `None`.
fn read_value(value: &Expression) -> Result<Option<ConditionValue>, String> {
    match value {
        Expression::String(text) => Ok(Some(ConditionValue::String(text.text.clone()))),
        Expression::Number(number) => Ok(Some(ConditionValue::Number(number.text.clone()))),
        Expression::Constant(word) => match word.text.as_str() {
            "true" => Ok(Some(ConditionValue::Boolean(true))),
            "false" => Ok(Some(ConditionValue::Boolean(false))),
            "null" => Ok(None),
            other => Err(invalid_value(&format!(" '{other}'"))),
        },
        Expression::Function(_) | Expression::Array(..) | Expression::Object(..) => {
            Err(invalid_value(""))
        }
    }
}

fn invalid_value(value: &str) -> String {
    format!(
        "Invalid value{value} in where clause. Expected true, false, null, a string, a number, or \
         an object like {{ not: null }}."
    )
}

/// Checks that the column can be compared with the value; null goes with all of them.
fn check_type(name: &str, column: ColumnType<'_>, value: &ConditionValue) -> Result<(), String> {
    let scalar = match column {
        ColumnType::Scalar(scalar) => scalar,
        ColumnType::Enum(_) if matches!(value, ConditionValue::String(_)) => return Ok(()),
        ColumnType::Enum(_) => {
            return Err(format!(
                "Type mismatch: field '{name}' is an Enum and only accepts String values in the \
                 where clause."
            ));
        }
        ColumnType::Unsupported(_) => {
            return Err(format!(
                "Field '{name}' is an unsupported type and cannot be used in the object syntax of a \
                 where clause. Use raw() instead."
            ));
        }
        ColumnType::Composite => return Ok(()),
    };
    let (fits, given) = match value {
        ConditionValue::Boolean(_) => (scalar == ScalarType::Boolean, "Boolean"),
        ConditionValue::Number(_) => (scalar.is_number(), "a Number"),
        ConditionValue::String(_) => {
            (matches!(scalar, ScalarType::String | ScalarType::DateTime), "a String")
        }
    };
    if fits {
        return Ok(());
    }
    Err(format!(
        "Type mismatch: field '{name}' is of type {}, but the value is {given}.",
        scalar.name()
    ))
}
