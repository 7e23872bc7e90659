//! How tables, columns, types and defaults are written in SQL.

use std::fmt;

use crate::Name;
use crate::kinds::index::Index;
use crate::kinds::table::{
    Column, ColumnType, Default, ForeignKey, PrimaryKey, ReferentialAction, Table,
};
use crate::name::{literal, quoted};

/// Which names are written with their schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Qualification {
    /// All.
    Always,
    /// All but those of this schema, which the search path finds.
    Except(String),
}

impl Qualification {
    /// Returns the name in double quotes, with its schema where that is wanted.
    pub(crate) fn name(&self, name: &Name) -> String {
        match self {
            Self::Except(schema) if *schema == name.schema => quoted(&name.name),
            Self::Except(_) | Self::Always => {
                format!("{}.{}", quoted(&name.schema), quoted(&name.name))
            }
        }
    }

    /// Returns the name with quotes only around what SQL cannot read without them.
    pub(crate) fn plain_name(&self, name: &Name) -> String {
        match self {
            Self::Except(schema) if *schema == name.schema => plain(&name.name),
            Self::Except(_) | Self::Always => {
                format!("{}.{}", quoted(&name.schema), plain(&name.name))
            }
        }
    }
}

fn plain(identifier: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts_well = !identifier.starts_with(|first: char| first.is_ascii_digit());
    if starts_well && identifier.bytes().all(is_word) {
        identifier.to_owned()
    } else {
        quoted(identifier)
    }
}

/// The types that PostgreSQL's manual calls otherwise than `pg_type`, in capitals.
const TYPE_NAMES: &[(&str, &str)] = &[
    ("int2", "SMALLINT"),
    ("int4", "INTEGER"),
    ("int8", "BIGINT"),
    ("numeric", "DECIMAL"),
    ("float4", "REAL"),
    ("float8", "DOUBLE PRECISION"),
    ("bpchar", "CHAR"),
    ("bool", "BOOLEAN"),
];

/// Returns a type as a column definition has it.
pub(crate) fn column_type(r#type: &ColumnType, names: &Qualification) -> String {
    let name = match r#type.name.schema.as_str() {
        "pg_catalog" => builtin_name(&r#type.name.name),
        "" if r#type.name.name == "citext" => "CITEXT".to_owned(),
        "" => r#type.name.name.clone(),
        _ => names.name(&r#type.name),
    };
    let arguments = if r#type.arguments.is_empty() {
        String::new()
    } else {
        format!("({})", r#type.arguments.join(","))
    };
    let array = if r#type.array { "[]" } else { "" };
    format!("{name}{arguments}{array}")
}

/// What PostgreSQL's manual calls one of its own types, in capitals.
fn builtin_name(internal: &str) -> String {
    let named = TYPE_NAMES.iter().find(|(name, _)| *name == internal);
    named.map_or_else(|| internal.to_uppercase(), |(_, manual)| (*manual).to_owned())
}

/// As a person reads it: `varchar(10)`, `Role[]`, `crm.Role`; not for SQL.
impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name: Name { schema, name }, arguments, array } = self;
        match schema.as_str() {
            "pg_catalog" => f.write_str(&builtin_name(name).to_lowercase())?,
            "" | "public" => f.write_str(name)?,
            _ => write!(f, "{schema}.{name}")?,
        }
        if !arguments.is_empty() {
            write!(f, "({})", arguments.join(","))?;
        }
        f.write_str(if *array { "[]" } else { "" })
    }
}

/// Whether the column counts up by itself, in whichever way.
pub fn is_autoincrement(column: &Column) -> bool {
    column.identity.is_some() || matches!(column.default, Some(Default::NextValue(_)))
}

/// The `serial` type that stands for an integer type with a sequence of its own.
fn serial(column: &Column) -> Option<&'static str> {
    if !is_autoincrement(column) || column.r#type.name.schema != "pg_catalog" {
        return None;
    }
    match column.r#type.name.name.as_str() {
        "int2" => Some("SMALLSERIAL"),
        "int4" => Some("SERIAL"),
        "int8" => Some("BIGSERIAL"),
        _ => None,
    }
}

