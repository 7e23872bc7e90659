//! The SQL of identity columns.

use super::super::{Column, Identity, Table};
use super::alter as alter_table;
use crate::ddl::{Address, Alteration, Context, Element, Follows, Part, Statement, write};
use crate::{Pair, literal, quoted};

impl Table {
    /// That a column is an identity column.
    pub(super) fn identity_element(
        &self,
        column: &Column,
        this: &Address,
        context: &Context<'_>,
    ) -> Option<Element> {
        let address = this.column(&column.name);
        let identity = clause(column)?;
        let alter = |rest: &str| {
            self.alter(false, &format!("ALTER COLUMN {} {rest}", quoted(&column.name)))
        };
        let part = Part::Identity(column.name.clone());
        let mut element = Element::new(
            this.with(part.clone()),
            vec![alter(&format!("ADD {identity}")), catch_up(self, column)],
            vec![alter("DROP IDENTITY")],
        )
        .same_by(identity)
        .within(address.clone())
        .needs([this.with(Part::NotNull(column.name.clone()))])
        .slot(value_slot(self, column));
        element.survives_retyping = true;
        if self.partition_of.is_none() {
            let whole = comes_later(self, context).then(|| this.clone());
            element.comes_with = Some(whole.unwrap_or(address));
        } else {
            element.follows = self.twin(this, context, column).map(|twin| Follows {
                leader: twin.table.with(part),
                via: twin.via,
                drops: true,
                joins: true,
            });
        }
        Some(element)
    }
}

/// Whether a new column becomes an identity column by itself: PostgreSQL before 17 does not do it to
/// other tables along with this one.
pub(super) fn comes_later(table: &Table, context: &Context<'_>) -> bool {
    !context.children(&table.name).is_empty()
}

/// Lets the sequence of a column that becomes an identity column go on behind the values there are.
fn catch_up(table: &Table, column: &Column) -> Statement {
    let (name, of) = (quoted(&column.name), write::name(&table.name));
    let is_falling = column.identity_options.iter().any(|it| it.starts_with("INCREMENT -"));
    let (value, order) =
        if is_falling { (format!("min({name})"), "<=") } else { (format!("max({name})"), ">=") };
    Statement::new(format!(
        "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, {}), {value}) FROM {of} \
         HAVING {value} {order} {}",
        literal(&of),
        literal(&column.name),
        start(column),
    ))
}

/// The value that the sequence of an identity column begins with.
fn start(column: &Column) -> i64 {
    number(column, "START").unwrap_or(1)
}

fn number(column: &Column, key: &str) -> Option<i64> {
    let option = column.identity_options.iter().find_map(|option| option.strip_prefix(key))?;
    option.trim().parse().ok()
}

/// What gives a column its values, of which there can be one only.
pub(super) fn value_slot(table: &Table, column: &Column) -> String {
    format!("value of {} in {}", column.name, table.name)
}

/// `GENERATED … AS IDENTITY`.
pub(super) fn clause(column: &Column) -> Option<String> {
    let kind = kind(column.identity?);
    let options = match column.identity_options.as_slice() {
        [] => String::new(),
        options if number(column, "START").is_some() => format!(" ({})", options.join(" ")),
        // With other bounds, it would begin with one of those.
        options => format!(" (START 1 {})", options.join(" ")),
    };
    Some(format!("GENERATED {kind} AS IDENTITY{options}"))
}

fn kind(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

/// Changes who may give values, and the options of the sequence.
pub(super) fn alter(tables: Pair<&Table>, name: &str) -> Option<Alteration> {
    let find = |table: &Table| table.columns.iter().find(|column| column.name == name).cloned();
    let Pair { actual, desired } = tables.map(find);
    let (actual, desired) = (actual?, desired?);
    let mut clauses = Vec::new();
    if actual.identity != desired.identity {
        clauses.push(format!("SET GENERATED {}", kind(desired.identity?)));
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
    if is_out_of_range(Pair::new(&actual, &desired)) {
        clauses.push("RESTART".to_owned());
    }
    // All in one, since each must fit the others.
    let clause = format!("ALTER COLUMN {} {}", quoted(name), clauses.join(" "));
    Some(Alteration::of(vec![alter_table(&tables.desired.name, false, &clause)]))
}

/// Whether the values that an identity column began with are out of its range as it should be, so
/// that it has to begin again.
fn is_out_of_range(columns: Pair<&Column>) -> bool {
    let start = start(columns.actual);
    start < number(columns.desired, "MINVALUE").unwrap_or(1)
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
