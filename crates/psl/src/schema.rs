//! What a schema says, resolved and checked: models, enums, relations, names in the database.
//!
//! Two kinds of name: a `name` is the one used in the schema file and in client code; a
//! `database_name` is the one in PostgreSQL (`@map`, `@@map`), already filled in when there is no
//! mapping. Names that PostgreSQL objects get by rule (of constraints and indexes) are not computed
//! here: the catalog knows that rule.

use std::collections::BTreeSet;

use crate::source::{Diagnostic, Span};
pub use crate::syntax::Arity;

/// Everything the schema files say together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// The one `datasource` block.
    pub datasource: Option<Datasource>,
    /// The `generator` blocks.
    pub generators: Vec<Generator>,
    /// Models and views in the order of the files.
    pub models: Vec<Model>,
    /// Enums in the order of the files.
    pub enums: Vec<Enum>,
    /// Relations between models, in the order of their first field.
    pub relations: Vec<Relation>,
    /// Preview features of all generators.
    pub preview_features: BTreeSet<String>,
}

/// `datasource db { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Datasource {
    /// The block's name, the prefix of native types: `db` in `@db.Text`.
    pub name: String,
    /// The provider as written: `postgresql`, `postgres`, `mysql`, …
    pub provider: String,
    /// The connection URL.
    pub url: Option<UrlValue>,
    /// The URL that migrations use instead of `url`.
    pub direct_url: Option<UrlValue>,
    /// The URL of the shadow database.
    pub shadow_database_url: Option<UrlValue>,
    /// `schemas = […]`; empty when not given.
    pub schemas: Vec<String>,
    /// `extensions = […]`; `None` when not given, since then extensions are not managed.
    pub extensions: Option<Vec<Extension>>,
    /// `relationMode`.
    pub relation_mode: RelationMode,
    /// Where the URLs stand, for what depends on the release.
    pub property_spans: PropertySpans,
    /// What is wrong with the values of the URLs, for the releases that read them.
    pub url_problems: Vec<Diagnostic>,
    /// The whole block.
    pub span: Span,
}

/// Where the URLs of a datasource stand: each property as a whole, and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PropertySpans {
    /// `url`.
    pub url: Option<(Span, Span)>,
    /// `directUrl`.
    pub direct_url: Option<(Span, Span)>,
    /// `shadowDatabaseUrl`.
    pub shadow_database_url: Option<(Span, Span)>,
}

/// A value that may come from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlValue {
    /// Written in the file.
    Literal(String),
    /// `env("NAME")`.
    Environment(String),
}

/// Who keeps references whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelationMode {
    /// The database, by foreign keys.
    #[default]
    ForeignKeys,
    /// The client; no foreign keys are made.
    Prisma,
}

/// An entry of `extensions`: `pgcrypto`, `uuidOssp(map: "uuid-ossp", schema: "x", version: "1")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The extension's name in PostgreSQL.
    pub database_name: String,
    /// The schema to install it in.
    pub schema: Option<String>,
    /// The version asked for.
    pub version: Option<String>,
}

/// `generator client { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generator {
    /// The block's name.
    pub name: String,
    /// The provider as written.
    pub provider: String,
    /// `previewFeatures`, as written.
    pub preview_features: Vec<PreviewFeatureUse>,
}

/// A preview feature that a generator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFeatureUse {
    /// The feature as written.
    pub name: String,
    /// The whole list it stands in.
    pub span: Span,
}

impl Schema {
    /// The release of Prisma that the schema is written for, going by where it says its database is.
    pub fn release(&self) -> Release {
        let names_database =
            self.datasource.as_ref().is_some_and(|source| source.property_spans.url.is_some());
        if names_database { Release::Six } else { Release::Seven }
    }
}

/// A release of Prisma whose rules a project follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// 6: the connection URL is in the schema.
    Six,
    /// 7: the connection URL is in `prisma.config.ts`.
    Seven,
}

/// A model or a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The name in the schema file.
    pub name: String,
    /// The table's or view's name.
    pub database_name: String,
    /// `@@schema("…")`.
    pub schema: Option<String>,
    /// Whether it is a `view` block.
    pub is_view: bool,
    /// `@@ignore`.
    pub is_ignored: bool,
    /// The `///` comments.
    pub documentation: Vec<String>,
    /// Fields that are columns, in order; relation fields are in [`Schema::relations`].
    pub fields: Vec<ScalarField>,
    /// `@id` or `@@id`.
    pub primary_key: Option<PrimaryKey>,
    /// `@unique`, `@@index` and `@@unique`, in Prisma's order: those of the fields, then every
    /// `@@index`, then every `@@unique`, each in the order of the file.
    pub indexes: Vec<Index>,
    /// The model's name in the file.
    pub span: Span,
}

