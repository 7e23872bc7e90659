//! Schema files → the catalog they declare.
//!
//! Only what the schema language can say is in such a catalog: no checks, triggers, functions or
//! views, and of sequences only that a column draws from one.

mod columns;
mod indexes;
mod relations;

use std::collections::BTreeSet;

use psl::schema::{DefaultValue, Model, RelationMode, ScalarField, Schema};

use crate::kinds::table::{Persistence, ReplicaIdentity};
use crate::kinds::{enum_type::EnumType, extension::Extension, schema, table::Table};
use crate::{Catalog, Name};

pub use columns::default_type;
pub(crate) use columns::sequence_name;
pub use indexes::operator_class_name;

/// Returns the catalog that a schema declares.
///
/// `default_schema` is the PostgreSQL schema of everything without `@@schema`: what the connection
/// URL says, or `public`. The schema must have been loaded without errors; what could not be
/// resolved is left out.
pub fn declare(schema: &Schema, default_schema: &str) -> Catalog {
    let context = Context { schema, default_schema };
    let mut catalog = Catalog::default();
    for name in context.schemas() {
        catalog.schemas.insert(schema::Schema::named(name));
    }
    let extensions =
        schema.datasource.as_ref().and_then(|datasource| datasource.extensions.as_ref());
    for extension in extensions.into_iter().flatten() {
        catalog.extensions.insert(Extension {
            name: extension.database_name.clone(),
            schema: extension.schema.clone(),
            version: extension.version.clone(),
        });
    }
    for r#enum in &schema.enums {
        catalog.enum_types.insert(EnumType {
            name: context.name(r#enum.schema.as_deref(), &r#enum.database_name),
            labels: r#enum.values.iter().map(|value| value.database_name.clone()).collect(),
            comment: None,
        });
    }
    for model in schema.models.iter().filter(|model| !model.is_view) {
        catalog.tables.insert(context.table(model));
        for index in indexes::of(&context, model) {
            catalog.indexes.insert(index);
        }
    }
    relations::declare(&context, &mut catalog);
    catalog
}

/// What the schema language can say, which depends on a schema's preview features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// Whether indexes can have a condition.
    pub partial_indexes: bool,
}

impl Language {
    /// All that it can say with every preview feature: for catalogs that no schema declares.
    pub const WHOLE: Self = Self { partial_indexes: true };

    /// What it can say in this schema.
    pub fn of(schema: &Schema) -> Self {
        Self { partial_indexes: schema.preview_features.contains("partialIndexes") }
    }

    /// What it can say in either of two schemas.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { partial_indexes: self.partial_indexes || other.partial_indexes }
    }
}

/// Whether a schema names its PostgreSQL schemas, so that every name is written with its schema.
pub fn names_schemas(schema: &Schema) -> bool {
    schema.datasource.as_ref().is_some_and(|datasource| !datasource.schemas.is_empty())
}

/// Returns the columns whose default the client makes (`uuid()` and the like), by table and name: to
/// PostgreSQL they have none.
pub fn filled_by_client(schema: &Schema, default_schema: &str) -> BTreeSet<(Name, String)> {
    let context = Context { schema, default_schema };
    let is_filled = |field: &&ScalarField| {
        matches!(field.default, Some(DefaultValue::ByClient(_))) && !field.is_updated_at
    };
    let of_model = |model: &Model| {
        let table = context.table_name(model);
        let fields = model.fields.iter().filter(is_filled);
        fields.map(|field| (table.clone(), field.database_name.clone())).collect::<Vec<_>>()
    };
    schema.models.iter().flat_map(of_model).collect()
}

pub(crate) struct Context<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) default_schema: &'a str,
}

impl Context<'_> {
    /// The schemas that are named, in use or not, by name; the default one where none is named.
    fn schemas(&self) -> BTreeSet<&str> {
        let named = self.schema.datasource.iter().flat_map(|datasource| &datasource.schemas);
        let mut schemas: BTreeSet<&str> = named.map(String::as_str).collect();
        if schemas.is_empty() {
            schemas.insert(self.default_schema);
        }
        schemas
    }

    pub(crate) fn name(&self, schema: Option<&str>, name: &str) -> Name {
        Name::new(schema.unwrap_or(self.default_schema), name)
    }

    pub(crate) fn table_name(&self, model: &Model) -> Name {
        self.name(model.schema.as_deref(), &model.database_name)
    }

    fn has_foreign_keys(&self) -> bool {
        let mode = self.schema.datasource.as_ref().map(|datasource| datasource.relation_mode);
        mode.unwrap_or_default() == RelationMode::ForeignKeys
    }

    fn table(&self, model: &Model) -> Table {
        let name = self.table_name(model);
        Table {
            columns: model
                .fields
                .iter()
                .map(|field| columns::declare(self, &name, field))
                .collect(),
            primary_key: indexes::primary_key(model),
            ..empty_table(name)
        }
    }
}

/// A table with nothing in it.
fn empty_table(name: Name) -> Table {
    Table {
        name,
        columns: Vec::new(),
        primary_key: None,
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        exclusions: Vec::new(),
        persistence: Persistence::Permanent,
        partition_key: None,
        partition_of: None,
        inherits: Vec::new(),
        row_security: false,
        force_row_security: false,
        replica_identity: ReplicaIdentity::Default,
        replica_identity_index: None,
        clustered_on: None,
        options: Vec::new(),
        comment: None,
    }
}