/// Returns a column as `CREATE TABLE` and `ADD COLUMN` have it, indented.
pub(crate) fn column(column: &Column, names: &Qualification) -> String {
    let serial = serial(column);
    let r#type = serial.map_or_else(|| column_type(&column.r#type, names), str::to_owned);
    let not_null = if column.nullable || column.r#type.array { "" } else { " NOT NULL" };
    let default = match (&column.default, serial) {
        (Some(Default::Expression(text)), _) if text.is_empty() => String::new(),
        (Some(value), None) => format!(" DEFAULT {}", default(value, &column.r#type, names)),
        (Some(_) | None, _) => String::new(),
    };
    format!("    {} {type}{not_null}{default}", quoted(&column.name))
}

/// Returns a default as it stands behind `DEFAULT`.
pub(crate) fn default(default: &Default, r#type: &ColumnType, names: &Qualification) -> String {
    match default {
        Default::Value(text) => constant(text, r#type),
        Default::List(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|value| value.as_ref().map_or("NULL".to_owned(), |v| constant(v, r#type)))
                .collect();
            format!("ARRAY[{}]::{}", values.join(", "), column_type(r#type, names))
        }
        Default::Now => "CURRENT_TIMESTAMP".to_owned(),
        Default::NextValue(sequence) => {
            format!("nextval({}::regclass)", literal(&names.name(sequence)))
        }
        Default::Expression(text) => text.clone(),
    }
}

fn constant(text: &str, r#type: &ColumnType) -> String {
    const BARE: &[&str] =
        &["int2", "int4", "int8", "oid", "float4", "float8", "numeric", "money", "bool"];
    if BARE.iter().any(|name| r#type.is(name)) { text.to_owned() } else { literal(text) }
}

/// Returns column names in double quotes, separated by commas.
pub(crate) fn columns(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// Returns a primary key as a table constraint, its columns separated as given: Prisma writes a comma
/// alone in `CREATE TABLE`, and a space behind it elsewhere.
pub(crate) fn primary_key(key: &PrimaryKey, separator: &str) -> String {
    let columns: Vec<String> = key.columns.iter().map(|column| quoted(column)).collect();
    format!("CONSTRAINT {} PRIMARY KEY ({})", quoted(&key.name), columns.join(separator))
}

/// Returns `CREATE TABLE` with columns and primary key; foreign keys and indexes follow it.
pub(crate) fn create_table(table: &Table, names: &Qualification) -> String {
    let columns: Vec<String> = table.columns.iter().map(|defined| column(defined, names)).collect();
    let key = match &table.primary_key {
        Some(key) => format!(",\n\n    {}", primary_key(key, ",")),
        None => String::new(),
    };
    format!("CREATE TABLE {} (\n{}{key}\n)", names.name(&table.name), columns.join(",\n"))
}

/// Returns `CREATE INDEX`.
pub(crate) fn create_index(index: &Index, names: &Qualification) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let using = match index.method.as_str() {
        "btree" => String::new(),
        method => format!(" USING {}", method.to_uppercase()),
    };
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let what = match (&key.column, &key.expression) {
                (Some(column), _) => quoted(column),
                (None, Some(expression)) => format!("({expression})"),
                (None, None) => String::new(),
            };
            let class =
                key.operator_class.as_ref().map_or(String::new(), |class| format!(" {class}"));
            let order = if key.descending { " DESC" } else { "" };
            format!("{what}{class}{order}")
        })
        .collect();
    let predicate =
        index.predicate.as_ref().map_or(String::new(), |text| format!(" WHERE ({text})"));
    format!(
        "CREATE {unique}INDEX {} ON {}{using}{}({}){predicate}",
        quoted(&index.name.name),
        names.name(&index.table),
        if using.is_empty() { "" } else { " " },
        keys.join(", ")
    )
}

/// Returns `ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY`.
pub(crate) fn add_foreign_key(table: &Name, key: &ForeignKey, names: &Qualification) -> String {
    format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}({}) ON DELETE {} ON UPDATE {}",
        names.name(table),
        quoted(&key.name),
        columns(&key.columns),
        names.name(&key.referenced_table),
        columns(&key.referenced_columns),
        action(key.on_delete),
        action(key.on_update),
    )
}

/// Returns a referential action as SQL calls it.
pub(crate) fn action(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    }
}
