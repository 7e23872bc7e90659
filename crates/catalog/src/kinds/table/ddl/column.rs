//! The SQL of columns.

use std::fmt::Write as _;

use super::super::{Column, ColumnType, Default, Table};
use super::identity;
use crate::ddl::{Address, Context, Element, Follows, Loss, Part, Statement, write};
use crate::{Kind, literal, quoted};

impl Table {
    /// The columns that `CREATE TABLE` lists: not those that come from a parent.
    pub(super) fn inline_columns<'a>(
        &'a self,
        this: &'a Address,
        context: &'a Context<'a>,
    ) -> impl Iterator<Item = String> + 'a {
        let own = self.columns.iter().filter(|column| !column.inherited);
        // A partition has it from its parent.
        let identity = |column| identity::clause(column).filter(|_| self.partition_of.is_none());
        own.map(move |column| definition(column, this, context, identity(column)))
    }

    pub(super) fn column_elements(
        &self,
        column: &Column,
        this: &Address,
        context: &Context<'_>,
    ) -> Vec<Element> {
        let address = this.column(&column.name);
        let mut elements = vec![self.column_element(column, this, context)];
        elements.extend(self.default_element(column, this, context));
        elements.extend(self.not_null_element(column, this, context));
        elements.extend(self.identity_element(column, this, context));
        elements.extend(self.column_settings(column, &address));
        let on = format!("COLUMN {}.{}", write::name(&self.name), quoted(&column.name));
        elements.extend(write::comment(&address, on, column.comment.as_deref()));
        elements
    }

    fn column_element(&self, column: &Column, this: &Address, context: &Context<'_>) -> Element {
        let inherited_by_others =
            !context.children(&self.name).is_empty() && self.partition_key.is_none();
        let has_identity = self.partition_of.is_none() && !identity::comes_later(self, context);
        let identity = identity::clause(column).filter(|_| has_identity);
        let definition = definition(column, this, context, identity);
        let add = format!("ADD COLUMN {definition}");
        let drop = format!("DROP COLUMN {}", quoted(&column.name));
        // Otherwise the column of a table that inherits it would go as well.
        let mut drop = self.alter(inherited_by_others, &drop);
        if column.generated.is_none() {
            let (table, column) = (self.name.clone(), column.name.clone());
            drop = drop.losing(Loss::Column { table, column });
        }
        let mut element =
            Element::new(this.column(&column.name), vec![self.alter(false, &add)], vec![drop])
                .same_by(format!("{}{}", type_clause(column), generated_clause(column)))
                .within(this.clone())
                .needs([context.r#type(&column.r#type.name)])
                .made_after(context.parts_of_type(&column.r#type.name))
                .needs(column.collation.iter().map(|name| Address::whole(Kind::Collation, name)))
                .comes_with(this.clone());
        element.holds_data = column.generated.is_none();
        element.wraps = column.r#type.array;
        element.follows = self.twin(this, context, column).map(|twin| Follows {
            leader: twin.table.column(&column.name),
            via: twin.via,
            drops: self.partition_of.is_some(),
            joins: false,
        });
        element
    }

    /// The same column of a parent.
    pub(super) fn twin<'a>(
        &self,
        this: &Address,
        context: &Context<'a>,
        column: &Column,
    ) -> Option<Twin<'a>> {
        self.parents(this).into_iter().find_map(|(parent, via)| {
            let columns = &context.catalog.tables.get(parent)?.columns;
            let column = columns.iter().find(|other| other.name == column.name)?;
            Some(Twin { column, table: Address::whole(Kind::Table, parent), via })
        })
    }

    fn default_element(
        &self,
        column: &Column,
        this: &Address,
        context: &Context<'_>,
    ) -> Option<Element> {
        let default = column.default.as_ref()?;
        let address = this.column(&column.name);
        let sequence = match default {
            Default::NextValue(sequence) => Some(Address::whole(Kind::Sequence, sequence)),
            Default::Value(_) | Default::List(_) | Default::Now | Default::Expression(_) => None,
        };
        let text = default_text(column)?;
        let set = self.alter_column(column, true, &format!("SET DEFAULT {text}"));
        let unset = self.alter_column(column, true, "DROP DEFAULT");
        let part = Part::Default(column.name.clone());
        let mut element = Element::setting(&address, part, set, unset)
            // What means the same may be written otherwise.
            .same_by(expression(default, &column.r#type))
            .needs(sequence)
            .slot(identity::value_slot(self, column));
        element.survives_retyping = false;
        // The sequence may go with the column of the parent, which goes first.
        element.drops_first = self.twin(this, context, column).is_some();
        if has_inline_default(column, this, context) {
            // The column of a partition that its parent gets has the parent's default.
            let twin = self.twin(this, context, column);
            let is_own = twin.is_some_and(|twin| twin.column.default != column.default);
            element.comes_with = Some(if is_own { this.clone() } else { address });
        } else {
            element.drops_first = true;
        }
        Some(element)
    }

    fn not_null_element(
        &self,
        column: &Column,
        this: &Address,
        context: &Context<'_>,
    ) -> Option<Element> {
        if column.nullable {
            return None;
        }
        let address = this.column(&column.name);
        let part = Part::NotNull(column.name.clone());
        let set = self.alter_column(column, false, "SET NOT NULL");
        let unset = self.alter_column(column, false, "DROP NOT NULL");
        let mut element = Element::setting(&address, part.clone(), set, unset);
        match self.twin(this, context, column) {
            // Where the parent takes null, it does not come with the parent's column.
            Some(Twin { column: twin, .. }) if twin.nullable => {
                element.comes_with = Some(this.clone());
            }
            Some(Twin { table, via, .. }) => {
                element.comes_with = Some(address);
                let leader = table.with(part);
                element.follows = Some(Follows { leader, via, drops: true, joins: false });
            }
            None => element.comes_with = Some(address),
        }
        Some(element)
    }

    /// How the column is stored and sampled.
    fn column_settings(&self, column: &Column, address: &Address) -> Vec<Element> {
        let mut elements = Vec::new();
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
            let [on, off] = [on, off].map(|rest| self.alter_column(column, true, &rest));
            let part = Part::Setting(format!("{key} of {}", column.name));
            let mut element = Element::setting(address, part, on, off);
            // These, a column has by its type.
            element.survives_retyping = !matches!(key, "storage" | "compression");
            elements.push(element);
        }
        elements
    }

    fn alter_column(&self, column: &Column, only: bool, rest: &str) -> Statement {
        self.alter(only, &format!("ALTER COLUMN {} {rest}", quoted(&column.name)))
    }
}

/// A column as `CREATE TABLE` and `ADD COLUMN` have it.
fn definition(
    column: &Column,
    this: &Address,
    context: &Context<'_>,
    identity: Option<String>,
) -> String {
    let mut text = format!("{} {}", quoted(&column.name), type_clause(column));
    if let Some(default) = default_text(column)
        && has_inline_default(column, this, context)
    {
        // Writing to a string cannot fail.
        let _ = write!(text, " DEFAULT {default}");
    }
    text.push_str(&generated_clause(column));
    if let Some(identity) = identity {
        let _ = write!(text, " {identity}");
    }
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    text
}

/// The same column of a parent.
pub(super) struct Twin<'a> {
    pub(super) column: &'a Column,
    /// The parent.
    pub(super) table: Address,
    /// That the table is a partition of it, or inherits from it.
    pub(super) via: Address,
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

/// Type and collation.
pub(super) fn type_clause(column: &Column) -> String {
    write::r#type(&column.r#type) + &write::collate(column.collation.as_ref())
}

/// `GENERATED ALWAYS AS (…)`, with a space before it.
fn generated_clause(column: &Column) -> String {
    let Some(generated) = &column.generated else { return String::new() };
    let (expression, kind) = match generated.strip_suffix(" VIRTUAL") {
        Some(expression) => (expression, "VIRTUAL"),
        None => (generated.as_str(), "STORED"),
    };
    format!(" GENERATED ALWAYS AS ({expression}) {kind}")
}

/// The default as it stands behind `DEFAULT`: as the server printed it, if one did.
fn default_text(column: &Column) -> Option<String> {
    let default = column.default.as_ref()?;
    let printed = column.default_expression.clone();
    Some(printed.unwrap_or_else(|| expression(default, &column.r#type)))
}

/// A default as it stands behind `DEFAULT`, in one of the ways to say it.
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
