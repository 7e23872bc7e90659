//! The SQL of primary keys, foreign keys, check and exclusion constraints.

use super::super::{
    Check, Exclusion, ForeignKey, Persistence, PrimaryKey, ReferentialAction, Table,
};
use super::{alter as alter_table, durability_slot, unlogged};
use crate::ddl::{
    Address, Alteration, Context, Element, Follows, LockMode, Part, Statement, write,
};
use crate::kinds::index::ddl::attachment;
use crate::kinds::index::{Index, IndexKey, UniqueConstraint};
use crate::kinds::table::facts;
use crate::{Kind, Name, Pair, quoted, sql};

impl Table {
    /// The constraints that `CREATE TABLE` lists.
    pub(super) fn inline_constraints<'a>(
        &'a self,
        this: &'a Address,
        context: &'a Context<'a>,
    ) -> impl Iterator<Item = String> + 'a {
        let checks = self.checks.iter().filter(|check| {
            !self.is_check_inherited(check) && is_check_inline(check, this, context)
        });
        let key = self.primary_key.iter().filter(|key| self.is_key_inline(key));
        let check =
            |check: &Check| format!("CONSTRAINT {} {}", quoted(&check.name), check.definition);
        checks.map(check).chain(key.map(primary_key))
    }

    /// The primary key of a partitioned table is made when its partitions are in their places; that of
    /// a partition before, when it is to be a part of the parent's.
    fn is_key_inline(&self, key: &PrimaryKey) -> bool {
        self.partition_key.is_none() && (self.partition_of.is_none() || key.parent.is_some())
    }

    /// Whether a table that inherits has the constraint from its parent alone.
    fn is_check_inherited(&self, check: &Check) -> bool {
        check.inherited && !self.inherits.is_empty()
    }

    pub(super) fn constraint_elements(
        &self,
        this: &Address,
        context: &Context<'_>,
    ) -> Vec<Element> {
        let mut elements = Vec::new();
        if let Some(key) = &self.primary_key {
            elements.extend(self.primary_key_elements(key, this, context));
        }
        for key in &self.foreign_keys {
            elements.extend(self.foreign_key_elements(key, this, context));
        }
        for check in &self.checks {
            elements.extend(self.check_elements(check, this, context));
        }
        for exclusion in &self.exclusions {
            let Exclusion { name, definition, comment } = exclusion;
            let add = self.add(name, definition, false);
            let mut element = self.constraint(this, name, add, false);
            element.slots.push(write::relation_slot(&write::beside(&self.name, name)));
            elements.extend(self.comment(&element, name, comment.as_deref()));
            elements.push(element);
        }
        elements
    }

    fn add(&self, name: &str, definition: &str, only: bool) -> Statement {
        self.alter(only, &format!("ADD CONSTRAINT {} {definition}", quoted(name)))
    }

    /// The element of a constraint that is made so.
    fn constraint(&self, this: &Address, name: &str, add: Statement, only: bool) -> Element {
        let drop = self.alter(only, &format!("DROP CONSTRAINT {}", quoted(name)));
        let mut element = Element::new(this.constraint(name), vec![add], vec![drop])
            .within(this.clone())
            .slot(self.constraint_slot(name));
        element.survives_retyping = true;
        element
    }

    fn comment(&self, of: &Element, name: &str, comment: Option<&str>) -> Option<Element> {
        let on = format!("CONSTRAINT {} ON {}", quoted(name), write::name(&self.name));
        write::comment(&of.address, on, comment)
    }

    fn primary_key_elements(
        &self,
        key: &PrimaryKey,
        this: &Address,
        context: &Context<'_>,
    ) -> Vec<Element> {
        let is_partitioned = self.partition_key.is_some();
        let add = self.alter(is_partitioned, &format!("ADD {}", primary_key(key)));
        let index = write::beside(&self.name, &key.name);
        let mut element = self
            .constraint(this, &key.name, add, false)
            .needs(key.columns.iter().chain(&key.include).map(|column| this.column(column)))
            .needs(key.columns.iter().map(|column| this.with(Part::NotNull(column.clone()))))
            .slot(write::relation_slot(&index))
            .slot(format!("primary key of {}", self.name))
            .made_after(context.attachments(&self.name));
        // As with other indexes.
        element.survives_retyping =
            key.include.is_empty() && !is_partitioned && key.parent.is_none();
        if self.is_key_inline(key) {
            element.comes_with = Some(this.clone());
        } else if key.parent.is_none() {
            element.made_after.extend(context.place(&self.name));
        }
        element.not_before =
            self.index_of_key().map(|index| index.not_before(context)).unwrap_or_default();
        let mut elements = Vec::new();
        elements.extend(self.comment(&element, &key.name, key.comment.as_deref()));
        if let Some(parent) = &key.parent {
            elements.push(attachment(context, &element.address, &index, &self.name, parent));
        }
        elements.push(element);
        elements
    }

    /// The index of the primary key.
    pub(crate) fn index_of_key(&self) -> Option<Index> {
        let key = self.primary_key.as_ref()?;
        let column = |column: &String| IndexKey {
            column: Some(column.clone()),
            expression: None,
            operator_class: None,
            collation: None,
            descending: false,
            nulls_first: false,
        };
        Some(Index {
            name: write::beside(&self.name, &key.name),
            table: self.name.clone(),
            method: if key.without_overlaps { "gist" } else { "btree" }.to_owned(),
            unique: true,
            keys: key.columns.iter().map(column).collect(),
            include: key.include.clone(),
            predicate: None,
            nulls_not_distinct: false,
            constraint: Some(UniqueConstraint {
                deferrable: key.deferrable,
                initially_deferred: key.initially_deferred,
                without_overlaps: key.without_overlaps,
            }),
            valid: true,
            parent: key.parent.clone(),
            options: key.options.clone(),
            comment: key.comment.clone(),
        })
    }

    fn foreign_key_elements(
        &self,
        key: &ForeignKey,
        this: &Address,
        context: &Context<'_>,
    ) -> Vec<Element> {
        let clause = foreign_key(key);
        let add =
            self.add(&key.name, &clause, false).locking(LockMode::ShareRowExclusive, &self.name);
        let referenced = context.relation(&key.referenced_table);
        let mut element = self
            .constraint(this, &key.name, add, false)
            .needs(key.columns.iter().map(|column| this.column(column)))
            .needs(key.referenced_columns.iter().map(|column| referenced.column(column)))
            .needs([referenced])
            .after([unlogged(this)]);
        if let Some((address, index)) = referenced_index(key, context) {
            // The server tells which one it is, if there are several.
            let is_index = |needed: &Address| {
                needed.kind == Kind::Index || matches!(needed.part, Part::Constraint(_))
            };
            if !context.dependencies(&element.address).any(|needed| is_index(&needed)) {
                element.needs.push(address);
            }
            // A partition gets the key when its parent does, or when it joins it.
            if !key.inherited {
                element.made_after = context.index_ties(&index);
            }
        }
        if self.persistence == Persistence::Permanent {
            element.slots.push(durability_slot(&key.referenced_table));
        }
        element.survives_retyping = false;
        element.drops_first = !key.inherited;
        element.may_take = self.names_of_parts(key, context);
        if key.inherited {
            element.follows = self.follows(this, context, true, |parent| {
                let mut twins = parent.foreign_keys.iter().filter(|it| foreign_key(it) == clause);
                // Two keys may do the same; PostgreSQL keeps the name where that is free.
                let first = twins.next()?;
                let namesake = twins.find(|twin| twin.name == key.name && first.name != key.name);
                Some(namesake.unwrap_or(first).name.clone())
            });
        }
        let comment = self.comment(&element, &key.name, key.comment.as_deref());
        comment.into_iter().chain([element]).collect()
    }

    /// The slots of the keys that PostgreSQL makes for each partition of the table referred to, and names
    /// by itself.
    fn names_of_parts(&self, key: &ForeignKey, context: &Context<'_>) -> Vec<String> {
        let parts = context.partitions(&key.referenced_table).len();
        if parts == 0 {
            return Vec::new();
        }
        let name = format!("{}_{}_fkey", self.name.name, key.columns.join("_"));
        // One number for each of them, and for each other key that may have had one before.
        let numbers = 1..parts + self.foreign_keys.len();
        let names = numbers.map(|number| format!("{name}{number}"));
        std::iter::once(name.clone()).chain(names).map(|name| self.constraint_slot(&name)).collect()
    }

    fn constraint_slot(&self, name: &str) -> String {
        format!("constraint {name} on {}", self.name)
    }

    fn check_elements(&self, check: &Check, this: &Address, context: &Context<'_>) -> Vec<Element> {
        let Check { name, definition, unsettled, inherited, comment } = check;
        let is_parent = !context.children(&self.name).is_empty() && self.partition_key.is_none();
        let mut element = self.constraint(this, name, self.add(name, definition, false), is_parent);
        if is_check_inline(check, this, context) || self.is_check_inherited(check) {
            element.comes_with = Some(this.clone());
        }
        element.drops_first = context.is_circular(&element.address);
        element.unsettled = *unsettled;
        if *inherited {
            element.follows = self.follows(this, context, false, |parent| {
                let twin = parent.checks.iter().find(|other| other.name == *name);
                twin.map(|twin| twin.name.clone())
            });
        }
        let comment = self.comment(&element, name, comment.as_deref());
        let validation = self.validation(check, &element, context);
        comment.into_iter().chain(validation).chain([element]).collect()
    }

    /// That all rows of a partition were checked, when those of its parent were not: the parent's
    /// constraint, with which it is made, brings along that they were not.
    fn validation(
        &self,
        check: &Check,
        element: &Element,
        context: &Context<'_>,
    ) -> Option<Element> {
        let parent = &self.partition_of.as_ref().filter(|_| check.inherited)?.parent;
        let parents = &context.catalog.tables.get(parent)?.checks;
        let twin = parents.iter().find(|other| other.name == check.name)?;
        if !is_not_valid(twin) || is_not_valid(check) {
            return None;
        }
        let part = Part::Setting(format!("validation of {}", check.name));
        let validate = self
            .alter(false, &format!("VALIDATE CONSTRAINT {}", quoted(&check.name)))
            .locking(LockMode::ShareUpdateExclusive, &self.name);
        Some(
            Element::new(element.address.with(part), vec![validate], Vec::new())
                .within(element.address.clone()),
        )
    }

    /// The constraint of a parent that the function finds.
    fn follows(
        &self,
        this: &Address,
        context: &Context<'_>,
        joins: bool,
        find: impl Fn(&Self) -> Option<String>,
    ) -> Option<Follows> {
        self.parents(this).into_iter().find_map(|(parent, via)| {
            let name = find(context.catalog.tables.get(parent)?)?;
            let leader = Address::whole(Kind::Table, parent).constraint(&name);
            Some(Follows { leader, via, drops: self.partition_of.is_some(), joins })
        })
    }
}

