//! The SQL of indexes and unique constraints.

use super::{Index, IndexKey, UniqueConstraint};
use crate::ddl::{
    Address, Binding, Context, Ddl, Element, LockMode, Part, Statement, index_tie, write,
};
use crate::{Kind, Name, quoted};

impl Ddl for Index {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let this = Address::whole(Kind::Index, &self.name);
        let relation = context.relation(&self.table);
        let (table, index) = (write::name(&self.table), write::name(&self.name));
        let is_partitioned = context.is_partitioned(&self.table);
        let drop = match &self.constraint {
            Some(_) => format!("ALTER TABLE {table} DROP CONSTRAINT {}", quoted(&self.name.name)),
            // PostgreSQL takes along the indexes of partitions, but not the constraints they serve.
            None if context.has_constraint_below(&self.name) => {
                format!("DROP INDEX {index} CASCADE")
            }
            None => format!("DROP INDEX {index}"),
        };
        let create = match &self.constraint {
            Some(constraint) => {
                let only = if is_partitioned { "ONLY " } else { "" };
                let constraint = self.unique_constraint(constraint);
                Statement::new(format!("ALTER TABLE {only}{table} ADD {constraint}"))
                    .exclusively(&self.table)
            }
            None => Statement::new(self.create_index(is_partitioned))
                .locking(LockMode::Share, &self.table),
        };
        let columns = self.keys.iter().filter_map(|key| key.column.as_ref()).chain(&self.include);
        let mut whole = Element::new(
            this.clone(),
            vec![create],
            vec![Statement::new(drop).exclusively(&self.table)],
        )
        .within(relation.clone())
        .needs(columns.map(|column| relation.column(column)))
        .slot(write::relation_slot(&self.name))
        .slot(format!("constraint {} on {}", self.name.name, self.table))
        .made_after(context.attachments(&self.table));
        // PostgreSQL does not see to the foreign keys that lean on it when an included column changes, and
        // gives its parts names and comments of its own choice.
        whole.survives_retyping =
            (!self.unique || self.include.is_empty()) && !is_partitioned && self.parent.is_none();
        whole.not_before = self.not_before(context);
        if !is_partitioned && !self.valid {
            whole.unsupported = Some("an invalid index cannot be made on purpose");
        }
        let mut elements = vec![whole];
        if let Some(parent) = &self.parent {
            elements.push(attachment(context, &this, &self.name, &self.table, parent));
        }
        let on = match &self.constraint {
            Some(_) => format!("CONSTRAINT {} ON {table}", quoted(&self.name.name)),
            None => format!("INDEX {index}"),
        };
        elements.extend(write::comment(&this, on, self.comment.as_deref()));
        elements
    }
}

/// That an index is a part of the index of a partitioned table.
pub(in crate::kinds) fn attachment(
    context: &Context<'_>,
    index: &Address,
    name: &Name,
    table: &Name,
    parent: &Name,
) -> Element {
    let sql = format!("ALTER INDEX {} ATTACH PARTITION {}", write::name(parent), write::name(name));
    let partition = Address::whole(Kind::Table, table);
    let place = context.catalog.tables.get(table).and_then(|table| table.partition_of.as_ref());
    let place = place.map(|place| partition.with(Part::Parent(place.parent.to_string())));
    let parent_table = context.catalog.tables.get(table).and_then(|t| t.partition_of.as_ref());
    let parent_index = match parent_table {
        Some(place) => context.index(&place.parent, &parent.name),
        None => Address::whole(Kind::Index, parent),
    };
    let address = index_tie(index, name, parent);
    let mut element = Element::new(address, vec![Statement::new(sql)], Vec::new())
        .needs([index.clone(), parent_index.clone()])
        .needs(place.clone());
    element.within.extend(place.clone());
    element.within.extend([parent_index.clone(), index.clone()]);
    element.binds = Some(Binding {
        child: index.clone(),
        parent: parent_index,
        unless: place.into_iter().chain([partition]).collect(),
    });
    element
}

