//! The schema as it was before: what of it is kept.
//!
//! Blocks are found again by the name in the database. Kept are names, positions, `///` comments,
//! `@updatedAt`, `@ignore`, defaults that the client makes, names of relations and of keys; everything
//! else is what the database says.

use std::collections::BTreeSet;

use psl::SchemaFiles;
use psl::constraint_names;
use psl::syntax::{Argument, Arity, Attribute, Block, Expression, Field, FieldType, Label, Member};

/// A previous schema; empty when there is none to keep.
#[derive(Debug, Default)]
pub(crate) struct Previous<'a> {
    /// Models and views in the order of the files.
    pub(crate) models: Vec<Model<'a>>,
    /// Enums in the order of the files.
    pub(crate) enums: Vec<Enum<'a>>,
}

/// A model or view.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    /// The position of its file.
    pub(crate) file: usize,
    pub(crate) name: &'a str,
    pub(crate) map: Option<&'a str>,
    pub(crate) schema: Option<&'a str>,
    pub(crate) is_view: bool,
    pub(crate) is_ignored: bool,
    pub(crate) documentation: &'a [String],
    /// Fields that are columns.
    pub(crate) columns: Vec<ColumnField<'a>>,
    /// Fields that are relations.
    pub(crate) relations: Vec<RelationField<'a>>,
    pub(crate) primary_key: Option<Key<'a>>,
    /// `@unique` of fields, and `@@unique` and `@@index` in the order of the file.
    pub(crate) indexes: Vec<Key<'a>>,
}

/// A field that is a column.
#[derive(Debug)]
pub(crate) struct ColumnField<'a> {
    pub(crate) name: &'a str,
    pub(crate) map: Option<&'a str>,
    pub(crate) arity: Arity,
    pub(crate) documentation: &'a [String],
    pub(crate) is_updated_at: bool,
    pub(crate) is_ignored: bool,
    /// What `@default` says.
    pub(crate) default: Option<&'a Expression>,
}

/// A field that is a relation.
#[derive(Debug)]
pub(crate) struct RelationField<'a> {
    pub(crate) name: &'a str,
    /// The model on the other side.
    pub(crate) model: &'a str,
    pub(crate) arity: Arity,
    pub(crate) is_ignored: bool,
    pub(crate) attribute: Option<&'a Attribute>,
}

/// `@id`, `@@id`, `@unique`, `@@unique` or `@@index`.
#[derive(Debug)]
pub(crate) struct Key<'a> {
    pub(crate) attribute: &'a Attribute,
    /// The fields' names.
    pub(crate) fields: Vec<&'a str>,
    /// The name that client code uses.
    pub(crate) name: Option<&'a str>,
    /// The name in the database, when given.
    pub(crate) map: Option<&'a str>,
    /// Whether it stands on a field.
    pub(crate) is_on_field: bool,
}

/// An enum.
#[derive(Debug)]
pub(crate) struct Enum<'a> {
    /// The position of its file.
    pub(crate) file: usize,
    pub(crate) name: &'a str,
    pub(crate) map: Option<&'a str>,
    pub(crate) schema: Option<&'a str>,
    pub(crate) documentation: &'a [String],
    pub(crate) values: Vec<EnumValue<'a>>,
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct EnumValue<'a> {
    pub(crate) name: &'a str,
    pub(crate) map: Option<&'a str>,
    pub(crate) documentation: &'a [String],
}

impl<'a> Previous<'a> {
    /// Reads the blocks of a schema that was found right.
    pub(crate) fn of(files: &'a SchemaFiles) -> Self {
        let blocks = || {
            let documents = files.documents().iter().zip(0..);
            documents.flat_map(|(document, file)| document.blocks.iter().map(move |b| (file, b)))
        };
        let is_model = |block: &Block| matches!(block.keyword.text.as_str(), "model" | "view");
        let names: BTreeSet<&str> =
            blocks().filter(|(_, b)| is_model(b)).map(|(_, b)| b.name.text.as_str()).collect();
        let models =
            blocks().filter(|(_, b)| is_model(b)).map(|(file, b)| model(file, b, &names)).collect();
        let enums = blocks()
            .filter(|(_, block)| block.keyword.text == "enum")
            .map(|(file, block)| r#enum(file, block))
            .collect();
        Self { models, enums }
    }

    /// Returns the model or view of that name in the schema file.
    pub(crate) fn model(&self, name: &str) -> Option<&Model<'a>> {
        self.models.iter().find(|model| model.name == name)
    }

