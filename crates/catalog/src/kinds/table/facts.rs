//! What there is to say about a table: each column and each constraint by name, in any order.

use std::fmt::Write as _;

use super::{
    Check, Column, Exclusion, ForeignKey, Identity, Partition, Persistence, PrimaryKey,
    ReplicaIdentity, Table,
};
use crate::facts::Facts;
use crate::{Qualification, quoted, sql};

const NAMES: &Qualification = &Qualification::Always;

pub(super) fn of(table: &Table) -> Facts {
    let Table {
        name: _,
        columns,
        primary_key: key,
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
        replica_identity_index,
        clustered_on,
        options,
        comment,
    } = table;
    let mut facts = Facts::default();
    for defined in columns {
        column(&mut facts, defined);
    }
    if let Some(key) = key {
        primary_key(&mut facts, key);
    }
    for key in foreign_keys {
        foreign_key(&mut facts, key);
    }
    for Check { name, definition, unsettled: _, inherited: _, comment } in checks {
        facts.constraint("checks", name, definition, comment.as_deref());
    }
    for Exclusion { name, definition, comment } in exclusions {
        facts.constraint("exclusions", name, definition, comment.as_deref());
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
    facts.maybe("replica_identity_index", replica_identity_index.as_deref());
    facts.maybe("clustered_on", clustered_on.as_deref());
    facts.list("options", options);
    facts.maybe("comment", comment.as_deref());
    facts
}

fn column(facts: &mut Facts, column: &Column) {
    let Column {
        name,
        r#type,
        nullable,
        default,
        default_expression: _,
        identity,
        identity_options,
        generated,
        collation,
        inherited: _,
        options,
        comment,
    } = column;
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
    particulars.extend(list(identity_options).map(|options| ("identity_options", options)));
    particulars.extend(list(options).map(|options| ("options", options)));
    particulars.extend(comment.clone().map(|comment| ("comment", comment)));
    if !nullable {
        text.push_str(" NOT NULL");
    }
    facts.particular(format!("columns.{name}"), text, particulars);
}

fn primary_key(facts: &mut Facts, key: &PrimaryKey) {
    let PrimaryKey {
        name,
        columns,
        include,
        deferrable,
        initially_deferred,
        without_overlaps,
        options,
        parent,
        comment,
    } = key;
    let mut columns = sql::columns(columns);
    if *without_overlaps {
        columns.push_str(" WITHOUT OVERLAPS");
    }
    let mut text = format!("CONSTRAINT {} PRIMARY KEY ({columns})", quoted(name));
    let mut particulars = vec![("name", name.clone()), ("columns", columns)];
    if !include.is_empty() {
        let include = sql::columns(include);
        // Writing to a string cannot fail.
        let _ = write!(text, " INCLUDE ({include})");
        particulars.push(("include", include));
    }
    if let Some(deferral) = deferral(*deferrable, *initially_deferred) {
        let _ = write!(text, " {deferral}");
        particulars.push(("deferral", deferral.to_owned()));
    }
    particulars.extend(list(options).map(|options| ("options", options)));
    particulars.extend(parent.as_ref().map(|parent| ("part_of", parent.to_string())));
    particulars.extend(comment.clone().map(|comment| ("comment", comment)));
    facts.particular("primary_key".to_owned(), text, particulars);
}

fn foreign_key(facts: &mut Facts, key: &ForeignKey) {
    let ForeignKey {
        name,
        columns,
        referenced_table,
        referenced_columns,
        on_delete,
        on_delete_columns,
        on_update,
        match_full,
        deferrable,
        initially_deferred,
        validated,
        enforced,
        period,
        inherited: _,
        comment,
    } = key;
    let columns = key_columns(columns, *period);
    let references =
        format!("{}({})", NAMES.name(referenced_table), key_columns(referenced_columns, *period));
    let mut on_delete = sql::action(*on_delete).to_owned();
    if !on_delete_columns.is_empty() {
        let _ = write!(on_delete, " ({})", sql::columns(on_delete_columns));
    }
    let on_update = sql::action(*on_update);
    let validation = match (enforced, validated) {
        (false, _) => Some("NOT ENFORCED"),
        (true, false) => Some("NOT VALID"),
        (true, true) => None,
    };
    let rest = [
        ("match", match_full.then_some("MATCH FULL")),
        ("deferral", deferral(*deferrable, *initially_deferred)),
        ("validation", validation),
    ];
    let mut text = format!(
        "FOREIGN KEY ({columns}) REFERENCES {references} ON DELETE {on_delete} ON UPDATE {on_update}"
    );
    let mut particulars = vec![
        ("columns", columns),
        ("references", references),
        ("on_delete", on_delete),
        ("on_update", on_update.to_owned()),
    ];
    for (name, clause) in rest.into_iter().filter_map(|(name, clause)| Some((name, clause?))) {
        let _ = write!(text, " {clause}");
        particulars.push((name, clause.to_owned()));
    }
    particulars.extend(comment.clone().map(|comment| ("comment", comment)));
    facts.particular(format!("foreign_keys.{name}"), text, particulars);
}

/// The columns on a side of a foreign key, of which the last may be a period of time.
pub(super) fn key_columns(columns: &[String], period: bool) -> String {
    match columns.split_last() {
        Some((last, [])) if period => format!("PERIOD {}", quoted(last)),
        Some((last, others)) if period => {
            format!("{}, PERIOD {}", sql::columns(others), quoted(last))
        }
        Some(_) | None => sql::columns(columns),
    }
}

pub(super) fn deferral(deferrable: bool, initially_deferred: bool) -> Option<&'static str> {
    match (deferrable, initially_deferred) {
        (_, true) => Some("DEFERRABLE INITIALLY DEFERRED"),
        (true, false) => Some("DEFERRABLE"),
        (false, false) => None,
    }
}

fn list(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join(", "))
}
