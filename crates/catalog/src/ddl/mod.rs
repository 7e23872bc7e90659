//! The SQL that makes, alters and drops everything a catalog can hold.
//!
//! Where [`diff`](crate::diff) speaks Prisma's SQL about what the schema language knows, this speaks
//! of every kind. A catalog falls into [`Element`]s, the least things that SQL makes and drops by
//! themselves: an object, a column, a constraint, a setting, a comment. Each knows its SQL and what
//! it needs. What is done to which element, and in which order, is the planner's knowledge.
//!
//! Each kind's SQL is in `kinds/<kind>/ddl.rs`.

mod element;
mod statement;
pub(crate) mod write;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use element::{Address, Alteration, Binding, Element, Follows, Part, Swap};
pub use statement::{Lock, LockMode, Loss, Statement};

pub use crate::kinds::composite_type::conversion::{Conversion, conversion};
use crate::kinds::index::Index;
use crate::kinds::table::Table;
use crate::kinds::table::ddl::type_change::change_type;
use crate::kinds::trigger::Trigger;
use crate::{Catalog, Kind, Name, Object, Pair};

/// A kind of object that SQL can make, alter and drop.
pub(crate) trait Ddl: Object {
    /// Returns the object's elements, itself first.
    fn elements(&self, context: &Context<'_>) -> Vec<Element>;

    /// Returns how the part at an address that both sides have, and that differs, is changed in
    /// place; nothing when it has to be dropped and made again.
    fn alter(_objects: Pair<&Self>, _part: &Part) -> Option<Alteration> {
        None
    }
}

/// What an object must know of the rest of its catalog to be made.
pub(crate) struct Context<'a> {
    pub(crate) catalog: &'a Catalog,
    needs: BTreeMap<&'a Address, Vec<&'a Address>>,
    children: BTreeMap<&'a Name, Vec<&'a Table>>,
    indexes: BTreeMap<&'a Name, Vec<&'a Index>>,
    triggers: BTreeMap<&'a Name, Vec<&'a Trigger>>,
    /// What each index of a partitioned table consists of.
    index_parts: BTreeMap<&'a Name, Vec<IndexPart>>,
    /// The tables that foreign keys refer to, each with those that have the keys.
    referring: BTreeMap<&'a Name, BTreeSet<&'a Name>>,
}

/// A part of the index of a partitioned table.
struct IndexPart {
    name: Name,
    /// The address of its tie to that index.
    tie: Address,
    is_constraint: bool,
}

