//! What there is to say about a table: each column and each constraint by name, in any order.

use super::{
    Check, Column, Exclusion, ForeignKey, Identity, Partition, Persistence, PrimaryKey,
    ReplicaIdentity, Table,
};
use crate::facts::Facts;
use crate::{Qualification, sql};

const NAMES: &Qualification = &Qualification::Always;

pub(super) fn of(table: &Table) -> Facts {
    let Table {
        name: _,
        columns,
        primary_key,
        foreign_keys,
        checks,
        exclusions,
        persistence,
        partition_key,
        partition_of,
        inherits,
        row_security,
        force_row_security,
        replica_identity,
        options,
        comment,
    } = table;
    let mut facts = Facts::default();
    for defined in columns {
        column(&mut facts, defined);
    }
    facts.maybe("primary_key", primary_key.as_ref().map(key));
    for key in foreign_keys {
        facts.named("foreign_keys", &key.name, foreign_key(key));
    }
    for Check { name, definition } in checks {
        facts.named("checks", name, definition);
    }
    for Exclusion { name, definition } in exclusions {
        facts.named("exclusions", name, definition);
    }
    facts.flag("unlogged", *persistence == Persistence::Unlogged);
    facts.maybe("partition_key", partition_key.as_deref());
    let place =
        partition_of.as_ref().map(|Partition { parent, bound }| format!("{parent} {bound}"));
    facts.maybe("partition_of", place);
    facts.list("inherits", &inherits.iter().map(ToString::to_string).collect::<Vec<_>>());
    facts.flag("row_security", *row_security);
    facts.flag("force_row_security", *force_row_security);
    facts.maybe(
        "replica_identity",
        match replica_identity {
            ReplicaIdentity::Default => None,
            ReplicaIdentity::Nothing => Some("NOTHING"),
            ReplicaIdentity::Full => Some("FULL"),
            ReplicaIdentity::Index => Some("USING INDEX"),
        },
    );
    facts.list("options", options);
    facts.maybe("comment", comment.as_deref());
    facts
}

fn column(facts: &mut Facts, column: &Column) {
    let Column { name, r#type, nullable, default, identity, generated, collation, comment } =
        column;
    let type_text = sql::column_type(r#type, NAMES);
    let mut text = type_text.clone();
    let mut particulars = vec![("type", type_text), ("nullable", nullable.to_string())];
    let mut add = |name, clause: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&clause.replace("{}", &value));
            particulars.push((name, value));
        }
    };
    add("collation", " COLLATE {}", collation.as_ref().map(|name| NAMES.name(name)));
    let default = default.as_ref().map(|value| sql::default(value, r#type, NAMES));
    add("default", " DEFAULT {}", default);
    let identity = identity.map(|identity| match identity {
        Identity::Always => "ALWAYS".to_owned(),
        Identity::ByDefault => "BY DEFAULT".to_owned(),
    });
    add("identity", " GENERATED {} AS IDENTITY", identity);
    add("generated", " GENERATED ALWAYS AS {}", generated.clone());
    particulars.extend(comment.clone().map(|comment| ("comment", comment)));
    if !nullable {
        text.push_str(" NOT NULL");
    }
    facts.particular(format!("columns.{name}"), text, particulars);
}

fn key(key: &PrimaryKey) -> String {
    let PrimaryKey { name: _, columns: _, include, deferrable, initially_deferred } = key;
    let include = match include.as_slice() {
        [] => String::new(),
        columns => format!(" INCLUDE ({})", sql::columns(columns)),
    };
    let deferral = deferral(*deferrable, *initially_deferred);
    format!("{}{include}{deferral}", sql::primary_key(key, ", "))
}

fn foreign_key(key: &ForeignKey) -> String {
    let ForeignKey {
        name: _,
        columns,
        referenced_table,
        referenced_columns,
        on_delete,
        on_update,
        match_full,
        deferrable,
        initially_deferred,
        validated,
    } = key;
    format!(
        "FOREIGN KEY ({}) REFERENCES {}({}){} ON DELETE {} ON UPDATE {}{}{}",
        sql::columns(columns),
        NAMES.name(referenced_table),
        sql::columns(referenced_columns),
        if *match_full { " MATCH FULL" } else { "" },
        sql::action(*on_delete),
        sql::action(*on_update),
        deferral(*deferrable, *initially_deferred),
        if *validated { "" } else { " NOT VALID" },
    )
}

fn deferral(deferrable: bool, initially_deferred: bool) -> &'static str {
    match (deferrable, initially_deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    }
}
