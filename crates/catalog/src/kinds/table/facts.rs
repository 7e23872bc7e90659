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
        foreign_key(&mut facts, key);
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

fn foreign_key(facts: &mut Facts, key: &ForeignKey) {
    let ForeignKey {
        name,
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
    let columns = sql::columns(columns);
    let references =
        format!("{}({})", NAMES.name(referenced_table), sql::columns(referenced_columns));
    let (on_delete, on_update) = (sql::action(*on_delete), sql::action(*on_update));
    let match_clause = if *match_full { " MATCH FULL" } else { "" };
    let deferral = deferral(*deferrable, *initially_deferred);
    let validation = if *validated { "" } else { " NOT VALID" };
    let text = format!(
        "FOREIGN KEY ({columns}) REFERENCES {references}{match_clause} ON DELETE {on_delete} ON UPDATE \
         {on_update}{deferral}{validation}"
    );
    let mut particulars = vec![
        ("columns", columns),
        ("references", references),
        ("on_delete", on_delete.to_owned()),
        ("on_update", on_update.to_owned()),
    ];
    for (name, clause) in
        [("match", match_clause), ("deferral", deferral), ("validation", validation)]
    {
        if !clause.is_empty() {
            particulars.push((name, clause.trim_start().to_owned()));
        }
    }
    facts.particular(format!("foreign_keys.{name}"), text, particulars);
}

fn deferral(deferrable: bool, initially_deferred: bool) -> &'static str {
    match (deferrable, initially_deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    }
}