    /// Returns the place of the model or view of that name among the others.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.models.iter().position(|model| model.name == name)
    }

    /// Returns the field on the other side of a relation.
    pub(crate) fn opposite<'s>(
        &'s self,
        model: &Model<'_>,
        field: &RelationField<'_>,
    ) -> Option<&'s RelationField<'a>> {
        self.model(field.model)?.relations.iter().find(|other| {
            other.model == model.name
                && other.relation_name() == field.relation_name()
                && !(model.name == field.model && other.name == field.name)
        })
    }
}

impl<'a> Model<'a> {
    /// The name in the database.
    pub(crate) fn database_name(&self) -> &'a str {
        self.map.unwrap_or(self.name)
    }

    /// The field of a column.
    pub(crate) fn column(&self, column: &str) -> Option<&ColumnField<'a>> {
        self.columns.iter().find(|field| field.database_name() == column)
    }

    /// The columns of fields, by the fields' names.
    fn column_names<'n>(&'n self, fields: &'n [&'a str]) -> impl Iterator<Item = &'a str> + 'n {
        fields.iter().map(|name| {
            let field = self.columns.iter().find(|field| field.name == *name);
            field.map_or(*name, ColumnField::database_name)
        })
    }

    /// The index that the database calls by that name.
    pub(crate) fn index(&self, name: &str) -> Option<&Key<'a>> {
        self.indexes.iter().find(|index| {
            // Before Prisma 3 the name that client code uses was that of the database.
            index.map.is_none() && index.name == Some(name) || self.index_name(index) == name
        })
    }

    fn index_name(&self, index: &Key<'a>) -> String {
        if let Some(map) = index.map {
            return map.to_owned();
        }
        let columns: Vec<&str> = self.column_names(&index.fields).collect();
        let table = self.database_name();
        if index.is_unique() {
            constraint_names::unique(table, &columns)
        } else {
            constraint_names::index(table, &columns)
        }
    }

    /// The relation kept in those columns.
    pub(crate) fn relation_of(&self, columns: &[&str]) -> Option<&RelationField<'a>> {
        self.relations.iter().find(|field| {
            let fields = field.fields();
            !fields.is_empty()
                && fields.len() == columns.len()
                && self.column_names(&fields).eq(columns.iter().copied())
        })
    }
}

impl<'a> ColumnField<'a> {
    /// The name in the database.
    pub(crate) fn database_name(&self) -> &'a str {
        self.map.unwrap_or(self.name)
    }
}

impl<'a> RelationField<'a> {
    /// The relation's name, when given.
    pub(crate) fn relation_name(&self) -> Option<&'a str> {
        text(argument(self.attribute?, "name", 0)?)
    }

    /// `fields:`.
    pub(crate) fn fields(&self) -> Vec<&'a str> {
        self.argument("fields").map(field_names).unwrap_or_default()
    }

    /// An argument of `@relation` that has a name.
    pub(crate) fn argument(&self, name: &str) -> Option<&'a Expression> {
        named_argument(self.attribute?, name)
    }
}

impl Key<'_> {
    /// Whether it is `@unique` or `@@unique`.
    pub(crate) fn is_unique(&self) -> bool {
        self.attribute.name.text == "unique"
    }
}

impl<'a> EnumValue<'a> {
    /// The label in the database.
    pub(crate) fn label(&self) -> &'a str {
        self.map.unwrap_or(self.name)
    }
}

fn model<'a>(file: usize, block: &'a Block, models: &BTreeSet<&str>) -> Model<'a> {
    let mut model = Model {
        file,
        name: &block.name.text,
        map: mapped(&block.attributes),
        schema: find(&block.attributes, "schema").and_then(|a| text(argument(a, "map", 0)?)),
        is_view: block.keyword.text == "view",
        is_ignored: find(&block.attributes, "ignore").is_some(),
        documentation: &block.documentation,
        columns: Vec::new(),
        relations: Vec::new(),
        primary_key: None,
        indexes: Vec::new(),
    };
    for member in &block.members {
        let Member::Field(field) = member else { continue };
        match &field.r#type {
            Some(FieldType::Name(name)) if models.contains(name.text.as_str()) => {
                model.relations.push(relation_field(field, &name.text));
            }
            Some(FieldType::Name(_) | FieldType::Unsupported(_)) | None => {
                for attribute in &field.attributes {
                    match attribute.name.text.as_str() {
                        "id" => model.primary_key = Some(field_key(field, attribute)),
                        "unique" => model.indexes.push(field_key(field, attribute)),
                        _ => {}
                    }
                }
                model.columns.push(column_field(field));
            }
        }
    }
    for attribute in &block.attributes {
        match attribute.name.text.as_str() {
            "id" => model.primary_key = Some(block_key(attribute)),
            "unique" | "index" => model.indexes.push(block_key(attribute)),
            _ => {}
        }
    }
    model
}

