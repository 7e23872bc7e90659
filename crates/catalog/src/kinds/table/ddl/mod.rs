//! The SQL of tables.

mod column;
mod constraint;
mod identity;
mod place;
pub(crate) mod type_change;

use super::{Persistence, ReplicaIdentity, Table};
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Loss, Part, Statement, write};
use crate::{Kind, Name, Pair, quoted};

impl Ddl for Table {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let this = Address::whole(Kind::Table, &self.name);
        let mut elements = vec![self.whole(&this, context)];
        for column in &self.columns {
            elements.extend(self.column_elements(column, &this, context));
        }
        elements.extend(self.constraint_elements(&this, context));
        elements.extend(self.place_elements(&this, context));
        elements.extend(self.setting_elements(&this, context));
        let on = format!("TABLE {}", write::name(&self.name));
        elements.extend(write::comment(&this, on, self.comment.as_deref()));
        elements
    }

    fn alter(tables: Pair<&Self>, part: &Part) -> Option<Alteration> {
        match part {
            Part::Column(name) => type_change::alter(tables, name),
            Part::Identity(name) => identity::alter(tables, name),
            Part::Constraint(name) => constraint::alter(tables, name),
            Part::Whole
            | Part::Default(_)
            | Part::NotNull(_)
            | Part::Parent(_)
            | Part::Setting(_)
            | Part::Comment(_) => None,
        }
    }
}

impl Table {
    /// `ALTER TABLE` with one clause; `ONLY` keeps PostgreSQL from doing it to partitions as well,
    /// which have elements of their own.
    fn alter(&self, only: bool, clause: &str) -> Statement {
        alter(&self.name, only, clause)
    }

    fn whole(&self, this: &Address, context: &Context<'_>) -> Element {
        let table = write::name(&self.name);
        let lines: Vec<String> = self
            .inline_columns(this, context)
            .chain(self.inline_constraints(this, context))
            .collect();
        let list = match lines.as_slice() {
            [] => String::new(),
            lines => format!("\n    {}\n", lines.join(",\n    ")),
        };
        let special = |key: &str| {
            let mut options = self.options.iter().filter_map(|option| option.split_once('='));
            options.find_map(|(found, value)| (found == key).then(|| quoted(value)))
        };
        let is_parameter =
            |option: &&String| !SPECIAL_OPTIONS.contains(&write::key(option.as_str()));
        let parents: Vec<String> = self.inherits.iter().map(write::name).collect();
        let sql = format!(
            "CREATE {}TABLE {table} ({list}){}{}{}{}{}",
            if self.persistence == Persistence::Unlogged { "UNLOGGED " } else { "" },
            write::listed("INHERITS", &parents),
            write::clause("PARTITION BY", self.partition_key.as_ref()),
            write::clause("USING", special("access_method")),
            write::listed("WITH", &write::parameters(self.options.iter().filter(is_parameter))),
            write::clause("TABLESPACE", special("tablespace")),
        );
        let drop = Statement::new(format!("DROP TABLE {table}"))
            .exclusively(&self.name)
            .losing(Loss::Table(self.name.clone()));
        let mut element = Element::new(this.clone(), vec![Statement::new(sql)], vec![drop])
            .same_by(self.partition_key.clone().unwrap_or_default())
            .needs([write::schema(&self.name)])
            .after(self.inherits.iter().map(|parent| Address::whole(Kind::Table, parent)))
            .slot(write::relation_slot(&self.name))
            .slot(write::type_slot(&self.name));
        if !self.inherits.is_empty() {
            element.made_after = self.what_parents_have(this, context);
        }
        element.holds_data = true;
        // A partition is dropped before what it is a part of.
        element.after.extend(
            self.partition_of.iter().map(|place| Address::whole(Kind::Table, &place.parent)),
        );
        element
    }