impl Index {
    /// The places of partitions for which PostgreSQL would choose or make an index while this one is
    /// there, and not the one that is wanted.
    pub(in crate::kinds) fn not_before(&self, context: &Context<'_>) -> Vec<Address> {
        let mut places = Vec::new();
        let place = context.catalog.tables.get(&self.table).and_then(|it| it.partition_of.as_ref());
        if let Some(place) = place.filter(|_| self.parent.is_none()) {
            let others = context.all_indexes(&place.parent);
            if others.iter().any(|other| self.is_like(other)) {
                places.extend(context.place(&self.table));
            }
        }
        for child in context.children(&self.table) {
            let indexes = context.all_indexes(&child.name);
            let is_part = |index: &Self| index.parent.as_ref() == Some(&self.name);
            let is_taken_for_part =
                |index: &Self| index.parent.is_some() && !is_part(index) && index.is_like(self);
            if !indexes.iter().any(|it| is_part(it))
                || indexes.iter().any(|it| is_taken_for_part(it))
            {
                places.extend(context.place(&child.name));
            }
        }
        places
    }

    /// Whether PostgreSQL would take it for a part of an index of a partitioned table: it does not ask
    /// for the order.
    fn is_like(&self, parent: &Self) -> bool {
        let keys = |index: &Self| -> Vec<IndexKey> {
            let unordered =
                |key: &IndexKey| IndexKey { descending: false, nulls_first: false, ..key.clone() };
            index.keys.iter().map(unordered).collect()
        };
        let Self { method, unique, include, predicate, nulls_not_distinct, .. } = self;
        *method == parent.method
            && *unique == parent.unique
            && *include == parent.include
            && *predicate == parent.predicate
            && *nulls_not_distinct == parent.nulls_not_distinct
            && (self.constraint.is_some() || parent.constraint.is_none())
            && keys(self) == keys(parent)
    }

    fn key_list(&self) -> String {
        self.keys.iter().map(IndexKey::to_string).collect::<Vec<_>>().join(", ")
    }

    /// `INCLUDE`, with a space before it.
    fn include_clause(&self) -> String {
        write::listed("INCLUDE", &write::all_quoted(&self.include))
    }

    /// `WITH` and the tablespace, which a constraint spells otherwise.
    fn storage_clause(&self, tablespace: &str) -> String {
        let is_place = |option: &&String| option.starts_with("tablespace=");
        let parameters = write::parameters(self.options.iter().filter(|option| !is_place(option)));
        let place = self.options.iter().find_map(|option| option.strip_prefix("tablespace="));
        write::listed("WITH", &parameters) + &write::clause(tablespace, place.map(quoted))
    }

    /// `CREATE INDEX`; that of a partitioned table stays without parts.
    pub(crate) fn create_index(&self, is_partitioned: bool) -> String {
        format!(
            "CREATE {}INDEX {} ON {}{}{} ({}){}{}{}{}",
            if self.unique { "UNIQUE " } else { "" },
            quoted(&self.name.name),
            if is_partitioned { "ONLY " } else { "" },
            write::name(&self.table),
            if self.method == "btree" {
                String::new()
            } else {
                format!(" USING {}", quoted(&self.method))
            },
            self.key_list(),
            self.include_clause(),
            if self.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" },
            self.storage_clause("TABLESPACE"),
            self.predicate.as_ref().map_or_else(String::new, |text| format!(" WHERE {text}")),
        )
    }

    fn unique_constraint(&self, constraint: &UniqueConstraint) -> String {
        let UniqueConstraint { deferrable, initially_deferred, without_overlaps } = constraint;
        format!(
            "CONSTRAINT {} UNIQUE{} ({}{}){}{}{}{}",
            quoted(&self.name.name),
            if self.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" },
            self.key_list(),
            if *without_overlaps { " WITHOUT OVERLAPS" } else { "" },
            self.include_clause(),
            self.storage_clause("USING INDEX TABLESPACE"),
            if *deferrable { " DEFERRABLE" } else { "" },
            if *initially_deferred { " INITIALLY DEFERRED" } else { "" },
        )
    }
}
