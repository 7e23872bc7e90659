//! What `db pull` warns of: what the language cannot say, and what was taken from the previous schema.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::context::Context;
use crate::database::{Column, Table, TableKind};
use crate::names::{is_unusable, usable};
use crate::previous::ColumnField;
use crate::relations;
use crate::relations::join_table::{is_join_table, sides};
use crate::types::Family;

/// What is warned of, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Fields that have no name.
    FieldsWithoutName,
    /// The same of views.
    ViewFieldsWithoutName,
    /// Fields whose name the previous schema gave.
    RemappedFields,
    /// The same of views.
    RemappedViewFields,
    /// Labels that have no name.
    ValuesWithoutName,
    /// Tables without columns.
    ModelsWithoutColumns,
    /// Tables without a key.
    ModelsWithoutIdentifier,
    /// Models whose key has a name in the previous schema.
    KeptIdNames,
    /// The same of views.
    KeptViewIdNames,
    /// Types that the language has no name for.
    UnsupportedTypes,
    /// The same of views.
    UnsupportedViewTypes,
    /// Models whose name the previous schema gave.
    RemappedModels,
    /// Views whose name the previous schema gave.
    RemappedViews,
    /// Labels whose name the previous schema gave.
    RemappedValues,
    /// Enums whose name the previous schema gave.
    RemappedEnums,
    /// Relations that only the previous schema knows.
    KeptRelations,
    /// Names that several objects would have.
    DuplicateNames,
    /// Tables with partitions.
    PartitionedTables,
    /// Tables that others inherit from.
    InheritedTables,
    /// Nulls where they are not by default.
    OddNulls,
    /// Row security.
    RowSecurity,
    /// Check constraints.
    Checks,
    /// Exclusion constraints.
    Exclusions,
    /// Constraints that are not checked at once.
    Deferring,
    /// Comments in the database.
    Comments,
    /// Indexes on expressions.
    ExpressionIndexes,
}

impl Topic {
    /// What is said about all of a topic.
    fn text(self) -> &'static str {
        match self {
            Self::FieldsWithoutName | Self::ViewFieldsWithoutName => {
                "These fields were commented out because their names are currently not supported by \
                 Prisma. Please provide valid ones that match [a-zA-Z][a-zA-Z0-9_]* using the `@map` \
                 attribute:"
            }
            Self::RemappedFields | Self::RemappedViewFields => {
                "These fields were enriched with `@map` information taken from the previous Prisma \
                 schema:"
            }
            Self::ValuesWithoutName => {
                "These enum values were commented out because their names are currently not supported \
                 by Prisma. Please provide valid ones that match [a-zA-Z][a-zA-Z0-9_]* using the \
                 `@map` attribute:"
            }
            Self::ModelsWithoutColumns => {
                "The following models were commented out as we could not retrieve columns for them. \
                 Please check your privileges:"
            }
            Self::ModelsWithoutIdentifier => {
                "The following models were ignored as they do not have a valid unique identifier or \
                 id. This is currently not supported by Prisma Client:"
            }
            Self::KeptIdNames => {
                "These models were enriched with custom compound id names taken from the previous \
                 Prisma schema:"
            }
            Self::KeptViewIdNames => {
                "These views were enriched with custom compound id names taken from the previous \
                 Prisma schema:"
            }
            Self::UnsupportedTypes | Self::UnsupportedViewTypes => {
                "These fields are not supported by Prisma Client, because Prisma currently does not \
                 support their types:"
            }
            Self::RemappedModels => {
                "These models were enriched with `@@map` information taken from the previous Prisma \
                 schema:"
            }
            Self::RemappedViews => {
                "These views were enriched with `@@map` information taken from the previous Prisma \
                 schema:"
            }
            Self::RemappedValues => {
                "These enum values were enriched with `@map` information taken from the previous \
                 Prisma schema:"
            }
            Self::RemappedEnums => {
                "These enums were enriched with `@@map` information taken from the previous Prisma \
                 schema:"
            }
            Self::KeptRelations => {
                "Relations were copied from the previous data model due to not using foreign keys in \
                 the database. If any of the relation columns changed in the database, the relations \
                 might not be correct anymore:"
            }
            Self::DuplicateNames => {
                "These items were renamed due to their names being duplicates in the Prisma schema:"
            }
            Self::PartitionedTables => {
                "These tables are partition tables, which are not yet fully supported:"
            }
            Self::InheritedTables => {
                "These tables are inherited tables, which are not yet fully supported:"
            }
            Self::OddNulls => {
                "These index columns are having a non-default null sort order, which is not yet fully \
                 supported. Read more: https://pris.ly/d/non-default-index-null-ordering"
            }
            Self::RowSecurity => {
                "These tables contain row level security, which is not yet fully supported. Read \
                 more: https://pris.ly/d/row-level-security"
            }
            Self::Checks => {
                "These constraints are not supported by Prisma Client, because Prisma currently does \
                 not fully support check constraints. Read more: https://pris.ly/d/check-constraints"
            }
            Self::Exclusions => {
                "These constraints are not supported by Prisma Client, because Prisma currently does \
                 not fully support exclusion constraints. Read more: \
                 https://pris.ly/d/exclusion-constraints"
            }
            Self::Deferring => {
                "These primary key, foreign key or unique constraints are using non-default deferring \
                 in the database, which is not yet fully supported. Read more: \
                 https://pris.ly/d/constraint-deferring"
            }
            Self::Comments => {
                "These objects have comments defined in the database, which is not yet fully \
                 supported. Read more: https://pris.ly/d/database-comments"
            }
            Self::ExpressionIndexes => {
                "These indexes are not supported by Prisma Client, because Prisma currently does not \
                 fully support expression indexes. Read more: https://pris.ly/d/expression-indexes"
            }
        }
    }
}