fn is_check_inline(check: &Check, this: &Address, context: &Context<'_>) -> bool {
    !context.is_circular(&this.constraint(&check.name)) && !is_not_valid(check)
}

fn is_not_valid(check: &Check) -> bool {
    check.definition.ends_with(" NOT VALID")
}

/// The unique index that a foreign key leans on: one that checks at once.
fn referenced_index(key: &ForeignKey, context: &Context<'_>) -> Option<(Address, Name)> {
    let sorted = |columns: &[String]| {
        let mut columns = columns.to_vec();
        columns.sort();
        columns
    };
    let columns = sorted(&key.referenced_columns);
    let table = context.catalog.tables.get(&key.referenced_table)?;
    if let Some(primary) = &table.primary_key
        && sorted(&primary.columns) == columns
        && !primary.deferrable
    {
        let address = Address::whole(Kind::Table, &table.name).constraint(&primary.name);
        return Some((address, write::beside(&table.name, &primary.name)));
    }
    let index = context.unique_index(&table.name, &columns)?;
    Some((Address::whole(Kind::Index, &index.name), index.name.clone()))
}

/// A primary key as a table constraint.
fn primary_key(key: &PrimaryKey) -> String {
    let PrimaryKey {
        name,
        columns,
        include,
        deferrable,
        initially_deferred,
        without_overlaps,
        options,
        parent: _,
        comment: _,
    } = key;
    format!(
        "CONSTRAINT {} PRIMARY KEY ({}{}){}{}{}",
        quoted(name),
        sql::columns(columns),
        if *without_overlaps { " WITHOUT OVERLAPS" } else { "" },
        write::listed("INCLUDE", &write::all_quoted(include)),
        write::listed("WITH", &write::parameters(options)),
        write::word(facts::deferral(*deferrable, *initially_deferred)),
    )
}

