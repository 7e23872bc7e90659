//! The schema while it is being resolved: syntax and what was found out about it, side by side.
//!
//! Models, enums and fields are referred to by position ([`ModelId`], [`EnumId`], [`FieldId`]), which
//! only this module hands out.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Index, IndexMut},
};

use super::datasource::DatasourceDraft;
use crate::{
    schema::{IndexAlgorithm, OperatorClass, Predicate, ReferentialAction, ScalarType},
    source::Span,
    syntax::{Attribute, Block, Expression, Field, Word},
};

/// The position of a model or view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ModelId(usize);

/// The position of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EnumId(usize);

/// The position of a field in its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FieldId(usize);

/// Everything known so far.
#[derive(Default)]
pub(super) struct Draft<'a> {
    pub(super) datasource: Option<DatasourceDraft<'a>>,
    pub(super) features: BTreeSet<&'static str>,
    models: Vec<ModelDraft<'a>>,
    enums: Vec<EnumDraft<'a>>,
    /// Models, views, enums and composite types in the order of the files.
    pub(super) tops: Vec<Top<'a>>,
    /// What a type name stands for.
    pub(super) names: BTreeMap<&'a str, Top<'a>>,
    /// Relations, in the order of their deciding field.
    pub(super) relations: Vec<RelationDraft<'a>>,
}

/// What the name of a block stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Top<'a> {
    Model(ModelId),
    Enum(EnumId),
    Composite(&'a Block),
}

/// A model or view.
pub(super) struct ModelDraft<'a> {
    pub(super) block: &'a Block,
    pub(super) is_view: bool,
    pub(super) is_ignored: bool,
    pub(super) mapped_name: Option<&'a str>,
    pub(super) schema: Option<&'a Word>,
    pub(super) primary_key: Option<KeyDraft<'a>>,
    pub(super) indexes: Vec<KeyDraft<'a>>,
    /// `@shardKey` and `@@shardKey`, with their at signs.
    pub(super) shard_keys: Vec<(&'static str, &'a Attribute)>,
    fields: Vec<FieldDraft<'a>>,
    fields_by_name: BTreeMap<&'a str, FieldId>,
}

/// A field of a model.
pub(super) struct FieldDraft<'a> {
    pub(super) syntax: &'a Field,
    pub(super) is_ignored: bool,
    pub(super) kind: FieldKind<'a>,
}

/// A column or a relation.
pub(super) enum FieldKind<'a> {
    Column(ColumnDraft<'a>),
    Relation(RelationFieldDraft<'a>),
    /// Its type is not known, which has been reported.
    Unknown,
}

/// A field that is a column.
pub(super) struct ColumnDraft<'a> {
    pub(super) r#type: ColumnType<'a>,
    pub(super) mapped_name: Option<&'a str>,
    pub(super) is_updated_at: bool,
    pub(super) default: Option<DefaultDraft<'a>>,
    /// `@db.X`.
    pub(super) native_type: Option<&'a Attribute>,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnType<'a> {
    Scalar(ScalarType),
    Enum(EnumId),
    Composite,
    Unsupported(&'a str),
}

/// A default that fits its column.
pub(super) struct DefaultDraft<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) value: &'a Expression,
    pub(super) map: Option<&'a str>,
}

/// A field that is a relation.
pub(super) struct RelationFieldDraft<'a> {
    pub(super) target: ModelId,
    pub(super) attribute: Option<&'a Attribute>,
    pub(super) name: Option<&'a str>,
    pub(super) fields: Option<Vec<FieldId>>,
    pub(super) references: Option<Vec<FieldId>>,
    pub(super) on_delete: Option<(ReferentialAction, Span)>,
    pub(super) on_update: Option<(ReferentialAction, Span)>,
    pub(super) map: Option<&'a str>,
}

/// What a key or index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Primary,
    Unique,
    Index,
    Fulltext,
}

/// A primary key, unique index or index.
pub(super) struct KeyDraft<'a> {
    pub(super) kind: KeyKind,
    pub(super) attribute: &'a Attribute,
    /// Whether it stands on a field (one at sign) or in the block (two).
    pub(super) is_on_field: bool,
    pub(super) fields: Vec<KeyFieldDraft>,
    /// The name in client code.
    pub(super) name: Option<&'a str>,
    /// The name in the database.
    pub(super) map: Option<&'a str>,
    pub(super) algorithm: Option<IndexAlgorithm>,
    pub(super) has_clustering: bool,
    pub(super) predicate: Option<Predicate>,
}

/// A column of a key or index.
pub(super) struct KeyFieldDraft {
    pub(super) field: FieldId,
    pub(super) sort: Option<Sort>,
    pub(super) has_length: bool,
    pub(super) operator_class: Option<OperatorClass>,
}