/// All warnings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Warnings {
    topics: BTreeMap<Topic, Vec<String>>,
    /// Many-to-many relations whose models were renamed so that their columns change places, each said
    /// in a sentence of its own.
    swapped: BTreeSet<String>,
}

impl Warnings {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.swapped.is_empty()
    }

    /// Each topic's text, and the objects it is about.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        let topics = self.topics.iter().map(|(topic, items)| (topic.text(), items.as_slice()));
        topics.chain(self.swapped.iter().map(|text| (text.as_str(), [].as_slice())))
    }

    fn add(&mut self, topic: Topic, item: String) {
        self.topics.entry(topic).or_default().push(item);
    }

    fn add_if(&mut self, is_so: bool, topic: Topic, item: impl FnOnce() -> String) {
        if is_so {
            self.add(topic, item());
        }
    }
}

/// As Prisma prints them; nothing if there is none.
impl std::fmt::Display for Warnings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        f.write_str("*** WARNING ***\n")?;
        for (topic, items) in &self.topics {
            write!(f, "\n{}\n", topic.text())?;
            for item in items {
                writeln!(f, "  - {item}")?;
            }
        }
        self.swapped.iter().try_for_each(|text| f.write_str(text))
    }
}

/// Finds what there is to warn of.
pub(crate) fn find(context: &Context<'_>, models: &[usize]) -> Warnings {
    let mut warnings = Warnings::default();
    for at in 0..context.database.enums.len() {
        of_enum(context, at, &mut warnings);
    }
    for at in models {
        of_model(context, *at, &mut warnings);
    }
    if context.has_views {
        for at in 0..context.database.views.len() {
            of_view(context, at, &mut warnings);
        }
    }
    for (table, at) in context.database.tables.iter().zip(0..) {
        of_table(table, &context.model_name(at).name, &mut warnings);
        of_many_to_many(context, table, &mut warnings);
    }
    warnings
}