fn column_field(field: &Field) -> ColumnField<'_> {
    ColumnField {
        name: &field.name.text,
        map: mapped(&field.attributes),
        arity: field.arity,
        documentation: &field.documentation,
        is_updated_at: find(&field.attributes, "updatedAt").is_some(),
        is_ignored: find(&field.attributes, "ignore").is_some(),
        default: find(&field.attributes, "default").and_then(|a| argument(a, "value", 0)),
    }
}

fn relation_field<'a>(field: &'a Field, model: &'a str) -> RelationField<'a> {
    RelationField {
        name: &field.name.text,
        model,
        arity: field.arity,
        is_ignored: find(&field.attributes, "ignore").is_some(),
        attribute: find(&field.attributes, "relation"),
    }
}

fn field_key<'a>(field: &'a Field, attribute: &'a Attribute) -> Key<'a> {
    Key {
        attribute,
        fields: vec![&field.name.text],
        name: None,
        map: argument(attribute, "map", 0).and_then(text),
        is_on_field: true,
    }
}

fn block_key(attribute: &Attribute) -> Key<'_> {
    let name = named_argument(attribute, "name").and_then(text);
    let map = named_argument(attribute, "map").and_then(text);
    // `name:` of an index has always been the database's.
    let (name, map) =
        if attribute.name.text == "index" { (None, map.or(name)) } else { (name, map) };
    Key {
        attribute,
        fields: argument(attribute, "fields", 0).map(field_names).unwrap_or_default(),
        name,
        map,
        is_on_field: false,
    }
}

fn r#enum(file: usize, block: &Block) -> Enum<'_> {
    let labels = block.members.iter().filter_map(|member| match member {
        Member::Label(label) => Some(label),
        Member::Property(_) | Member::Field(_) => None,
    });
    Enum {
        file,
        name: &block.name.text,
        map: mapped(&block.attributes),
        schema: find(&block.attributes, "schema").and_then(|a| text(argument(a, "map", 0)?)),
        documentation: &block.documentation,
        values: labels.map(enum_value).collect(),
    }
}

fn enum_value(label: &Label) -> EnumValue<'_> {
    EnumValue {
        name: &label.name.text,
        map: mapped(&label.attributes),
        documentation: &label.documentation,
    }
}

fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.text == name)
}

/// What `@map` or `@@map` says.
fn mapped(attributes: &[Attribute]) -> Option<&str> {
    text(argument(find(attributes, "map")?, "name", 0)?)
}

fn named_argument<'a>(attribute: &'a Attribute, name: &str) -> Option<&'a Expression> {
    let is_meant = |argument: &&Argument| argument.name.as_ref().is_some_and(|n| n.text == name);
    attribute.arguments.iter().find(is_meant)?.value.as_ref()
}

/// An argument by its name, or the one without a name in that place.
fn argument<'a>(attribute: &'a Attribute, name: &str, place: usize) -> Option<&'a Expression> {
    named_argument(attribute, name).or_else(|| {
        let argument = attribute.arguments.get(place)?;
        if argument.name.is_some() { None } else { argument.value.as_ref() }
    })
}

/// The text of a string.
pub(crate) fn text(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::String(word) => Some(&word.text),
        Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Function(_)
        | Expression::Array(..)
        | Expression::Object(..) => None,
    }
}

/// The names in `[a, b(sort: Desc)]`.
pub(crate) fn field_names(expression: &Expression) -> Vec<&str> {
    match expression {
        Expression::Array(items, _) => items.iter().flat_map(field_names).collect(),
        Expression::Constant(word) => vec![&word.text],
        Expression::Function(function) => vec![&function.name.text],
        Expression::String(_) | Expression::Number(_) | Expression::Object(..) => Vec::new(),
    }
}
