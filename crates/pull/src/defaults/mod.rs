//! The default of a column → what `@default` says.
//!
//! Prisma reads what the server prints with a small grammar of its own: constants with casts behind
//! them, arrays of constants, the two ways to write the time, and sequences. All else goes into
//! `dbgenerated("…")`. Its grammar has oddities that schemas out there depend on, such as that what
//! follows an array is not looked at; they are kept, and marked here.

mod reader;
mod tokens;

use catalog::kinds::table::Default;
use psl::schema::ScalarType;
use psl::syntax::Arity;

use self::reader::Reader;
use crate::text;
use crate::types::{Family, FieldType};

/// What a default is to the schema language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Understood {
    /// `nextval` of a sequence, whichever.
    NextValue,
    /// The time of the transaction.
    Now,
    /// A constant.
    Value(Value),
    /// An array of constants.
    List(Vec<Value>),
    /// Anything else, as the server prints it.
    Expression(String),
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A string or JSON.
    Text(String),
    /// A number, spelled as the language does.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A label of an enum type.
    Label(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Returns what the default of a column of that type says, if it says something.
pub(crate) fn understand(default: &Default, r#type: &FieldType) -> Option<Understood> {
    let is_list = r#type.arity == Arity::List;
    match default {
        Default::Expression(text) => expression(text, &r#type.family, is_list),
        Default::NextValue(_) => Some(Understood::NextValue),
        Default::Now => Some(Understood::Now),
        Default::Value(text) => {
            let quoted = catalog::literal(text);
            expression(&quoted, &r#type.family, is_list)
        }
        Default::List(values) => {
            let value = |value: &Option<String>| {
                let quoted = catalog::literal(value.as_ref()?);
                constant(&mut Reader::new(&quoted), &r#type.family)
            };
            values.iter().map(value).collect::<Option<_>>().map(Understood::List)
        }
    }
}

fn expression(text: &str, family: &Family, is_list: bool) -> Option<Understood> {
    if text.trim().starts_with("NULL") {
        return None;
    }
    let mut reader = Reader::new(text);
    let understood = if is_list {
        // What follows the array is not looked at: an array with something appended is that array.
        list(&mut reader, family).map(Understood::List)
    } else {
        // So is one piece behind a constant.
        single(&mut reader, family).filter(|_| reader.is_about_done())
    };
    Some(understood.unwrap_or_else(|| Understood::Expression(text.to_owned())))
}

fn single(reader: &mut Reader<'_>, family: &Family) -> Option<Understood> {
    match family {
        Family::Scalar(ScalarType::DateTime) => reader.now().then_some(Understood::Now),
        Family::Scalar(ScalarType::Int | ScalarType::BigInt) if reader.is_word() => {
            reader.next_value().then_some(Understood::NextValue)
        }
        Family::Scalar(_) | Family::Uuid | Family::Enum(_) | Family::Unsupported(_) => {
            constant(reader, family).map(Understood::Value)
        }
    }
}

/// A constant with its casts.
fn constant(reader: &mut Reader<'_>, family: &Family) -> Option<Value> {
    let Family::Scalar(scalar) = family else {
        return match family {
            Family::Enum(_) => reader.label().map(Value::Label),
            Family::Scalar(_) | Family::Uuid | Family::Unsupported(_) => None,
        };
    };
    match scalar {
        ScalarType::String | ScalarType::Json => reader.literal().map(Value::Text),
        ScalarType::Int | ScalarType::BigInt => reader.integer().map(Value::Number),
        ScalarType::Float | ScalarType::Decimal => reader.decimal().map(Value::Number),
        ScalarType::Boolean => reader.boolean().map(Value::Boolean),
        ScalarType::Bytes => bytes(&reader.literal()?).map(Value::Bytes),
        ScalarType::DateTime => None,
    }
}

/// `'{…}'` or `ARRAY[…]`.
fn list(reader: &mut Reader<'_>, family: &Family) -> Option<Vec<Value>> {
    if reader.is_literal() {
        let text = reader.literal()?;
        return elements(&mut Reader::new(&text), family);
    }
    reader.skip_sign('(');
    reader.word().filter(|word| word.eq_ignore_ascii_case("array"))?;
    reader.sign('[')?;
    let mut values = Vec::new();
    if reader.skip_sign(']') {
        return Some(values);
    }
    loop {
        values.push(constant(reader, family)?);
        if reader.skip_sign(']') {
            return Some(values);
        }
        reader.sign(',')?;
    }
}

/// The elements of `{a,"b c",1}`.
fn elements(reader: &mut Reader<'_>, family: &Family) -> Option<Vec<Value>> {
    reader.sign('{')?;
    let mut values = Vec::new();
    loop {
        if reader.skip_sign('}') {
            return Some(values);
        }
        values.push(element(reader, family)?);
        if reader.skip_sign('}') {
            return Some(values);
        }
        reader.sign(',')?;
    }
}

fn element(reader: &mut Reader<'_>, family: &Family) -> Option<Value> {
    if reader.is_number() {
        let Family::Scalar(scalar) = family else { return None };
        return match scalar {
            ScalarType::Int | ScalarType::BigInt => reader.integer().map(Value::Number),
            ScalarType::Float | ScalarType::Decimal => reader.decimal().map(Value::Number),
            ScalarType::String
            | ScalarType::Boolean
            | ScalarType::DateTime
            | ScalarType::Json
            | ScalarType::Bytes => None,
        };
    }
    let text = reader.element()?;
    let scalar = match family {
        Family::Scalar(scalar) => scalar,
        Family::Enum(_) => {
            let inner = Reader::new(&text).literal();
            return Some(Value::Label(inner.unwrap_or(text)));
        }
        Family::Uuid | Family::Unsupported(_) => return None,
    };
    match scalar {
        ScalarType::String | ScalarType::Json => Some(Value::Text(text)),
        ScalarType::Int | ScalarType::BigInt => {
            text.parse::<i64>().ok().map(|number| Value::Number(number.to_string()))
        }
        ScalarType::Float | ScalarType::Decimal => Reader::new(&text).decimal().map(Value::Number),
        ScalarType::Boolean => Reader::new(&text).boolean().map(Value::Boolean),
        ScalarType::DateTime | ScalarType::Bytes => None,
    }
}

/// The bytes of `\x0102`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let hexadecimal = text.strip_prefix("\\x").filter(|digits| digits.is_ascii())?;
    let digits = hexadecimal.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    digits.collect()
}

/// Returns the constant as schema text.
pub(crate) fn write(value: &Value) -> String {
    match value {
        Value::Text(value) => text::literal(value),
        Value::Number(value) | Value::Label(value) => value.clone(),
        Value::Boolean(value) => value.to_string(),
        Value::Bytes(value) => text::literal(&text::base64(value)),
    }
}