fn of_enum(context: &Context<'_>, at: usize, warnings: &mut Warnings) {
    let Some(r#enum) = context.database.enums.get(at) else { return };
    let named = context.enum_name(at);
    let name = named.name.as_ref();
    let before = context.r#enum(at);
    let is_given = before.is_some_and(|before| before.map.is_some());
    warnings.add_if(is_given, Topic::RemappedEnums, || format!("\"{name}\""));
    let is_duplicate = before.is_none() && !context.is_unique(&r#enum.name.name);
    warnings.add_if(is_duplicate, Topic::DuplicateNames, || item("enum", name));
    warnings.add_if(r#enum.comment.is_some(), Topic::Comments, || item("enum", name));
    for label in &r#enum.labels {
        let named = context.label_name(at, label);
        let value = if named.name.is_empty() { label } else { named.name.as_ref() };
        let line = || format!("Enum: \"{name}\", value: \"{value}\"");
        let known = before.and_then(|b| b.values.iter().find(|value| value.label() == label));
        if is_unusable(value) {
            warnings.add(Topic::ValuesWithoutName, line());
        } else if known.is_some_and(|value| value.map.is_some()) {
            warnings.add(Topic::RemappedValues, line());
        }
    }
}

fn of_model(context: &Context<'_>, at: usize, warnings: &mut Warnings) {
    let Some(table) = context.table(at) else { return };
    let named = context.model_name(at);
    let name = named.name.as_ref();
    let quoted = || format!("\"{name}\"");
    let before = context.model(at);
    let key_name = before.and_then(|model| model.primary_key.as_ref()?.name);
    let has_long_key = table.primary_key().is_some_and(|key| key.columns.len() > 1);
    warnings.add_if(has_long_key && key_name.is_some(), Topic::KeptIdNames, quoted);
    let is_kept_ignored = before.is_some_and(|model| model.is_ignored);
    if table.columns.is_empty() {
        warnings.add(Topic::ModelsWithoutColumns, quoted());
    } else {
        let has_none = !table.has_identifier() && !is_kept_ignored;
        warnings.add_if(has_none, Topic::ModelsWithoutIdentifier, quoted);
    }
    let kind = table.kind;
    warnings.add_if(kind == TableKind::Partitioned, Topic::PartitionedTables, quoted);
    warnings.add_if(kind == TableKind::Inherited, Topic::InheritedTables, quoted);
    warnings.add_if(table.row_security, Topic::RowSecurity, quoted);
    let is_duplicate = before.is_none() && !context.is_unique(&table.name.name);
    warnings.add_if(is_duplicate, Topic::DuplicateNames, || item("model", name));
    let is_given = before.is_some_and(|model| model.map.is_some());
    warnings.add_if(is_given, Topic::RemappedModels, quoted);
    warnings.add_if(table.comment.is_some(), Topic::Comments, || item("model", name));
    for check in table.checks {
        warnings.add(Topic::Checks, constraint(name, &check.name));
    }
    for index in &table.expression_indexes {
        warnings.add(Topic::ExpressionIndexes, constraint(name, index));
    }
    let mut nameless = BTreeSet::new();
    for (column, position) in table.columns.iter().zip(0..) {
        let field = context.field_name(at, position).name;
        let field = if field.is_empty() { column.name } else { field.as_ref() };
        let before = context.field(at, position);
        of_column(column, ["Model", name], field, before, MODEL, warnings);
        if usable(column.name).is_empty() {
            nameless.insert(format!("\"{field}\""));
        }
    }
    add_nameless(&nameless, ["Model", name], Topic::FieldsWithoutName, warnings);
    if let Some(model) = before {
        for field in relations::kept(context, model) {
            warnings.add(Topic::KeptRelations, format!("\"{}\"", field.model));
        }
    }
}

fn of_view(context: &Context<'_>, at: usize, warnings: &mut Warnings) {
    let Some(view) = context.database.views.get(at) else { return };
    let named = context.view_name(at);
    let name = named.name.as_ref();
    let quoted = || format!("\"{name}\"");
    let before = context.view(at);
    let key = before.and_then(|model| model.primary_key.as_ref());
    let has_key_name = key.is_some_and(|key| key.fields.len() > 1 && key.name.is_some());
    warnings.add_if(has_key_name, Topic::KeptViewIdNames, quoted);
    let is_duplicate = before.is_none() && !context.is_unique(&view.name.name);
    warnings.add_if(is_duplicate, Topic::DuplicateNames, || item("view", name));
    let is_given = before.is_some_and(|model| model.map.is_some());
    warnings.add_if(is_given, Topic::RemappedViews, quoted);
    warnings.add_if(view.comment.is_some(), Topic::Comments, || item("view", name));
    let mut nameless = BTreeSet::new();
    for column in &view.columns {
        let before = before.and_then(|model| model.column(column.name));
        let usable = usable(column.name);
        let field = match before {
            Some(field) => field.name,
            None if usable.is_empty() => column.name,
            None => usable.as_ref(),
        };
        of_column(column, ["View", name], field, before, VIEW, warnings);
        if usable.is_empty() {
            nameless.insert(format!("\"{field}\""));
        }
    }
    add_nameless(&nameless, ["View", name], Topic::ViewFieldsWithoutName, warnings);
    if let Some(model) = before {
        for field in relations::kept(context, model) {
            warnings.add(Topic::KeptRelations, format!("\"{}\"", field.model));
        }
    }
}

/// The topics about columns: names that were given, types that are not supported.
type ColumnTopics = [Topic; 2];

const MODEL: ColumnTopics = [Topic::RemappedFields, Topic::UnsupportedTypes];
const VIEW: ColumnTopics = [Topic::RemappedViewFields, Topic::UnsupportedViewTypes];

fn of_column(
    column: &Column<'_>,
    [kind, block]: [&str; 2],
    field: &str,
    before: Option<&ColumnField<'_>>,
    [remapped, unsupported]: ColumnTopics,
    warnings: &mut Warnings,
) {
    let line = format!("{kind}: \"{block}\", field: \"{field}\"");
    if before.is_some_and(|field| field.map.is_some()) {
        warnings.add(remapped, line.clone());
    }
    if let Family::Unsupported(name) = &column.r#type.family {
        warnings.add(unsupported, format!("{line}, original data type: \"{name}\""));
    }
    if column.comment.is_some() {
        warnings.add(Topic::Comments, item("field", &format!("{block}.{field}")));
    }
}

fn add_nameless(
    fields: &BTreeSet<String>,
    [kind, block]: [&str; 2],
    topic: Topic,
    warnings: &mut Warnings,
) {
    if !fields.is_empty() {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        warnings.add(topic, format!("{kind}: \"{block}\", field(s): [{}]", fields.join(", ")));
    }
}

/// What depends on the table alone, whether it is a model or not.
fn of_table(table: &Table<'_>, model: &str, warnings: &mut Warnings) {
    for index in &table.indexes {
        for column in index.columns.iter().filter(|column| column.has_odd_nulls) {
            let column = table.column_name(column.column);
            let line = format!("Index: \"{}\", column: \"{column}\"", index.name);
            warnings.add(Topic::OddNulls, line);
        }
        warnings.add_if(index.is_deferrable, Topic::Deferring, || constraint(model, index.name));
    }
    for key in &table.foreign_keys {
        let is_deferrable = key.key.deferrable || key.key.initially_deferred;
        warnings.add_if(is_deferrable, Topic::Deferring, || constraint(model, &key.key.name));
    }
    for name in &table.exclusions {
        warnings.add(Topic::Exclusions, constraint(model, name));
    }
}

/// Prisma looks for a model's ids in column `A` or `B` by the order of the names of the two models.
fn of_many_to_many(context: &Context<'_>, table: &Table<'_>, warnings: &mut Warnings) {
    let is_one = is_join_table(table, context.database);
    let (true, Some(sides)) = (is_one, sides(table)) else { return };
    let Some(before) = relations::before_many_to_many(context, table) else { return };
    let is_swapped = sides.iter().zip(before.models).any(|(side, expected)| {
        context.model(side.referenced_table).is_some_and(|model| model.name != expected.name)
    });
    if !is_swapped {
        return;
    }
    let [first, second] = {
        let mut models = before.models;
        models.sort_by_key(|model| context.previous.position(model.name));
        models.map(|model| model.name)
    };
    warnings.swapped.insert(format!(
        "The many-to-many relation between \"{first}\" and \"{second}\" is broken due to the naming of \
         the models. Prisma creates many-to-many relations based on the alphabetical ordering of the names \
         of the models and these two models now produce the reverse of the expected ordering."
    ));
}

fn item(kind: &str, name: &str) -> String {
    format!("Type: \"{kind}\", name: \"{name}\"")
}

fn constraint(model: &str, name: &str) -> String {
    format!("Model: \"{model}\", constraint: \"{name}\"")
}
