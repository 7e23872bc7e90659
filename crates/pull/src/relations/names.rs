//! What relations and their fields are called when no previous schema says so.
//!
//! The names are made of those in the database, even where the previous schema has others for models
//! and columns.
//!
//! Where two models have one relation between them, a field is called after the model on the other
//! side and the relation needs no name. Where they have more, or where the name is taken by a column of
//! the key, the relation gets a name made of model, columns and the other model, and its fields one
//! made of that. A many-to-many relation is named by its table.

use std::collections::{BTreeMap, BTreeSet};

use super::join_table::{is_join_table, sides};
use crate::context::Context;
use crate::database::{ForeignKey, Table};

/// The name of a relation, empty if it needs none, and those of its two fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct RelationName {
    pub(crate) relation: String,
    /// The field with the columns, or in the model behind column `A`.
    pub(crate) forward: String,
    /// The field on the other side.
    pub(crate) back: String,
}

/// A field of a relation, before it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldOf {
    /// The table with the foreign key, or the join table.
    pub(crate) table: usize,
    pub(crate) kind: FieldKind,
    pub(crate) direction: Direction,
}

/// What a field of a relation comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FieldKind {
    /// The foreign key at that position of its table.
    Inline(usize),
    /// A join table.
    ManyToMany,
}

/// Which of the two fields of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Back,
}

/// All relations.
#[derive(Debug, Default)]
pub(crate) struct RelationNames {
    inline: BTreeMap<(usize, usize), RelationName>,
    many_to_many: BTreeMap<usize, RelationName>,
    /// The fields of each table's model, in their order.
    fields: BTreeMap<usize, Vec<FieldOf>>,
}

/// Two tables, the first by position first.
type Ends = [usize; 2];

impl RelationNames {
    /// Finds and names every relation.
    pub(crate) fn new(context: &Context<'_>) -> Self {
        let tables = &context.database.tables;
        let is_join = |table: &Table<'_>| is_join_table(table, context.database);
        let (join, plain): (Vec<_>, Vec<_>) =
            tables.iter().zip(0..).partition(|(table, _)| is_join(table));
        let ambiguous = ambiguous(context, &join, &plain);
        let mut names = Self::default();
        for (table, at) in plain {
            for (key, position) in table.foreign_keys.iter().zip(0..) {
                let earlier = table.foreign_keys.iter().take(position);
                if earlier.clone().any(|other| is_same(other, key)) {
                    continue;
                }
                names.inline.insert((at, position), inline(context, at, key, &ambiguous));
                let kind = FieldKind::Inline(position);
                names.add(at, FieldOf { table: at, kind, direction: Direction::Forward });
                let back = FieldOf { table: at, kind, direction: Direction::Back };
                names.add(key.referenced_table, back);
            }
        }
        for (table, at) in join {
            let Some([a, b]) = sides(table) else { continue };
            names.many_to_many.insert(at, many_to_many(context, table, &ambiguous));
            let kind = FieldKind::ManyToMany;
            let forward = FieldOf { table: at, kind, direction: Direction::Forward };
            names.add(a.referenced_table, forward);
            let back = FieldOf { table: at, kind, direction: Direction::Back };
            names.add(b.referenced_table, back);
        }
        names
    }

    fn add(&mut self, table: usize, field: FieldOf) {
        self.fields.entry(table).or_default().push(field);
    }

    /// The relation of a foreign key.
    pub(crate) fn of_key(&self, table: usize, key: usize) -> Option<&RelationName> {
        self.inline.get(&(table, key))
    }

    /// The relation of a join table.
    pub(crate) fn of_join_table(&self, table: usize) -> Option<&RelationName> {
        self.many_to_many.get(&table)
    }

    /// The relation fields of a table's model: those of foreign keys by the tables that hold them, then
    /// many-to-many.
    pub(crate) fn fields(&self, table: usize) -> &[FieldOf] {
        self.fields.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// Whether two foreign keys of one table say the same.
fn is_same(one: &ForeignKey<'_>, other: &ForeignKey<'_>) -> bool {
    one.columns == other.columns
        && one.referenced_table == other.referenced_table
        && one.referenced_columns == other.referenced_columns
}

fn sorted(one: usize, other: usize) -> Ends {
    [one.min(other), one.max(other)]
}

/// The pairs of tables with more than one relation between them.
fn ambiguous(
    context: &Context<'_>,
    join: &[(&Table<'_>, usize)],
    plain: &[(&Table<'_>, usize)],
) -> BTreeSet<Ends> {
    let mut keys: BTreeMap<Ends, BTreeSet<(usize, &[usize])>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (table, at) in plain {
        for key in &table.foreign_keys {
            let ends = sorted(*at, key.referenced_table);
            keys.entry(ends).or_default().insert((*at, &key.columns));
            let default_name = context.new_model_name(key.referenced_table);
            if context.new_field_names(*at, &key.columns).contains(&default_name) {
                found.insert(ends);
            }
        }
    }
    let mut joins: BTreeMap<Ends, usize> = BTreeMap::new();
    for (table, _) in join {
        if let Some([a, b]) = sides(table) {
            *joins.entry(sorted(a.referenced_table, b.referenced_table)).or_default() += 1;
        }
    }
    found.extend(keys.iter().filter(|(_, keys)| keys.len() > 1).map(|(ends, _)| *ends));
    found.extend(
        joins.iter().filter(|(ends, n)| **n > 1 || keys.contains_key(*ends)).map(|(ends, _)| *ends),
    );
    found
}

fn inline(
    context: &Context<'_>,
    table: usize,
    key: &ForeignKey<'_>,
    ambiguous: &BTreeSet<Ends>,
) -> RelationName {
    let model = context.new_model_name(table);
    let referenced = context.new_model_name(key.referenced_table);
    let is_to_itself = table == key.referenced_table;
    let other = if is_to_itself { "other_" } else { "" };
    if ambiguous.contains(&sorted(table, key.referenced_table)) {
        let columns = context.new_field_names(table, &key.columns).join("_");
        let relation = format!("{model}_{columns}To{referenced}");
        let forward = format!("{referenced}_{relation}");
        let back = format!("{other}{model}_{relation}");
        return RelationName { relation, forward, back };
    }
    RelationName {
        relation: if is_to_itself { format!("{model}To{referenced}") } else { String::new() },
        forward: referenced.into_owned(),
        back: format!("{other}{model}"),
    }
}

fn many_to_many(
    context: &Context<'_>,
    table: &Table<'_>,
    ambiguous: &BTreeSet<Ends>,
) -> RelationName {
    let Some([a, b]) = sides(table) else { return RelationName::default() };
    let ends = sorted(a.referenced_table, b.referenced_table);
    let [first, second] = ends.map(|table| context.new_model_name(table));
    let is_to_itself = a.referenced_table == b.referenced_table;
    let table_name = table.name.name.as_str();
    let name = table_name.strip_prefix('_').unwrap_or(table_name);
    let is_ambiguous = ambiguous.contains(&ends);
    let needs_name = is_ambiguous || is_to_itself || name != format!("{first}To{second}");
    let suffix = if is_ambiguous { table_name } else { "" };
    let side = |side: &'static str| if is_to_itself { side } else { "" };
    RelationName {
        relation: if needs_name { name.to_owned() } else { String::new() },
        forward: format!("{second}{suffix}{}", side("_A")),
        back: format!("{first}{suffix}{}", side("_B")),
    }
}