    /// What `ALTER TABLE` switches on and off.
    fn setting_elements(&self, this: &Address, context: &Context<'_>) -> Vec<Element> {
        let mut elements = Vec::new();
        let setting = |name: &str, on: &str, off: &str| {
            let part = Part::Setting(name.to_owned());
            Element::setting(this, part, self.alter(true, on), self.alter(true, off))
        };
        if self.persistence == Persistence::Unlogged {
            // Keys of tables that stay may not refer to one that is lost after a crash.
            let others = context.referring(&self.name).filter(|other| **other != self.name);
            let of = |other: &Name| unlogged(&Address::whole(Kind::Table, other));
            let lost = setting("unlogged", "SET UNLOGGED", "SET LOGGED");
            let lost = lost.comes_with(this.clone()).after(others.map(of));
            elements.push(lost.slot(durability_slot(&self.name)));
        }
        if self.row_security {
            elements.push(setting(
                "row security",
                "ENABLE ROW LEVEL SECURITY",
                "DISABLE ROW LEVEL SECURITY",
            ));
        }
        if self.force_row_security {
            elements.push(setting(
                "forced row security",
                "FORCE ROW LEVEL SECURITY",
                "NO FORCE ROW LEVEL SECURITY",
            ));
        }
        let index = |name: &String| context.index(&self.name, name);
        let identity = match (self.replica_identity, &self.replica_identity_index) {
            (ReplicaIdentity::Default, _) => None,
            (ReplicaIdentity::Nothing, _) => Some("NOTHING".to_owned()),
            (ReplicaIdentity::Index, Some(index)) => Some(format!("USING INDEX {}", quoted(index))),
            (ReplicaIdentity::Full | ReplicaIdentity::Index, _) => Some("FULL".to_owned()),
        };
        if let Some(identity) = identity {
            let on = format!("REPLICA IDENTITY {identity}");
            elements.push(
                setting("replica identity", &on, "REPLICA IDENTITY DEFAULT")
                    .needs(self.replica_identity_index.iter().map(index)),
            );
        }
        if let Some(clustered) = &self.clustered_on {
            let on = format!("CLUSTER ON {}", quoted(clustered));
            elements
                .push(setting("clustering", &on, "SET WITHOUT CLUSTER").needs([index(clustered)]));
        }
        for option in &self.options {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            elements.push(match key {
                "of" => setting("type", &format!("OF {value}"), "NOT OF"),
                "tablespace" => setting(
                    key,
                    &format!("SET TABLESPACE {}", quoted(value)),
                    "SET TABLESPACE pg_default",
                )
                .comes_with(this.clone()),
                "access_method" => setting(
                    key,
                    &format!("SET ACCESS METHOD {}", quoted(value)),
                    "SET ACCESS METHOD heap",
                )
                .comes_with(this.clone()),
                _ => {
                    let on = format!("SET ({})", write::parameter(option));
                    let off = format!("RESET ({})", write::parameter_name(key));
                    let mut setting = setting(key, &on, &off).comes_with(this.clone());
                    if key.starts_with("toast.") {
                        // It goes with the TOAST table when no column needs one for a moment.
                        setting.needs.extend(self.columns.iter().map(|it| this.column(&it.name)));
                        setting.survives_retyping = false;
                    }
                    setting
                }
            });
        }
        elements
    }
}

/// What [`Table::options`] holds besides storage parameters.
const SPECIAL_OPTIONS: [&str; 3] = ["access_method", "tablespace", "of"];

/// `ALTER TABLE` with one clause.
/// What only the keys of tables that stay may have of a table, or that it is lost after a crash.
fn durability_slot(table: &Name) -> String {
    format!("durability of {table}")
}

/// That a table is unlogged.
fn unlogged(table: &Address) -> Address {
    table.with(Part::Setting("unlogged".to_owned()))
}

fn alter(table: &Name, only: bool, clause: &str) -> Statement {
    let only = if only { "ONLY " } else { "" };
    Statement::new(format!("ALTER TABLE {only}{} {clause}", write::name(table))).exclusively(table)
}
