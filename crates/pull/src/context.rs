//! Database and previous schema side by side: which block is which table, and what each is called.

use std::borrow::Cow;
use std::collections::BTreeMap;

use catalog::Name;

use crate::database::{Database, ForeignKey, Table};
use crate::names::{Named, usable};
use crate::previous::{ColumnField, Enum, Model, Previous, RelationField};
use crate::relations::names::RelationNames;

/// Everything that is known before the first block is written.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) database: &'a Database<'a>,
    pub(crate) previous: &'a Previous<'a>,
    /// Whether blocks say in which PostgreSQL schema they lie.
    pub(crate) names_schemas: bool,
    /// Whether the database keeps references whole, so that relations can be read from it.
    pub(crate) has_foreign_keys: bool,
    /// Whether views are pulled.
    pub(crate) has_views: bool,
    /// The datasource's name, the prefix of native types.
    pub(crate) datasource: &'a str,
    /// The positions of tables that are known, and of their models before.
    models: BTreeMap<usize, usize>,
    enums: BTreeMap<usize, usize>,
    views: BTreeMap<usize, usize>,
    /// How many blocks would have each name.
    name_counts: BTreeMap<Cow<'a, str>, usize>,
    pub(crate) relation_names: RelationNames,
}

impl<'a> Context<'a> {
    /// Finds each block of the previous schema in the database.
    pub(crate) fn new(
        database: &'a Database<'a>,
        previous: &'a Previous<'a>,
        datasource: &'a str,
        names_schemas: bool,
        has_foreign_keys: bool,
        has_views: bool,
    ) -> Self {
        let mut context = Self {
            database,
            previous,
            names_schemas,
            has_foreign_keys,
            has_views,
            datasource,
            models: BTreeMap::new(),
            enums: BTreeMap::new(),
            views: BTreeMap::new(),
            name_counts: BTreeMap::new(),
            relation_names: RelationNames::default(),
        };
        for (model, at) in previous.models.iter().zip(0..) {
            if model.is_view {
                let view = database.view(model.database_name(), model.schema);
                context.views.extend(view.map(|view| (view, at)));
            } else {
                let table = database.table(model.database_name(), model.schema);
                context.models.extend(table.map(|table| (table, at)));
            }
        }
        for (r#enum, at) in previous.enums.iter().zip(0..) {
            let name = r#enum.map.unwrap_or(r#enum.name);
            let found = database.enum_type(name, r#enum.schema);
            context.enums.extend(found.map(|found| (found, at)));
        }
        context.relation_names = RelationNames::new(&context);
        context.name_counts = context.count_names();
        context
    }

    fn count_names(&self) -> BTreeMap<Cow<'a, str>, usize> {
        let mut counts = BTreeMap::new();
        let mut count = |name| *counts.entry(name).or_insert(0) += 1;
        let given = |previous: Option<&'a str>, name: &'a Name| {
            previous.map_or_else(|| usable(&name.name), Cow::Borrowed)
        };
        for (table, at) in self.database.tables.iter().zip(0..) {
            if !crate::relations::join_table::is_join_table(table, self.database) {
                count(given(self.model(at).map(|model| model.name), table.name));
            }
        }
        for (r#enum, at) in self.database.enums.iter().zip(0..) {
            count(given(self.r#enum(at).map(|r#enum| r#enum.name), &r#enum.name));
        }
        if self.has_views {
            for (view, at) in self.database.views.iter().zip(0..) {
                count(given(self.view(at).map(|view| view.name), view.name));
            }
        }
        counts
    }

    /// The table at a position.
    pub(crate) fn table(&self, at: usize) -> Option<&'a Table<'a>> {
        self.database.tables.get(at)
    }

    /// The model that a table had before.
    pub(crate) fn model(&self, table: usize) -> Option<&'a Model<'a>> {
        self.previous.models.get(*self.models.get(&table)?)
    }

    /// The position of the model that a table had before.
    pub(crate) fn model_position(&self, table: usize) -> Option<usize> {
        self.models.get(&table).copied()
    }

    /// The block that a view had before.
    pub(crate) fn view(&self, view: usize) -> Option<&'a Model<'a>> {
        self.previous.models.get(*self.views.get(&view)?)
    }

    /// The position of the block that a view had before.
    pub(crate) fn view_position(&self, view: usize) -> Option<usize> {
        self.views.get(&view).copied()
    }

    /// The enum that an enum type had before.
    pub(crate) fn r#enum(&self, r#enum: usize) -> Option<&'a Enum<'a>> {
        self.previous.enums.get(*self.enums.get(&r#enum)?)
    }

    /// The position of the enum that an enum type had before.
    pub(crate) fn enum_position(&self, r#enum: usize) -> Option<usize> {
        self.enums.get(&r#enum).copied()
    }

    /// Whether the database still has what a previous model or view stood for.
    pub(crate) fn is_there(&self, model: &str) -> bool {
        self.previous.models.iter().zip(0..).any(|(known, at)| {
            known.name == model
                && (self.models.values().any(|found| *found == at)
                    || self.views.values().any(|found| *found == at))
        })
    }

    /// What a table's model is called.
    pub(crate) fn model_name(&self, table: usize) -> Named<'a> {
        let Some(found) = self.table(table) else { return Named::given("", None) };
        match self.model(table) {
            Some(model) => Named::given(model.name, model.map),
            None => self.new_name(found.name),
        }
    }

    /// What an enum type's enum is called.
    pub(crate) fn enum_name(&self, at: usize) -> Named<'a> {
        let Some(found) = self.database.enums.get(at) else { return Named::given("", None) };
        match self.r#enum(at) {
            Some(r#enum) => Named::given(r#enum.name, r#enum.map),
            None => self.new_name(&found.name),
        }
    }

    /// What a view is called.
    pub(crate) fn view_name(&self, at: usize) -> Named<'a> {
        let Some(found) = self.database.views.get(at) else { return Named::given("", None) };
        match self.view(at) {
            Some(view) => Named::given(view.name, view.map),
            None => self.new_name(found.name),
        }
    }

    fn new_name(&self, name: &'a Name) -> Named<'a> {
        Named::of_block(&name.name, &name.schema, self.is_unique(&name.name))
    }

    /// Whether no other block would have the name that this one of the database leads to.
    pub(crate) fn is_unique(&self, name: &str) -> bool {
        self.name_counts.get(usable(name).as_ref()).is_none_or(|count| *count <= 1)
    }

    /// What a label of an enum type is called.
    pub(crate) fn label_name(&self, r#enum: usize, label: &'a str) -> Named<'a> {
        let previous = self.r#enum(r#enum);
        let known = previous.and_then(|p| p.values.iter().find(|value| value.label() == label));
        known.map_or_else(|| Named::of_label(label), |value| Named::given(value.name, value.map))
    }

    /// The field that a column had before.
    pub(crate) fn field(&self, table: usize, column: usize) -> Option<&'a ColumnField<'a>> {
        let name = self.table(table)?.columns.get(column)?.name;
        self.model(table)?.column(name)
    }

    /// What a column's field is called.
    pub(crate) fn field_name(&self, table: usize, column: usize) -> Named<'a> {
        let found = self.table(table).and_then(|table| table.columns.get(column));
        let Some(found) = found else { return Named::given("", None) };
        match self.field(table, column) {
            Some(field) => Named::given(field.name, field.map),
            None => Named::of_column(found.name),
        }
    }

    /// What a table's model would be called if it were the first.
    pub(crate) fn new_model_name(&self, table: usize) -> Cow<'a, str> {
        self.table(table).map_or(Cow::Borrowed(""), |table| {
            Named::of_block(&table.name.name, &table.name.schema, true).name
        })
    }

    /// What the fields of columns would be called without a previous schema.
    pub(crate) fn new_field_names(&self, table: usize, columns: &[usize]) -> Vec<Cow<'a, str>> {
        let columns = columns.iter().filter_map(|at| self.table(table)?.columns.get(*at));
        columns.map(|column| Named::of_column(column.name).name).collect()
    }

    /// The names of the fields of columns.
    pub(crate) fn field_names(&self, table: usize, columns: &[usize]) -> Vec<Cow<'a, str>> {
        columns.iter().map(|column| self.field_name(table, *column).name).collect()
    }

    /// The relation that a foreign key was before: the field with the columns, and the one on the other
    /// side.
    pub(crate) fn relation(
        &self,
        table: usize,
        key: &ForeignKey<'_>,
    ) -> Option<(&'a RelationField<'a>, &'a RelationField<'a>)> {
        let model = self.model(table)?;
        let columns: Vec<&str> = key.key.columns.iter().map(String::as_str).collect();
        let forward = model.relation_of(&columns)?;
        Some((forward, self.previous.opposite(model, forward)?))
    }
}