/// `sort:` of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Ascending,
    Descending,
}

/// An enum.
pub(super) struct EnumDraft<'a> {
    pub(super) block: &'a Block,
    pub(super) mapped_name: Option<&'a str>,
    pub(super) schema: Option<&'a Word>,
    /// Names and labels of the values.
    pub(super) values: Vec<(&'a str, &'a str)>,
}

/// A relation field by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RelationFieldId {
    pub(super) model: ModelId,
    pub(super) field: FieldId,
}

/// Two relation fields that belong together, or one that has no counterpart.
#[derive(Debug, Clone, Copy)]
pub(super) struct RelationDraft<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) kind: RelationKind,
}

/// The sorts of relation.
#[derive(Debug, Clone, Copy)]
pub(super) enum RelationKind {
    /// The forward field holds the foreign key.
    OneToOne { forward: RelationFieldId, back: Option<RelationFieldId> },
    /// The forward field holds the foreign key; only one of the two may be absent.
    OneToMany { forward: Option<RelationFieldId>, back: Option<RelationFieldId> },
    /// Lists on both sides; `a` is the first by name.
    ManyToMany { a: RelationFieldId, b: RelationFieldId },
}

impl<'a> Draft<'a> {
    pub(super) fn add_model(&mut self, model: ModelDraft<'a>) -> ModelId {
        self.models.push(model);
        ModelId(self.models.len() - 1)
    }

    pub(super) fn add_enum(&mut self, r#enum: EnumDraft<'a>) -> EnumId {
        self.enums.push(r#enum);
        EnumId(self.enums.len() - 1)
    }

    /// The models and views in the order of the files.
    pub(super) fn model_ids(&self) -> impl Iterator<Item = ModelId> + use<> {
        (0..self.models.len()).map(ModelId)
    }

    /// First the models, then the views, in which order Prisma checks them.
    pub(super) fn models_then_views(&self) -> Vec<ModelId> {
        let (views, mut models): (Vec<_>, Vec<_>) =
            self.model_ids().partition(|model| self[*model].is_view);
        models.extend(views);
        models
    }

    pub(super) fn enum_ids(&self) -> impl Iterator<Item = EnumId> + use<> {
        (0..self.enums.len()).map(EnumId)
    }

    /// The relation field at a place that is known to be one.
    pub(super) fn relation_field(&self, id: RelationFieldId) -> Option<&RelationFieldDraft<'a>> {
        self[id.model][id.field].as_relation()
    }

    /// The syntax of the relation field at a place.
    pub(super) fn relation_syntax(&self, id: RelationFieldId) -> &'a Field {
        self[id.model][id.field].syntax
    }
}

impl<'a> ModelDraft<'a> {
    pub(super) fn new(block: &'a Block) -> Self {
        Self {
            block,
            is_view: block.keyword.text == "view",
            is_ignored: false,
            mapped_name: None,
            schema: None,
            primary_key: None,
            indexes: Vec::new(),
            shard_keys: Vec::new(),
            fields: Vec::new(),
            fields_by_name: BTreeMap::new(),
        }
    }

    /// `model` or `view`.
    pub(super) fn keyword(&self) -> &'static str {
        if self.is_view { "view" } else { "model" }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.block.name.text
    }

    pub(super) fn database_name(&self) -> &'a str {
        self.mapped_name.unwrap_or(self.name())
    }

    pub(super) fn add_field(&mut self, field: FieldDraft<'a>) {
        let id = FieldId(self.fields.len());
        self.fields_by_name.insert(&field.syntax.name.text, id);
        self.fields.push(field);
    }

    pub(super) fn find(&self, name: &str) -> Option<FieldId> {
        self.fields_by_name.get(name).copied()
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (FieldId, &FieldDraft<'a>)> {
        self.fields.iter().enumerate().map(|(position, field)| (FieldId(position), field))
    }

    pub(super) fn columns(
        &self,
    ) -> impl Iterator<Item = (FieldId, &FieldDraft<'a>, &ColumnDraft<'a>)> {
        self.fields().filter_map(|(id, field)| Some((id, field, field.as_column()?)))
    }

    pub(super) fn relation_fields(
        &self,
    ) -> impl Iterator<Item = (FieldId, &FieldDraft<'a>, &RelationFieldDraft<'a>)> {
        self.fields().filter_map(|(id, field)| Some((id, field, field.as_relation()?)))
    }

    pub(super) fn field_ids(&self) -> impl Iterator<Item = FieldId> + use<> {
        (0..self.fields.len()).map(FieldId)
    }

    /// The names of fields, joined.
    pub(super) fn join(&self, fields: &[FieldId], separator: &str) -> String {
        let names: Vec<&str> = fields.iter().map(|field| self[*field].name()).collect();
        names.join(separator)
    }

    /// The name of the field's column.
    pub(super) fn column_name(&self, field: FieldId) -> &'a str {
        let field = &self[field];
        field.as_column().and_then(|column| column.mapped_name).unwrap_or(field.name())
    }

    /// The primary key and the unique indexes: whatever tells rows apart.
    pub(super) fn unique_criteria(&self) -> impl Iterator<Item = &KeyDraft<'a>> {
        let unique = |key: &&KeyDraft<'a>| key.kind == KeyKind::Unique;
        self.primary_key.iter().chain(self.indexes.iter().filter(unique))
    }
}