/// A field that is a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalarField {
    /// The name in the schema file.
    pub name: String,
    /// The column's name.
    pub database_name: String,
    /// Required, optional or list.
    pub arity: Arity,
    /// Its type.
    pub r#type: ScalarFieldType,
    /// `@db.X(…)`: the name after the dot and the arguments as written.
    pub native_type: Option<NativeType>,
    /// `@default(…)`.
    pub default: Option<DefaultValue>,
    /// `@updatedAt`.
    pub is_updated_at: bool,
    /// `@ignore`; the column exists all the same.
    pub is_ignored: bool,
    /// The `///` comments.
    pub documentation: Vec<String>,
    /// The whole field.
    pub span: Span,
}

/// The type of a column as the schema language has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScalarFieldType {
    /// A scalar of the language.
    Scalar(ScalarType),
    /// An enum, by its name in the schema file.
    Enum(String),
    /// `Unsupported("…")`: a PostgreSQL type by its SQL text.
    Unsupported(String),
}

/// The scalars of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the language's own")]
pub enum ScalarType {
    String,
    Boolean,
    Int,
    BigInt,
    Float,
    Decimal,
    DateTime,
    Json,
    Bytes,
}

/// `@db.VarChar(255)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeType {
    /// `VarChar`.
    pub name: String,
    /// `255`.
    pub arguments: Vec<u32>,
    /// The attribute.
    pub span: Span,
}

/// What `@default` holds.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// A string, number, boolean or JSON text, as written in the schema (decoded).
    Literal(String),
    /// A value of the field's enum: its database name.
    EnumLabel(String),
    /// `[…]` of a list field.
    List(Vec<Self>),
    /// `autoincrement()`.
    AutoIncrement,
    /// `now()`.
    Now,
    /// `dbgenerated("…")`; `None` for `dbgenerated()`, which says nothing about the database.
    DbGenerated(Option<String>),
    /// `uuid()`, `cuid()`, `nanoid()`, `ulid()`: made by the client, no default in the database.
    ByClient(String),
}

/// `@id` or `@@id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimaryKey {
    /// The columns, by field name, with their options.
    pub fields: Vec<IndexField>,
    /// `map:`, the constraint's name.
    pub map: Option<String>,
}

/// `@unique`, `@@unique`, `@@index` or `@@fulltext`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Unique or not.
    pub is_unique: bool,
    /// The columns, with their options.
    pub fields: Vec<IndexField>,
    /// `map:` (or `name:` where it means the database's).
    pub map: Option<String>,
    /// `type:`.
    pub algorithm: IndexAlgorithm,
    /// `where:` as the SQL predicate, of `raw("…")` or rendered from the object form.
    pub predicate: Option<Predicate>,
}

/// The condition of a partial index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Predicate {
    /// `raw("…")`: SQL.
    Raw(String),
    /// `{ field: value, … }`: every condition must hold.
    Conditions(Vec<Condition>),
}

/// One entry of the object form of `where:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The field's name in the schema file.
    pub field: String,
    /// Whether the condition is wrapped in `not`.
    pub negated: bool,
    /// The value compared with; `None` is null.
    pub value: Option<ConditionValue>,
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ConditionValue {
    String(String),
    Number(String),
    Boolean(bool),
}

/// `type:` of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "PostgreSQL's access methods")]
pub enum IndexAlgorithm {
    #[default]
    BTree,
    Hash,
    Gist,
    Gin,
    SpGist,
    Brin,
}

/// A column of an index or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexField {
    /// The field's name in the schema file.
    pub name: String,
    /// `sort: Desc`.
    pub descending: bool,
    /// `ops:`: `JsonbPathOps`, or the text of `raw("…")`.
    pub operator_class: Option<OperatorClass>,
}

/// `ops:` of an index column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorClass {
    /// One the language names, as written.
    Named(String),
    /// `raw("…")`.
    Raw(String),
}

/// A relation between two models, after its fields were paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// A foreign key: the model that holds it, one to one or one to many.
    Inline(InlineRelation),
    /// An implicit many-to-many relation, kept in a table of its own.
    ManyToMany(ManyToManyRelation),
}

