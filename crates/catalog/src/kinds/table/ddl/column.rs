//! The SQL of columns.

use std::fmt::Write as _;

use super::super::{Column, ColumnType, Default, Identity, Table};
use super::alter as alter_table;
use crate::ddl::{Address, Alteration, Context, Element, Follows, Loss, Part, write};
use crate::{Kind, Pair, literal, quoted};

impl Table {
    /// The columns that `CREATE TABLE` lists: not those that come from a parent.
    pub(super) fn inline_columns<'a>(
        &'a self,
        this: &'a Address,
        context: &'a Context<'a>,
    ) -> impl Iterator<Item = String> + 'a {
        let own = self.columns.iter().filter(|column| !column.inherited);
        own.map(move |column| definition(column, has_inline_default(column, this, context)))
    }

    pub(super) fn column_elements(
        &self,
        column: &Column,
        this: &Address,
        context: &Context<'_>,
    ) -> Vec<Element> {
        let address = this.column(&column.name);
        let is_parent = !context.children(&self.name).is_empty() && self.partition_key.is_none();
        let inline = has_inline_default(column, this, context);
        let add = format!("ADD COLUMN {}", definition(column, inline));
        let drop = format!("DROP COLUMN {}", quoted(&column.name));
        let loss = Loss::Column { table: self.name.clone(), column: column.name.clone() };
        let mut element = Element::new(
            address.clone(),
            vec![self.alter(false, &add)],
            // Otherwise the column of a table that inherits it would go as well.
            vec![self.alter(is_parent, &drop).losing(loss)],
        )
        .same_by(definition(column, false))
        .within(this.clone())
        .needs([context.r#type(&column.r#type.name)])
        .needs(column.collation.iter().map(|name| Address::whole(Kind::Collation, name)))
        .comes_with(this.clone());
        if column.generated.is_some() {
            element.needs.extend(context.dependencies(&address));
        }
        let follows = self.parents(this).into_iter().find(|(parent, _)| {
            let parents = context.catalog.tables.iter();
            parents
                .filter(|table| table.name.to_string() == parent.id)
                .any(|table| table.columns.iter().any(|other| other.name == column.name))
        });
        element.follows = follows.map(|(parent, via)| Follows {
            leader: parent.column(&column.name),
            via,
            drops: self.partition_of.is_some(),
            joins: false,
        });
        let default = column.default.as_ref().map(|default| {
            let part = this.with(Part::Default(column.name.clone()));
            let sequence = match default {
                Default::NextValue(sequence) => Some(Address::whole(Kind::Sequence, sequence)),
                Default::Value(_) | Default::List(_) | Default::Now | Default::Expression(_) => {
                    None
                }
            };
            let needs = sequence.into_iter().chain(context.dependencies(&part)).collect::<Vec<_>>();
            (default, needs)
        });
        let mut elements = Vec::new();
        if let Some((default, needs)) = default {
            if inline {
                element.needs.extend(needs.iter().filter(|needed| **needed != address).cloned());
            }
            let part = Part::Default(column.name.clone());
            let clause = |rest: &str| {
                self.alter(true, &format!("ALTER COLUMN {} {rest}", quoted(&column.name)))
            };
            let text = expression(default, &column.r#type);
            let set = clause(&format!("SET DEFAULT {text}"));
            let mut setting = Element::setting(&address, part, set, clause("DROP DEFAULT"));
            setting.survives_retyping = false;
            setting.needs.extend(needs);
            if inline {
                setting.comes_with = Some(address.clone());
            }
            setting.drops_first = !inline;
            elements.push(setting);
        }
        elements.extend(self.column_settings(column, &address));
        let on = format!("COLUMN {}.{}", write::name(&self.name), quoted(&column.name));
        elements.extend(write::comment(&address, on, column.comment.as_deref()));
        elements.push(element);
        elements
    }

    /// How the column is stored and sampled.
    fn column_settings(&self, column: &Column, address: &Address) -> Vec<Element> {
        let mut elements = Vec::new();
        let clause = |rest: String| {
            self.alter(true, &format!("ALTER COLUMN {} {rest}", quoted(&column.name)))
        };
        for option in &column.options {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let (on, off) = match key {
                "storage" => (
                    format!("SET STORAGE {value}"),
                    format!("SET STORAGE {}", usual_storage(&column.r#type)),
                ),
                "compression" => {
                    (format!("SET COMPRESSION {value}"), "SET COMPRESSION default".to_owned())
                }
                "statistics" => (format!("SET STATISTICS {value}"), "SET STATISTICS -1".to_owned()),
                _ => (
                    format!("SET ({})", write::parameter(option)),
                    format!("RESET ({})", write::parameter_name(key)),
                ),
            };
            let part = Part::Setting(format!("{key} of {}", column.name));
            elements.push(Element::setting(address, part, clause(on), clause(off)));
        }
        elements
    }
}

/// Whether the default is made with the column. It is not when it calls a function that needs the
/// table.
fn has_inline_default(column: &Column, this: &Address, context: &Context<'_>) -> bool {
    let default = this.with(Part::Default(column.name.clone()));
    column.default.is_some() && !context.is_circular(&default)
}

/// How a type is stored unless told otherwise, of those that can be told.
fn usual_storage(r#type: &ColumnType) -> &'static str {
    let is_main = ["numeric", "inet", "cidr"].iter().any(|name| r#type.is(name));
    if is_main && !r#type.array { "MAIN" } else { "EXTENDED" }
}

/// A column as `CREATE TABLE` and `ADD COLUMN` have it.
fn definition(column: &Column, with_default: bool) -> String {
    let mut text = format!("{} {}", quoted(&column.name), type_clause(column));
    if let (Some(default), true) = (&column.default, with_default) {
        // Writing to a string cannot fail.
        let _ = write!(text, " DEFAULT {}", expression(default, &column.r#type));
    }
    if let Some(generated) = &column.generated {
        let (expression, kind) = match generated.strip_suffix(" VIRTUAL") {
            Some(expression) => (expression, "VIRTUAL"),
            None => (generated.as_str(), "STORED"),
        };
        let _ = write!(text, " GENERATED ALWAYS AS ({expression}) {kind}");
    }
    if let Some(identity) = identity(column) {
        let _ = write!(text, " {identity}");
    }
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    text
}

fn type_clause(column: &Column) -> String {
    write::r#type(&column.r#type) + &write::collate(column.collation.as_ref())
}

/// `GENERATED … AS IDENTITY`.
fn identity(column: &Column) -> Option<String> {
    let kind = identity_kind(column.identity?);
    let options = match column.identity_options.as_slice() {
        [] => String::new(),
        options => format!(" ({})", options.join(" ")),
    };
    Some(format!("GENERATED {kind} AS IDENTITY{options}"))
}

fn identity_kind(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

/// A default as it stands behind `DEFAULT`.
fn expression(default: &Default, r#type: &ColumnType) -> String {
    const BARE: &[&str] = &["int2", "int4", "int8", "oid", "float4", "float8", "numeric", "bool"];
    // `NaN` and `Infinity` are numbers that are written in quotes.
    let is_bare = |text: &str| {
        BARE.iter().any(|name| r#type.is(name))
            && (matches!(text, "true" | "false")
                || !text.contains(|c: char| c.is_alphabetic() && c != 'e'))
    };
    let constant = |text: &str| if is_bare(text) { text.to_owned() } else { literal(text) };
    match default {
        Default::Value(text) => constant(text),
        Default::List(values) => {
            let value = |value: &Option<String>| {
                value.as_ref().map_or_else(|| "NULL".to_owned(), |value| constant(value))
            };
            let values: Vec<String> = values.iter().map(value).collect();
            format!("ARRAY[{}]::{}", values.join(", "), write::r#type(r#type))
        }
        Default::Now => "CURRENT_TIMESTAMP".to_owned(),
        Default::NextValue(sequence) => {
            format!("nextval({}::regclass)", literal(&write::name(sequence)))
        }
        Default::Expression(text) => text.clone(),
    }
}

/// Changes type, nullability and identity of a column.
pub(super) fn alter(tables: Pair<&Table>, name: &str) -> Option<Alteration> {
    let find = |table: &Table| table.columns.iter().find(|column| column.name == name).cloned();
    let Pair { actual, desired } = tables.map(find);
    let (actual, desired) = (actual?, desired?);
    if desired.generated.is_some() && actual.generated != desired.generated {
        // The values are computed anew.
        return None;
    }
    let table = &tables.desired.name;
    let clause =
        |rest: &str| alter_table(table, false, &format!("ALTER COLUMN {} {rest}", quoted(name)));
    let mut statements = Vec::new();
    if actual.generated.is_some() && desired.generated.is_none() {
        statements.push(clause("DROP EXPRESSION"));
    }
    if actual.identity.is_some() && desired.identity.is_none() {
        statements.push(clause("DROP IDENTITY"));
    }
    let types = Pair::new(&actual, &desired).map(type_clause);
    let retypes = types.differs();
    if retypes {
        statements.push(clause(&retype(Pair::new(&actual, &desired))));
    }
    if actual.nullable && !desired.nullable {
        statements.push(clause("SET NOT NULL"));
    }
    statements.extend(alter_identity(Pair::new(&actual, &desired)).iter().map(|rest| clause(rest)));
    if !actual.nullable && desired.nullable {
        statements.push(clause("DROP NOT NULL"));
    }
    Some(Alteration { statements, retypes })
}

/// `TYPE`, with what makes new values of the old ones.
fn retype(columns: Pair<&Column>) -> String {
    let mut text = format!("TYPE {}", type_clause(columns.desired));
    let types = columns.map(|column| &column.r#type);
    if types.actual.name != types.desired.name || types.actual.array != types.desired.array {
        let (column, desired) = (quoted(&columns.desired.name), write::r#type(types.desired));
        let through_text = if has_cast(types) { "" } else { "::text" };
        let _ = write!(text, " USING {column}{through_text}::{desired}");
    }
    text
}

/// The types between any two of which PostgreSQL has a cast.
const FAMILIES: &[&[&str]] = &[
    &["int2", "int4", "int8", "float4", "float8", "numeric"],
    &["int4", "bool"],
    &["timestamp", "timestamptz", "date"],
    &["timestamp", "timestamptz", "time"],
    &["time", "timetz"],
    &["bit", "varbit"],
    &["json", "jsonb"],
    &["inet", "cidr"],
];

/// Whether PostgreSQL has a cast of its own; all others go through text.
fn has_cast(types: Pair<&ColumnType>) -> bool {
    let is_text = |r#type: &ColumnType| {
        !r#type.array && ["text", "varchar", "bpchar"].iter().any(|name| r#type.is(name))
    };
    let is_of = |family: &&&[&str], r#type: &ColumnType| family.iter().any(|name| r#type.is(name));
    let Pair { actual, desired } = types;
    if is_text(actual) || is_text(desired) {
        return true;
    }
    actual.array == desired.array
        && FAMILIES.iter().any(|family| is_of(&family, actual) && is_of(&family, desired))
}

fn alter_identity(columns: Pair<&Column>) -> Vec<String> {
    let Pair { actual, desired } = columns;
    match (actual.identity, desired.identity) {
        (None, Some(_)) => {
            identity(desired).map(|identity| format!("ADD {identity}")).into_iter().collect()
        }
        (Some(before), Some(after)) => {
            let mut clauses = Vec::new();
            if before != after {
                clauses.push(format!("SET GENERATED {}", identity_kind(after)));
            }
            let gone = actual.identity_options.iter().filter_map(|option| {
                let key = option.split(' ').next().unwrap_or_default();
                let is_kept = desired.identity_options.iter().any(|other| other.starts_with(key));
                (!is_kept).then(|| usual_option(key)).flatten()
            });
            clauses.extend(gone.map(|option| format!("SET {option}")));
            let set = desired.identity_options.iter();
            let set = set.filter(|option| !actual.identity_options.contains(option));
            clauses.extend(set.map(|option| format!("SET {option}")));
            if is_out_of_range(columns) {
                clauses.push("RESTART".to_owned());
            }
            // All in one, since each must fit the others.
            if clauses.is_empty() { clauses } else { vec![clauses.join(" ")] }
        }
        (Some(_) | None, None) => Vec::new(),
    }
}

/// Whether the values that an identity column began with are out of its range as it should be, so
/// that it has to begin again.
fn is_out_of_range(columns: Pair<&Column>) -> bool {
    let number = |column: &Column, key: &str| -> Option<i64> {
        let option = column.identity_options.iter().find_map(|option| option.strip_prefix(key))?;
        option.trim().parse().ok()
    };
    let start = number(columns.actual, "START").unwrap_or(1);
    number(columns.desired, "MINVALUE").is_some_and(|minimum| start < minimum)
        || number(columns.desired, "MAXVALUE").is_some_and(|maximum| start > maximum)
}

/// How an option of an identity column's sequence is by default.
fn usual_option(key: &str) -> Option<&'static str> {
    Some(match key {
        "START" => "START 1",
        "INCREMENT" => "INCREMENT 1",
        "MINVALUE" => "MINVALUE 1",
        "MAXVALUE" => "NO MAXVALUE",
        "CACHE" => "CACHE 1",
        "CYCLE" => "NO CYCLE",
        _ => return None,
    })
}

/// Moves a column from the old one of a type that is made anew to the new one, along with all else
/// that changes.
pub(crate) fn change_type(tables: Pair<&Table>, name: &str) -> Option<Alteration> {
    let mut alteration = alter(tables, name)?;
    if !alteration.retypes {
        let column = tables.desired.columns.iter().find(|column| column.name == name)?;
        let r#type = write::r#type(&column.r#type);
        let column = quoted(name);
        let clause = format!("ALTER COLUMN {column} TYPE {type} USING {column}::text::{type}");
        alteration.statements.insert(0, alter_table(&tables.desired.name, false, &clause));
        alteration.retypes = true;
    }
    Some(alteration)
}