impl ForeignKey {
    /// The key as it stands behind its name.
    pub(crate) fn definition(&self) -> String {
        foreign_key(self)
    }
}

/// A foreign key as it stands behind its name.
fn foreign_key(key: &ForeignKey) -> String {
    let ForeignKey {
        name: _,
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
        comment: _,
    } = key;
    let action = |action: &ReferentialAction| {
        (*action != ReferentialAction::NoAction).then(|| sql::action(*action))
    };
    let on_delete = match on_delete_columns.as_slice() {
        [] => write::clause("ON DELETE", action(on_delete)),
        columns => format!(" ON DELETE {} ({})", sql::action(*on_delete), sql::columns(columns)),
    };
    let validation = match (enforced, validated) {
        (false, _) => Some("NOT ENFORCED"),
        (true, false) => Some("NOT VALID"),
        (true, true) => None,
    };
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}){}{}{}{}{}",
        facts::key_columns(columns, *period),
        write::name(referenced_table),
        facts::key_columns(referenced_columns, *period),
        if *match_full { " MATCH FULL" } else { "" },
        write::clause("ON UPDATE", action(on_update)),
        on_delete,
        write::word(facts::deferral(*deferrable, *initially_deferred)),
        write::word(validation),
    )
}

/// Validates a constraint, or changes when it is checked.
pub(super) fn alter(tables: Pair<&Table>, name: &str) -> Option<Alteration> {
    let table = &tables.desired.name;
    let keeping =
        |statement: Statement| Alteration { keeps_needs: true, ..Alteration::of(vec![statement]) };
    let validate = |is_validated_only: bool| {
        is_validated_only.then(|| {
            let clause = format!("VALIDATE CONSTRAINT {}", quoted(name));
            let statement =
                alter_table(table, false, &clause).locking(LockMode::ShareUpdateExclusive, table);
            keeping(statement)
        })
    };
    let checks = tables.map(|table| table.checks.iter().find(|check| check.name == name));
    if let Pair { actual: Some(actual), desired: Some(desired) } = checks {
        let is_validated_only =
            actual.definition.strip_suffix(" NOT VALID") == Some(&desired.definition);
        return validate(is_validated_only);
    }
    let keys = tables.map(|table| table.foreign_keys.iter().find(|key| key.name == name));
    let Pair { actual: Some(actual), desired: Some(desired) } = keys else { return None };
    let deferral = |key: &ForeignKey| facts::deferral(key.deferrable, key.initially_deferred);
    let mut altered = actual.clone();
    altered.inherited = desired.inherited;
    altered.comment.clone_from(&desired.comment);
    if desired.validated && !actual.validated {
        altered.validated = true;
        if altered == *desired {
            return validate(true);
        }
    }
    altered = ForeignKey {
        deferrable: desired.deferrable,
        initially_deferred: desired.initially_deferred,
        ..altered
    };
    (altered == *desired).then(|| {
        let deferral = deferral(desired).unwrap_or("NOT DEFERRABLE");
        let clause = format!("ALTER CONSTRAINT {} {deferral}", quoted(name));
        keeping(alter_table(table, false, &clause))
    })
}