/// A relation kept in columns of one of its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineRelation {
    /// The model with the columns, by name.
    pub model: String,
    /// The relation field in it.
    pub field: String,
    /// Whether the relation field is required (of arity, not of its columns).
    pub is_required: bool,
    /// `fields:`, by field name.
    pub fields: Vec<String>,
    /// The model referred to, by name.
    pub referenced_model: String,
    /// `references:`, by field name.
    pub referenced_fields: Vec<String>,
    /// `onDelete:`, when given.
    pub on_delete: Option<ReferentialAction>,
    /// `onUpdate:`, when given.
    pub on_update: Option<ReferentialAction>,
    /// `map:`, the constraint's name.
    pub map: Option<String>,
    /// Whether one of the two models is ignored or the field is, so that only the database knows it.
    pub is_ignored: bool,
}

/// An implicit many-to-many relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyToManyRelation {
    /// The relation's name, given or made of both models' names: the table is called `_` + this.
    pub name: String,
    /// The model behind column `A`, the first by name (and for a self relation, by field name).
    pub model_a: String,
    /// The model behind column `B`.
    pub model_b: String,
}

/// `onDelete` and `onUpdate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are SQL's")]
pub enum ReferentialAction {
    Cascade,
    Restrict,
    NoAction,
    SetNull,
    SetDefault,
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// The name in the schema file.
    pub name: String,
    /// The type's name in the database.
    pub database_name: String,
    /// `@@schema("…")`.
    pub schema: Option<String>,
    /// Its values, in order.
    pub values: Vec<EnumValue>,
    /// The `///` comments.
    pub documentation: Vec<String>,
    /// The enum's name in the file.
    pub span: Span,
}

/// A value of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// The name in the schema file.
    pub name: String,
    /// The label in the database.
    pub database_name: String,
    /// The `///` comments.
    pub documentation: Vec<String>,
}

impl Schema {
    /// Returns the model or view of that name in the schema file.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// Returns the enum of that name in the schema file.
    pub fn r#enum(&self, name: &str) -> Option<&Enum> {
        self.enums.iter().find(|r#enum| r#enum.name == name)
    }
}

impl Model {
    /// Returns the field of that name in the schema file.
    pub fn field(&self, name: &str) -> Option<&ScalarField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl ScalarType {
    /// Every scalar.
    pub const ALL: [Self; 9] = [
        Self::String,
        Self::Boolean,
        Self::Int,
        Self::BigInt,
        Self::Float,
        Self::Decimal,
        Self::DateTime,
        Self::Json,
        Self::Bytes,
    ];

    /// Returns the name in the schema file.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Boolean => "Boolean",
            Self::Int => "Int",
            Self::BigInt => "BigInt",
            Self::Float => "Float",
            Self::Decimal => "Decimal",
            Self::DateTime => "DateTime",
            Self::Json => "Json",
            Self::Bytes => "Bytes",
        }
    }

    /// Returns the scalar of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scalar| scalar.name() == name)
    }

    /// Whether values are numbers.
    pub fn is_number(self) -> bool {
        match self {
            Self::Int | Self::BigInt | Self::Float | Self::Decimal => true,
            Self::String | Self::Boolean | Self::DateTime | Self::Json | Self::Bytes => false,
        }
    }
}

impl ReferentialAction {
    /// Every action.
    pub const ALL: [Self; 5] =
        [Self::Cascade, Self::Restrict, Self::NoAction, Self::SetNull, Self::SetDefault];

    /// Returns the name in the schema file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cascade => "Cascade",
            Self::Restrict => "Restrict",
            Self::NoAction => "NoAction",
            Self::SetNull => "SetNull",
            Self::SetDefault => "SetDefault",
        }
    }

    /// Returns the action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

impl IndexAlgorithm {
    /// Every access method.
    pub const ALL: [Self; 6] =
        [Self::BTree, Self::Hash, Self::Gist, Self::Gin, Self::SpGist, Self::Brin];

    /// Returns the name in the schema file.
    pub fn name(self) -> &'static str {
        match self {
            Self::BTree => "BTree",
            Self::Hash => "Hash",
            Self::Gist => "Gist",
            Self::Gin => "Gin",
            Self::SpGist => "SpGist",
            Self::Brin => "Brin",
        }
    }

    /// Returns the access method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}
