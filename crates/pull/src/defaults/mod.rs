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

#[cfg(test)]
mod tests {
    use catalog::kinds::table::Default;
    use psl::schema::ScalarType;
    use psl::syntax::Arity;

    use super::{Understood, understand, write};
    use crate::types::{Family, FieldType};

    fn read(text: &str, family: Family, arity: Arity) -> String {
        let r#type = FieldType { family, arity, native: None };
        match understand(&Default::Expression(text.to_owned()), &r#type) {
            None => String::new(),
            Some(Understood::NextValue) => "autoincrement()".to_owned(),
            Some(Understood::Now) => "now()".to_owned(),
            Some(Understood::Value(value)) => write(&value),
            Some(Understood::List(values)) => {
                format!("[{}]", values.iter().map(write).collect::<Vec<_>>().join(", "))
            }
            Some(Understood::Expression(_)) => "dbgenerated".to_owned(),
        }
    }

    /// What PostgreSQL 15 prints, and what Prisma 7.10 makes of it.
    #[test]
    fn constants_are_those_that_prisma_reads() {
        use Family::Scalar;
        let label = Family::Enum(0);
        for (text, family, expected) in [
            ("'it''s'::text", Scalar(ScalarType::String), "\"it's\""),
            ("'a\\b\"c\n\td'::text", Scalar(ScalarType::String), "\"a\\\\b\\\"c\\n\\td\""),
            ("5", Scalar(ScalarType::String), "dbgenerated"),
            ("('a'::text || 'b'::text)", Scalar(ScalarType::String), "dbgenerated"),
            ("NULL::character varying", Scalar(ScalarType::String), ""),
            ("'-5'::integer", Scalar(ScalarType::Int), "-5"),
            ("(1 + 2)", Scalar(ScalarType::Int), "dbgenerated"),
            ("'9223372036854775807'::bigint", Scalar(ScalarType::BigInt), "9223372036854775807"),
            ("nextval('\"My Seq\"'::regclass)", Scalar(ScalarType::BigInt), "autoincrement()"),
            ("nextval(('myseq'::text)::regclass)", Scalar(ScalarType::Int), "autoincrement()"),
            ("(nextval('myseq'::regclass) + 1)", Scalar(ScalarType::Int), "dbgenerated"),
            ("nextval('myseq'::regclass)", Scalar(ScalarType::String), "dbgenerated"),
            ("1.50", Scalar(ScalarType::Float), "1.50"),
            ("'-0.5'::numeric", Scalar(ScalarType::Float), "-0.5"),
            ("'NaN'::double precision", Scalar(ScalarType::Float), "dbgenerated"),
            ("0.00000000001", Scalar(ScalarType::Decimal), "0.00000000001"),
            ("false", Scalar(ScalarType::Boolean), "false"),
            ("(NOT true)", Scalar(ScalarType::Boolean), "dbgenerated"),
            ("CURRENT_TIMESTAMP", Scalar(ScalarType::DateTime), "now()"),
            ("now()", Scalar(ScalarType::DateTime), "now()"),
            ("CURRENT_TIMESTAMP(3)", Scalar(ScalarType::DateTime), "dbgenerated"),
            ("transaction_timestamp()", Scalar(ScalarType::DateTime), "dbgenerated"),
            ("'\\xdeadbeef'::bytea", Scalar(ScalarType::Bytes), "\"3q2+7w==\""),
            ("'{\"a\": 1}'::jsonb", Scalar(ScalarType::Json), "\"{\\\"a\\\": 1}\""),
            ("'ok'::mood", label, "ok"),
            ("gen_random_uuid()", Family::Uuid, "dbgenerated"),
            ("'(1,2)'::point", Family::Unsupported("point".to_owned()), "dbgenerated"),
        ] {
            assert_eq!(read(text, family, Arity::Optional), expected, "{text}");
        }
    }

    #[test]
    fn arrays_are_those_that_prisma_reads() {
        use Family::Scalar;
        for (text, family, expected) in [
            ("'{}'::text[]", Scalar(ScalarType::String), "[]"),
            ("ARRAY[]::text[]", Scalar(ScalarType::String), "[]"),
            ("ARRAY['a'::text, 'b'::text]", Scalar(ScalarType::String), "[\"a\", \"b\"]"),
            (
                "'{a,\"b c\",\"d\\\"e\",NULL}'::text[]",
                Scalar(ScalarType::String),
                "[\"a\", \"b c\", \"d\\\"e\", \"NULL\"]",
            ),
            ("ARRAY['x'::text, NULL::text]", Scalar(ScalarType::String), "dbgenerated"),
            ("'{1,2}'::text[]", Scalar(ScalarType::String), "dbgenerated"),
            ("(ARRAY['a'::text] || ARRAY['b'::text])", Scalar(ScalarType::String), "[\"a\"]"),
            ("'{1,-2}'::integer[]", Scalar(ScalarType::Int), "[1, -2]"),
            ("'{1.5,2}'::double precision[]", Scalar(ScalarType::Float), "[1.5, 2]"),
            ("'{t,f}'::boolean[]", Scalar(ScalarType::Boolean), "[true, false]"),
            ("ARRAY['\\x01'::bytea]", Scalar(ScalarType::Bytes), "[\"AQ==\"]"),
            ("'{}'::timestamp without time zone[]", Scalar(ScalarType::DateTime), "[]"),
            ("'{}'::uuid[]", Family::Uuid, "[]"),
            ("ARRAY['ok'::mood]", Family::Enum(0), "[ok]"),
        ] {
            assert_eq!(read(text, family, Arity::List), expected, "{text}");
        }
    }

    #[test]
    fn broken_expressions_are_left_to_the_database() {
        for text in ["'", "E'\\", "\"", "ARRAY[", "nextval(", "'{", "'{\"'::text[]", "::", "é"] {
            for arity in [Arity::Optional, Arity::List] {
                let family = Family::Scalar(ScalarType::Int);
                assert_eq!(read(text, family, arity), "dbgenerated", "{text}");
            }
        }
    }
}