impl<'a> Context<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        let mut needs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for dependency in &catalog.dependencies {
            needs.entry(&dependency.dependent).or_default().push(&dependency.needs);
        }
        let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for table in catalog.tables.iter() {
            let parent = table.partition_of.as_ref().map(|place| &place.parent);
            for parent in parent.into_iter().chain(&table.inherits) {
                children.entry(parent).or_default().push(table);
            }
        }
        let mut indexes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut index_parts: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for index in catalog.indexes.iter() {
            indexes.entry(&index.table).or_default().push(index);
            if let Some(parent) = &index.parent {
                let tie = index_tie(&Address::whole(Kind::Index, &index.name), &index.name, parent);
                let is_constraint = index.constraint.is_some();
                let part = IndexPart { name: index.name.clone(), tie, is_constraint };
                index_parts.entry(parent).or_default().push(part);
            }
        }
        let mut referring: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for table in catalog.tables.iter() {
            for key in &table.foreign_keys {
                referring.entry(&key.referenced_table).or_default().insert(&table.name);
            }
            if let Some(key) = &table.primary_key
                && let Some(parent) = &key.parent
            {
                let name = write::beside(&table.name, &key.name);
                let address = Address::whole(Kind::Table, &table.name).constraint(&key.name);
                let tie = index_tie(&address, &name, parent);
                let part = IndexPart { name, tie, is_constraint: true };
                index_parts.entry(parent).or_default().push(part);
            }
        }
        let mut triggers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for trigger in catalog.triggers.iter() {
            triggers.entry(&trigger.table).or_default().push(trigger);
        }
        Self { catalog, needs, children, indexes, triggers, index_parts, referring }
    }

    /// What PostgreSQL says that an element needs.
    pub(crate) fn dependencies(&self, address: &Address) -> impl Iterator<Item = Address> {
        self.needs.get(address).into_iter().flatten().map(|needed| (*needed).clone())
    }

    /// The tables that are partitions of a table or inherit from it.
    pub(crate) fn children(&self, table: &Name) -> &[&'a Table] {
        self.children.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether an element needs functions that in turn need the object, so that it can only be made
    /// after it.
    pub(crate) fn is_circular(&self, address: &Address) -> bool {
        let object = address.object();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Address> = self.needs.get(address).cloned().unwrap_or_default();
        open.retain(|needed| needed.object() != object);
        while let Some(next) = open.pop() {
            if next.object() == object {
                return true;
            }
            if seen.insert(next) {
                open.extend(self.needs.get(next).into_iter().flatten());
            }
        }
        false
    }

    /// The address of a table, view, materialized view or foreign table.
    pub(crate) fn relation(&self, name: &Name) -> Address {
        let kind = if self.catalog.views.contains(name) {
            Kind::View
        } else if self.catalog.foreign_tables.contains(name) {
            Kind::ForeignTable
        } else {
            Kind::Table
        };
        Address::whole(kind, name)
    }

    /// The address of a type.
    pub(crate) fn r#type(&self, name: &Name) -> Address {
        let Catalog { enum_types, domains, composite_types, range_types, .. } = self.catalog;
        let kind = if enum_types.contains(name) {
            Kind::EnumType
        } else if domains.contains(name) {
            Kind::Domain
        } else if composite_types.contains(name) {
            Kind::CompositeType
        } else if range_types.contains(name) {
            Kind::RangeType
        } else {
            return self.relation(name);
        };
        Address::whole(kind, name)
    }

    /// The parts of a composite type or domain, and of the types of which it is made, that PostgreSQL
    /// does not change while a column holds values of it.
    pub(crate) fn parts_of_type(&self, r#type: &Name) -> Vec<Address> {
        let Catalog { composite_types, domains, .. } = self.catalog;
        let mut parts = Vec::new();
        // No type is made of itself.
        if let Some(composite) = composite_types.get(r#type) {
            let this = Address::whole(Kind::CompositeType, r#type);
            for attribute in &composite.attributes {
                parts.push(this.column(&attribute.name));
                parts.extend(self.parts_of_type(&attribute.r#type.name));
            }
        }
        if let Some(domain) = domains.get(r#type) {
            let this = Address::whole(Kind::Domain, r#type);
            parts.push(this.with(Part::NotNull(String::new())));
            parts.extend(domain.checks.iter().map(|check| this.constraint(&check.name)));
            parts.extend(self.parts_of_type(&domain.r#type.name));
        }
        parts
    }

    /// The address of a type whose id is all that is known of it.
    pub(crate) fn type_by_id(&self, id: &str) -> Address {
        let (schema, name) = id.split_once('.').unwrap_or(("", id));
        self.r#type(&Name::new(schema, name))
    }

    /// Whether a table has partitions, of which each has to have indexes of its own.
    pub(crate) fn is_partitioned(&self, table: &Name) -> bool {
        self.catalog.tables.get(table).is_some_and(|table| table.partition_key.is_some())
    }

    /// That the partitions of a table are in their places, which is when an index of the table is
    /// made: otherwise PostgreSQL would make indexes of its own choice for them.
    pub(crate) fn attachments(&self, table: &Name) -> Vec<Address> {
        if !self.is_partitioned(table) {
            return Vec::new();
        }
        let parent = Part::Parent(table.to_string());
        let children = self.children(table).iter();
        children
            .map(|child| Address::whole(Kind::Table, &child.name).with(parent.clone()))
            .collect()
    }

    /// The triggers of a table.
    pub(crate) fn triggers(&self, table: &Name) -> &[&'a Trigger] {
        self.triggers.get(table).map_or(&[], Vec::as_slice)
    }

    /// All partitions of a table, and theirs.
    pub(crate) fn partitions(&self, table: &Name) -> Vec<&'a Name> {
        let mut partitions = Vec::new();
        for child in self.children(table).iter().filter(|child| child.partition_of.is_some()) {
            partitions.push(&child.name);
            partitions.extend(self.partitions(&child.name));
        }
        partitions
    }

    /// The indexes of a table, without that of its primary key.
    pub(crate) fn indexes(&self, table: &Name) -> &[&'a Index] {
        self.indexes.get(table).map_or(&[], Vec::as_slice)
    }

    /// The indexes of a table, with that of its primary key.
    pub(crate) fn all_indexes(&self, table: &Name) -> Vec<Cow<'a, Index>> {
        let key = self.catalog.tables.get(table).and_then(Table::index_of_key);
        let indexes = self.indexes(table).iter().map(|index| Cow::Borrowed(*index));
        key.into_iter().map(Cow::Owned).chain(indexes).collect()
    }

    /// Whether a foreign key refers to the table.
    pub(crate) fn is_referenced(&self, table: &Name) -> bool {
        self.referring.contains_key(table)
    }

    /// The tables with foreign keys to the table.
    pub(crate) fn referring(&self, table: &Name) -> impl Iterator<Item = &'a Name> {
        self.referring.get(table).into_iter().flatten().copied()
    }

    /// The ties of all parts, and parts of parts, of an index of a partitioned table, without which it
    /// is not valid.
    pub(crate) fn index_ties(&self, index: &Name) -> Vec<Address> {
        let mut ties = Vec::new();
        for part in self.index_parts.get(index).into_iter().flatten() {
            ties.push(part.tie.clone());
            ties.extend(self.index_ties(&part.name));
        }
        ties
    }

    /// Whether a part of an index serves a constraint.
    pub(crate) fn has_constraint_below(&self, index: &Name) -> bool {
        let parts = self.index_parts.get(index).into_iter().flatten();
        parts.into_iter().any(|part| part.is_constraint || self.has_constraint_below(&part.name))
    }

    /// The unique index on those columns of a table, which are sorted.
    pub(crate) fn unique_index(&self, table: &Name, columns: &[String]) -> Option<&'a Index> {
        self.indexes(table)
            .iter()
            .filter(|index| index.unique)
            .filter(|index| !index.constraint.as_ref().is_some_and(|it| it.deferrable))
            .find(|index| {
                let mut keys: Vec<_> =
                    index.keys.iter().filter_map(|key| key.column.clone()).collect();
                keys.sort();
                keys == columns && index.predicate.is_none()
            })
            .copied()
    }

    /// That a table is a partition.
    pub(crate) fn place(&self, table: &Name) -> Option<Address> {
        let place = self.catalog.tables.get(table)?.partition_of.as_ref()?;
        let parent = Part::Parent(place.parent.to_string());
        Some(Address::whole(Kind::Table, table).with(parent))
    }

    /// That a table is a partition, and its parent is one, and so on.
    pub(crate) fn places(&self, table: &Name) -> Vec<Address> {
        let parent =
            |table: &&Name| Some(&self.catalog.tables.get(*table)?.partition_of.as_ref()?.parent);
        let tables = std::iter::successors(Some(table), parent);
        tables.filter_map(|table| self.place(table)).collect()
    }

    /// The address of the index of that name of a table: of its primary key, of an exclusion
    /// constraint, or its own.
    pub(crate) fn index(&self, table: &Name, index: &str) -> Address {
        let is_constraint = self.catalog.tables.get(table).is_some_and(|table| {
            table.primary_key.as_ref().is_some_and(|key| key.name == index)
                || table.exclusions.iter().any(|exclusion| exclusion.name == index)
        });
        if is_constraint {
            Address::whole(Kind::Table, table).constraint(index)
        } else {
            Address::whole(Kind::Index, &Name::new(table.schema.clone(), index))
        }
    }
}

/// The address of the tie between an index and that of a partitioned table that it is a part of.
pub(crate) fn index_tie(of: &Address, index: &Name, parent: &Name) -> Address {
    // A table may have several indexes, and their address may be the table's.
    of.with(Part::Parent(format!("{parent} of {index}")))
}

/// Returns all elements of a catalog by address.
pub fn elements(catalog: &Catalog) -> BTreeMap<Address, Element> {
    let context = Context::new(catalog);
    let mut elements = BTreeMap::new();
    catalog.visit_elements(&context, |mut element| {
        element.needs.extend(context.dependencies(&element.address));
        elements.insert(element.address.clone(), element);
    });
    elements
}

/// Returns how an element that both sides have, and that differs, is changed in place; nothing when
/// it has to be dropped and made again.
pub fn alter(catalogs: Pair<&Catalog>, elements: Pair<&Element>) -> Option<Alteration> {
    if elements.desired.overwrites {
        return Some(Alteration::of(elements.desired.create.clone()));
    }
    let positions = elements.map(|element| element.position);
    Catalog::alter(catalogs, positions, &elements.desired.address)
}

/// Returns how a column is moved from the old one of a type that is made anew to the new one.
pub fn move_column(catalogs: Pair<&Catalog>, columns: Pair<&Element>) -> Option<Alteration> {
    let Part::Column(name) = &columns.desired.address.part else { return None };
    let positions = columns.map(|element| element.position);
    let actual = catalogs.actual.tables.at(positions.actual)?;
    let desired = catalogs.desired.tables.at(positions.desired)?;
    change_type(catalogs, Pair::new(actual, desired), name)
}
