//! The SQL of a table's place below others: as a partition, or inheriting.

use super::super::{Column, Partition, Table};
use super::alter;
use crate::ddl::{Address, Context, Element, Part, Statement, write};
use crate::{Kind, Name, Pair, quoted};

impl Table {
    pub(super) fn place_elements(&self, this: &Address, context: &Context<'_>) -> Vec<Element> {
        let table = write::name(&self.name);
        let mut elements = Vec::new();
        if let Some(Partition { parent, bound }) = &self.partition_of {
            let attach = alter(parent, true, &format!("ATTACH PARTITION {table} {bound}"));
            let detach = alter(parent, true, &format!("DETACH PARTITION {table}"));
            let part = Part::Parent(parent.to_string());
            // With its own indexes and constraints in place, PostgreSQL makes none up.
            let key = self.primary_key.iter().filter(|key| key.parent.is_some());
            let constraints = key
                .map(|key| &key.name)
                .chain(self.exclusions.iter().map(|exclusion| &exclusion.name));
            let indexes = context.indexes(&self.name).iter();
            let indexes = indexes
                .filter(|index| index.parent.is_some())
                .map(|index| Address::whole(Kind::Index, &index.name));
            let element = Element::new(this.with(part), vec![attach], vec![detach])
                .needs([Address::whole(Kind::Table, parent)])
                .after(constraints.map(|name| this.constraint(name)).chain(indexes))
                .after(self.what_children_have(context))
                .after(self.what_parents_have(this, context))
                .slot(format!("place of {}", self.name));
            // PostgreSQL gives a partition the triggers of its parent.
            let triggers = context.triggers(parent).iter();
            let slots =
                triggers.map(|trigger| format!("trigger {} on {}", trigger.name, self.name));
            let element =
                Element { slots: element.slots.iter().cloned().chain(slots).collect(), ..element };
            elements.push(if context.is_referenced(parent) {
                // A foreign key to the whole keeps its partitions from being dropped.
                element.needs([this.clone()])
            } else {
                element.within(this.clone())
            });
        }
        for parent in &self.inherits {
            let name = write::name(parent);
            elements.push(
                Element::new(
                    this.with(Part::Parent(parent.to_string())),
                    vec![self.alter(false, &format!("INHERIT {name}"))],
                    self.leave(parent, context),
                )
                .within(this.clone())
                .needs([Address::whole(Kind::Table, parent)])
                .after(self.what_children_have(context))
                .after(self.what_parents_have(this, context))
                .comes_with(this.clone()),
            );
        }
        elements
    }

    /// Stops inheriting. PostgreSQL takes a check that is the table's own for one that was handed down, and
    /// fails, when the parent has one of that name that it hands down to nobody.
    fn leave(&self, parent: &Name, context: &Context<'_>) -> Vec<Statement> {
        let kept = context.catalog.tables.get(parent).into_iter().flat_map(|it| &it.checks);
        let kept = kept.filter(|check| check.definition.ends_with(" NO INHERIT"));
        let namesakes = kept.filter(|kept| self.checks.iter().any(|own| own.name == kept.name));
        let names =
            namesakes.map(|check| Pair::new(check.name.clone(), format!("{}_old", check.name)));
        let names: Vec<Pair<String>> = names.collect();
        let rename = |from: &str, to: &str| {
            let clause = format!("RENAME CONSTRAINT {} TO {}", quoted(from), quoted(to));
            self.alter(true, &clause)
        };
        let leave = self.alter(false, &format!("NO INHERIT {}", write::name(parent)));
        let aside = names.iter().map(|name| rename(&name.actual, &name.desired));
        let back = names.iter().map(|name| rename(&name.desired, &name.actual));
        aside.chain([leave]).chain(back).collect()
    }

    /// What the tables above this one are to have by the time that it joins them.
    pub(super) fn what_parents_have(&self, this: &Address, context: &Context<'_>) -> Vec<Address> {
        let parents = self.parents(this).into_iter();
        let parents = parents.filter_map(|(parent, _)| context.catalog.tables.get(parent));
        parents.flat_map(|parent| parent.what_children_have(context)).collect()
    }

    /// What all tables below this one have as well. Left out is what can only be made behind the table.
    fn what_children_have(&self, context: &Context<'_>) -> Vec<Address> {
        let this = Address::whole(Kind::Table, &self.name);
        let columns = self.columns.iter().flat_map(|Column { name, .. }| {
            let [default, not_null] = [Part::Default, Part::NotNull].map(|part| part(name.clone()));
            [this.column(name), this.with(default), this.with(not_null)]
        });
        let checks = self.checks.iter().map(|check| this.constraint(&check.name));
        columns.chain(checks).filter(|part| !context.is_circular(part)).collect()
    }

    /// The tables above this one, each with the address of the tie.
    pub(super) fn parents(&self, this: &Address) -> Vec<(&Name, Address)> {
        let partition = self.partition_of.as_ref().map(|place| &place.parent);
        let parents = partition.into_iter().chain(&self.inherits);
        parents.map(|parent| (parent, this.with(Part::Parent(parent.to_string())))).collect()
    }
}