impl<'a> EnumDraft<'a> {
    pub(super) fn new(block: &'a Block) -> Self {
        Self { block, mapped_name: None, schema: None, values: Vec::new() }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.block.name.text
    }

    pub(super) fn database_name(&self) -> &'a str {
        self.mapped_name.unwrap_or(self.name())
    }
}

impl RelationFieldDraft<'_> {
    pub(super) fn new(target: ModelId) -> Self {
        Self {
            target,
            attribute: None,
            name: None,
            fields: None,
            references: None,
            on_delete: None,
            on_update: None,
            map: None,
        }
    }
}

impl<'a> FieldDraft<'a> {
    pub(super) fn name(&self) -> &'a str {
        &self.syntax.name.text
    }

    pub(super) fn as_column(&self) -> Option<&ColumnDraft<'a>> {
        match &self.kind {
            FieldKind::Column(column) => Some(column),
            FieldKind::Relation(_) | FieldKind::Unknown => None,
        }
    }

    pub(super) fn as_relation(&self) -> Option<&RelationFieldDraft<'a>> {
        match &self.kind {
            FieldKind::Column(_) | FieldKind::Unknown => None,
            FieldKind::Relation(relation) => Some(relation),
        }
    }
}

impl<'a> KeyDraft<'a> {
    /// A key or index without columns and options.
    pub(super) fn new(kind: KeyKind, attribute: &'a Attribute) -> Self {
        Self {
            kind,
            attribute,
            is_on_field: false,
            fields: Vec::new(),
            name: None,
            map: None,
            algorithm: None,
            has_clustering: false,
            predicate: None,
        }
    }

    /// The attribute's name with its at signs.
    pub(super) fn label(&self) -> &'static str {
        match (self.kind, self.is_on_field) {
            (KeyKind::Primary, true) => "@id",
            (KeyKind::Primary, false) => "@@id",
            (KeyKind::Unique, true) => "@unique",
            (KeyKind::Unique, false) => "@@unique",
            (KeyKind::Index, _) => "@@index",
            (KeyKind::Fulltext, _) => "@@fulltext",
        }
    }

    pub(super) fn field_ids(&self) -> Vec<FieldId> {
        self.fields.iter().map(|one| one.field).collect()
    }
}

impl<'a> Index<ModelId> for Draft<'a> {
    type Output = ModelDraft<'a>;

    #[expect(clippy::indexing_slicing, reason = "ids are handed out by this module only")]
    fn index(&self, id: ModelId) -> &Self::Output {
        &self.models[id.0]
    }
}

impl IndexMut<ModelId> for Draft<'_> {
    #[expect(clippy::indexing_slicing, reason = "ids are handed out by this module only")]
    fn index_mut(&mut self, id: ModelId) -> &mut Self::Output {
        &mut self.models[id.0]
    }
}

impl<'a> Index<EnumId> for Draft<'a> {
    type Output = EnumDraft<'a>;

    #[expect(clippy::indexing_slicing, reason = "ids are handed out by this module only")]
    fn index(&self, id: EnumId) -> &Self::Output {
        &self.enums[id.0]
    }
}

impl IndexMut<EnumId> for Draft<'_> {
    #[expect(clippy::indexing_slicing, reason = "ids are handed out by this module only")]
    fn index_mut(&mut self, id: EnumId) -> &mut Self::Output {
        &mut self.enums[id.0]
    }
}

impl<'a> Index<FieldId> for ModelDraft<'a> {
    type Output = FieldDraft<'a>;

    #[expect(clippy::indexing_slicing, reason = "ids are handed out by this module only")]
    fn index(&self, id: FieldId) -> &Self::Output {
        &self.fields[id.0]
    }
}

impl IndexMut<FieldId> for ModelDraft<'_> {
    #[expect(clippy::indexing_slicing, reason = "ids are handed out by this module only")]
    fn index_mut(&mut self, id: FieldId) -> &mut Self::Output {
        &mut self.fields[id.0]
    }
}
