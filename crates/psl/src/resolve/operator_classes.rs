//! `ops:` of an index column: the operator classes the language has names for.

use super::{report::Report, values};
use crate::{
    schema::{IndexAlgorithm, OperatorClass},
    source::Span,
    syntax::{Expression, Function},
};

/// An operator class with a name in the language.
pub(super) struct NamedClass {
    /// The name in the schema file.
    pub(super) name: &'static str,
    /// The access methods it works for.
    pub(super) algorithms: &'static [IndexAlgorithm],
    /// What it asks of the column.
    pub(super) column: Column,
}

/// The columns an operator class works for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// A list of anything.
    List,
    /// A column of one of these native types; the first is PostgreSQL's default for the scalar when
    /// there is one, so that a column without a native type will do.
    Native { natives: &'static [&'static str], scalar: Option<crate::schema::ScalarType> },
}

use IndexAlgorithm::{Brin, Gin, Gist, SpGist};

use crate::schema::ScalarType::{
    BigInt, Bytes, DateTime, Decimal, Float, Int, Json, String as Text,
};

const fn brin(
    name: &'static str,
    natives: &'static [&'static str],
    scalar: Option<crate::schema::ScalarType>,
) -> NamedClass {
    NamedClass { name, algorithms: &[Brin], column: Column::Native { natives, scalar } }
}

const fn class(
    name: &'static str,
    algorithms: &'static [IndexAlgorithm],
    natives: &'static [&'static str],
    scalar: Option<crate::schema::ScalarType>,
) -> NamedClass {
    NamedClass { name, algorithms, column: Column::Native { natives, scalar } }
}

const TEXT: &[&str] = &["Text", "VarChar"];

impl NamedClass {
    /// The name in Prisma's messages, which confuse one class with another.
    pub(super) fn shown_name(&self) -> &'static str {
        match self.name {
            "UuidMinMaxMultiOps" => "BitMinMaxOps",
            name => name,
        }
    }
}

/// Every named operator class.
pub(super) const CLASSES: &[NamedClass] = &[
    class("InetOps", &[Gist, SpGist], &["Inet"], None),
    class("JsonbOps", &[Gin], &["JsonB"], Some(Json)),
    class("JsonbPathOps", &[Gin], &["JsonB"], Some(Json)),
    NamedClass { name: "ArrayOps", algorithms: &[Gin], column: Column::List },
    class("TextOps", &[SpGist], &["Text", "VarChar", "Char"], Some(Text)),
    brin("BitMinMaxOps", &["Bit"], None),
    brin("VarBitMinMaxOps", &["VarBit"], None),
    brin("BpcharBloomOps", &["Char"], None),
    brin("BpcharMinMaxOps", &["Char"], None),
    brin("ByteaBloomOps", &["ByteA"], Some(Bytes)),
    brin("ByteaMinMaxOps", &["ByteA"], Some(Bytes)),
    brin("DateBloomOps", &["Date"], None),
    brin("DateMinMaxOps", &["Date"], None),
    brin("DateMinMaxMultiOps", &["Date"], None),
    brin("Float4BloomOps", &["Real"], None),
    brin("Float4MinMaxOps", &["Real"], None),
    brin("Float4MinMaxMultiOps", &["Real"], None),
    brin("Float8BloomOps", &["DoublePrecision"], Some(Float)),
    brin("Float8MinMaxOps", &["DoublePrecision"], Some(Float)),
    brin("Float8MinMaxMultiOps", &["DoublePrecision"], Some(Float)),
    brin("InetInclusionOps", &["Inet"], None),
    brin("InetBloomOps", &["Inet"], None),
    brin("InetMinMaxOps", &["Inet"], None),
    brin("InetMinMaxMultiOps", &["Inet"], None),
    brin("Int2BloomOps", &["SmallInt"], None),
    brin("Int2MinMaxOps", &["SmallInt"], None),
    brin("Int2MinMaxMultiOps", &["SmallInt"], None),
    brin("Int4BloomOps", &["Integer"], Some(Int)),
    brin("Int4MinMaxOps", &["Integer"], Some(Int)),
    brin("Int4MinMaxMultiOps", &["Integer"], Some(Int)),
    brin("Int8BloomOps", &["BigInt"], Some(BigInt)),
    brin("Int8MinMaxOps", &["BigInt"], Some(BigInt)),
    brin("Int8MinMaxMultiOps", &["BigInt"], Some(BigInt)),
    brin("NumericBloomOps", &["Decimal"], Some(Decimal)),
    brin("NumericMinMaxOps", &["Decimal"], Some(Decimal)),
    brin("NumericMinMaxMultiOps", &["Decimal"], Some(Decimal)),
    brin("OidBloomOps", &["Oid"], None),
    brin("OidMinMaxOps", &["Oid"], None),
    brin("OidMinMaxMultiOps", &["Oid"], None),
    brin("TextBloomOps", TEXT, Some(Text)),
    brin("TextMinMaxOps", TEXT, Some(Text)),
    brin("TimestampBloomOps", &["Timestamp"], Some(DateTime)),
    brin("TimestampMinMaxOps", &["Timestamp"], Some(DateTime)),
    brin("TimestampMinMaxMultiOps", &["Timestamp"], Some(DateTime)),
    brin("TimestampTzBloomOps", &["Timestamptz"], None),
    brin("TimestampTzMinMaxOps", &["Timestamptz"], None),
    brin("TimestampTzMinMaxMultiOps", &["Timestamptz"], None),
    brin("TimeBloomOps", &["Time"], None),
    brin("TimeMinMaxOps", &["Time"], None),
    brin("TimeMinMaxMultiOps", &["Time"], None),
    brin("TimeTzBloomOps", &["Timetz"], None),
    brin("TimeTzMinMaxOps", &["Timetz"], None),
    brin("TimeTzMinMaxMultiOps", &["Timetz"], None),
    brin("UuidBloomOps", &["Uuid"], None),
    brin("UuidMinMaxOps", &["Uuid"], None),
    brin("UuidMinMaxMultiOps", &["Uuid"], None),
];

/// Returns the name of every operator class that the language has a name for.
pub fn operator_class_names() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|class| class.name)
}

/// Returns the operator class of that name.
pub(super) fn find(name: &str) -> Option<&'static NamedClass> {
    CLASSES.iter().find(|class| class.name == name)
}

/// Reads `JsonbPathOps` or `raw("…")`; `argument` is the place of the whole argument.
pub(super) fn read(
    value: &Expression,
    argument: Span,
    report: &mut Report,
) -> Option<OperatorClass> {
    let problem = match value {
        Expression::Constant(name) if find(&name.text).is_some() => {
            return Some(OperatorClass::Named(name.text.clone()));
        }
        Expression::Constant(name) => format!("Invalid operator class: {}", name.text),
        Expression::Function(Function { name, arguments, .. }) if name.text == "raw" => {
            let given: Vec<&Expression> = values::argument_values(arguments).collect();
            match given.as_slice() {
                [Expression::String(text)] => {
                    return Some(OperatorClass::Raw(text.text.clone()));
                }
                [_] => "Invalid parameter type: expected string".to_owned(),
                several => {
                    format!("Wrong number of arguments. Expected: 1, got: {}", several.len())
                }
            }
        }
        Expression::Function(_)
        | Expression::String(_)
        | Expression::Number(_)
        | Expression::Array(..)
        | Expression::Object(..) => {
            report.error("Unexpected token. Expected one of: operator class", argument);
            return None;
        }
    };
    report.error(format!("Unexpected token. Expected one of: {problem}"), value.span());
    None
}
